import * as z from "zod";
import type { ModelReply } from "../model-script.ts";
import { type Conversation, MessageList } from "../recorded-request.ts";
import { demand, read } from "../refusal.ts";
import {
  objectSchema,
  pieces,
  type ReadContext,
  type ServerWire,
  type StreamedReply,
  sentBack,
  signature,
  sse,
  stopOf,
  toolName,
  usageOf,
} from "../wire.ts";

const functionCall = z.strictObject({
  id: z.string().optional(),
  name: toolName,
  args: z.record(z.string(), z.unknown()).optional(),
});
const inlineData = z.strictObject({
  mimeType: z.enum(["image/png", "image/jpeg", "image/webp"]),
  data: z.base64(),
});
const functionResponse = z.strictObject({
  id: z.string().optional(),
  name: toolName,
  response: z.record(z.string(), z.unknown()),
  parts: z.array(z.strictObject({ inlineData })).optional(),
});
const part = z
  .strictObject({
    text: z.string().optional(),
    thought: z.boolean().optional(),
    thoughtSignature: z.string().optional(),
    functionCall: functionCall.optional(),
    functionResponse: functionResponse.optional(),
    inlineData: inlineData.optional(),
  })
  .refine(
    ({ text, thoughtSignature, functionCall, functionResponse, inlineData }) =>
      text || (text !== undefined && thoughtSignature) || functionCall || functionResponse || inlineData,
    "data: required oneof field 'data' must have one initialized field",
  );
type Part = z.infer<typeof part>;

const bodySchema = z.strictObject({
  contents: z.array(z.strictObject({ role: z.enum(["user", "model"]), parts: z.array(part).min(1) })).min(1),
  systemInstruction: z
    .strictObject({ role: z.string().optional(), parts: z.array(z.strictObject({ text: z.string().min(1) })) })
    .optional(),
  tools: z
    .array(
      z.strictObject({
        functionDeclarations: z.array(
          z.strictObject({ name: toolName, description: z.string().optional(), parametersJsonSchema: objectSchema }),
        ),
      }),
    )
    .optional(),
  generationConfig: z.looseObject({}).optional(),
});
type Body = z.infer<typeof bodySchema>;

/** Google's Gemini API. */
export const googleWire: ServerWire = {
  name: "google",
  path: /\/models\/[^/]+:streamGenerateContent$/,
  key: (headers) => {
    const key = headers["x-goog-api-key"];
    return Array.isArray(key) ? key[0] : key;
  },
  noKey: { status: 403, message: "Method doesn't allow unregistered callers. Please use API Key." },
  tooLong: (tokens, most) =>
    `The input token count (${tokens}) exceeds the maximum number of tokens allowed (${most}).`,
  read: readBody,
  error: (status, message) => ({ error: { code: status, message, status: statusName(status) } }),
  events,
};

function statusName(status: number): string {
  const names = new Map([
    [401, "UNAUTHENTICATED"],
    [403, "PERMISSION_DENIED"],
    [404, "NOT_FOUND"],
    [429, "RESOURCE_EXHAUSTED"],
    [503, "UNAVAILABLE"],
  ]);
  return names.get(status) ?? (status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT");
}

function readBody(json: unknown, context: ReadContext): Conversation {
  const body = read(bodySchema, json);
  const model = /([^/]+):[^/]*$/.exec(context.path)?.[1] ?? "";
  checkTools(body, context);
  for (const [index, { role, parts }] of body.contents.entries()) {
    const previous = body.contents[index - 1];
    const expected = index % 2 === 0 ? "user" : "model";
    demand(role === expected, `contents[${index}]: please ensure that roles alternate, starting with user.`);
    if (role === "user") checkResponses(parts, callsOf(previous?.parts ?? []));
    else checkSignatures(parts, index, model);
  }
  demand(body.contents.at(-1)?.role === "user", "Please ensure that the conversation ends with a user turn.");
  return conversation(body, model);
}

function callsOf(parts: readonly Part[]) {
  return parts.flatMap((part) => part.functionCall ?? []);
}

function responsesOf(parts: readonly Part[]) {
  return parts.flatMap((part) => part.functionResponse ?? []);
}

function checkTools({ tools = [], contents }: Body, { played }: ReadContext): void {
  const names = tools.flatMap((tool) => tool.functionDeclarations).map((declaration) => declaration.name);
  // Without tools a conversation may still tell of calls, as when it is to be summed up.
  if (names.length === 0) return;
  for (const { name } of contents.flatMap(({ parts }) => callsOf(parts))) {
    demand(names.includes(name) || played(name), `contents: functionCall of unknown function "${name}".`);
  }
}

function checkResponses(parts: readonly Part[], asked: ReturnType<typeof callsOf>): void {
  const given = responsesOf(parts);
  demand(
    given.length === asked.length,
    "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
  );
  for (const [index, { name, id }] of given.entries()) {
    const call = asked[index];
    demand(call?.name === name, `functionResponse "${name}" does not answer the functionCall "${call?.name}".`);
    demand(call.id === id, `functionResponse "${name}" must have the id of its functionCall.`);
  }
  const order = parts.map((part) => (part.functionResponse ? 0 : 1));
  demand(order.toSorted().join() === order.join(), "Please ensure that function responses come before other parts.");
}

// As Gemini 3 demands of the turn that is running; here of all, for what was given ought to come back.
function checkSignatures(parts: readonly Part[], index: number, model: string): void {
  const first = parts.find((part) => part.functionCall);
  if (!first?.functionCall || /^gemini-[12]\b/.test(model)) return;
  const { name } = first.functionCall;
  demand(
    first.thoughtSignature,
    `Function call \`${name}\` in the ${index}. content block is missing a \`thought_signature\`.`,
  );
  const known = [signature(name), "context_engineering_is_the_way_to_go", "skip_thought_signature_validator"];
  demand(known.includes(first.thoughtSignature), `Thought signature of \`${name}\` is not valid.`);
}

function conversation({ systemInstruction, tools = [], contents }: Body, model: string): Conversation {
  const list = new MessageList();
  for (const { role, parts } of contents) {
    for (const part of parts) {
      const to = role === "user" ? "user" : "assistant";
      if (part.text) list.add(to, part.thought ? { thinking: part.text } : { text: part.text });
      if (part.functionCall) {
        const { args: input = {}, ...call } = part.functionCall;
        list.add(to, { call: { ...call, input } });
      }
      if (part.functionResponse) list.add(to, { result: result(part.functionResponse) });
    }
  }
  return {
    model,
    system: systemInstruction?.parts.map((part) => part.text).join("\n\n") ?? "",
    tools: tools.flatMap((tool) => tool.functionDeclarations).map((declaration) => declaration.name),
    messages: list.list(),
  };
}

function result({ id, name, response, parts: [picture] = [] }: z.infer<typeof functionResponse>) {
  const failed = "error" in response;
  const text = String((failed ? response.error : response.output) ?? JSON.stringify(response));
  const image = picture && `data:${picture.inlineData.mimeType};base64,${picture.inlineData.data}`;
  return { ...(id ? { id } : {}), name, text, ...(failed ? { isError: true as const } : {}), ...(image && { image }) };
}

const finishReasons = { end: "STOP", calls: "STOP", length: "MAX_TOKENS", refused: "SAFETY" } as const;

function events(reply: ModelReply, model: string): StreamedReply {
  const chunk = (parts: Part[], finish: object = {}, rest: object = {}) =>
    sse({ candidates: [{ content: { role: "model", parts }, index: 0, ...finish }], ...rest, modelVersion: model });
  const parts: Part[] = [
    ...pieces(reply.thinking ?? "").map((text) => ({ text, thought: true })),
    ...pieces(reply.text ?? "").map((text) => ({ text })),
    ...(reply.calls ?? []).map(({ id, name, input: args = {} }, index) => ({
      functionCall: { ...(id ? { id } : {}), name, args },
      // Of parallel calls only the first is signed.
      ...(index === 0 ? { thoughtSignature: signature(sentBack(name)) } : {}),
    })),
  ];
  const thought = reply.thinking !== undefined && !reply.calls?.length;
  const last = thought ? [{ text: "", thoughtSignature: signature(reply.text ?? "") }] : [];
  return {
    content: parts.map((part) => chunk([part])),
    end: [chunk(last, { finishReason: finishReasons[stopOf(reply)] }, { usageMetadata: usage(reply) })],
  };
}

function usage(reply: ModelReply) {
  const { input, output, cacheRead, cacheWrite } = usageOf(reply);
  const promptTokenCount = input + cacheRead + cacheWrite;
  return {
    promptTokenCount,
    cachedContentTokenCount: cacheRead,
    candidatesTokenCount: output,
    totalTokenCount: promptTokenCount + output,
  };
}
