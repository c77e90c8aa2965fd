import * as z from "zod";
import type { ModelReply } from "../model-script.ts";
import { type Conversation, MessageList } from "../recorded-request.ts";
import { demand, demandUnique, read } from "../refusal.ts";
import {
  argumentsOf,
  interleaved,
  newId,
  objectSchema,
  pieces,
  type ReadContext,
  type ServerWire,
  type StreamedReply,
  signature,
  sse,
  stopOf,
  toolName,
  usageOf,
} from "../wire.ts";
import { jsonObject, openAiError } from "./openai-error.ts";

const text = z.string().min(1, "text must not be empty");

const easyMessage = z.strictObject({
  type: z.literal("message").optional(),
  role: z.enum(["user", "assistant", "system", "developer"]),
  content: z.union([text, z.array(z.strictObject({ type: z.literal("input_text"), text })).min(1)]),
  phase: z.enum(["commentary", "final_answer"]).optional(),
});
const outputMessage = z.strictObject({
  type: z.literal("message"),
  id: z.string().startsWith("msg_", "Expected an ID that begins with 'msg'."),
  role: z.literal("assistant"),
  status: z.enum(["completed", "incomplete"]),
  content: z.array(z.strictObject({ type: z.literal("output_text"), text, annotations: z.array(z.unknown()) })).min(1),
  phase: z.enum(["commentary", "final_answer"]).optional(),
});
const reasoningItem = z.strictObject({
  type: z.literal("reasoning"),
  id: z.string().startsWith("rs_", "Expected an ID that begins with 'rs'."),
  summary: z.array(z.strictObject({ type: z.literal("summary_text"), text: z.string() })),
  encrypted_content: z.string().optional(),
});
const callItem = z.strictObject({
  type: z.literal("function_call"),
  id: z.string().startsWith("fc_", "Expected an ID that begins with 'fc'.").optional(),
  call_id: z.string().min(1).max(64),
  name: toolName,
  arguments: jsonObject,
});
const resultItem = z.strictObject({
  type: z.literal("function_call_output"),
  call_id: z.string().min(1).max(64),
  output: z.union([
    z.string(),
    z.array(
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("input_text"), text: z.string() }),
        z.strictObject({ type: z.literal("input_image"), image_url: z.string().startsWith("data:image/") }),
      ]),
    ),
  ]),
});
const itemSchema = z.union([reasoningItem, callItem, resultItem, outputMessage, easyMessage]);

const bodySchema = z.strictObject({
  model: z.string().min(1),
  stream: z.literal(true),
  store: z.boolean().optional(),
  include: z.array(z.literal("reasoning.encrypted_content")).optional(),
  instructions: z.string().optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal("function"),
        name: toolName,
        description: z.string().optional(),
        parameters: objectSchema,
        strict: z.boolean().optional(),
      }),
    )
    .optional(),
  input: z.array(itemSchema).min(1),
});
type Body = z.infer<typeof bodySchema>;
type Item = z.infer<typeof itemSchema>;

/** OpenAI's Responses API. */
export const responsesWire: ServerWire = {
  name: "openai-responses",
  path: /\/responses$/,
  key: (headers) => headers.authorization?.replace(/^Bearer /, ""),
  noKey: { status: 401, message: "Incorrect API key provided." },
  tooLong: () => "Your input exceeds the context window of this model. Please adjust your input and try again.",
  read: readBody,
  error: openAiError,
  events,
};

function readBody(json: unknown, context: ReadContext): Conversation {
  const body = read(bodySchema, json);
  if (/^gpt-4/.test(body.model)) demand(!body.include, "Encrypted content is not supported with this model.");
  checkTools(body, context);
  checkResults(body.input);
  checkReasoning(body);
  demandUnique(
    body.input.flatMap((item) => ("id" in item && item.id ? [item.id] : [])),
    (id) => `Duplicate item found with id ${id}. Remove duplicate items from your input and try again.`,
  );
  return conversation(body);
}

function checkTools({ tools = [], input }: Body, { played }: ReadContext): void {
  const names = tools.map((tool) => tool.name);
  for (const tool of tools) {
    const { properties = {}, required = [] } = tool.parameters;
    const exact = Object.keys(properties).every((name) => required.includes(name));
    demand(
      tool.strict === false || exact,
      `Invalid schema for function '${tool.name}': all properties must be required`,
    );
  }
  for (const item of input) {
    // Without tools a conversation may still tell of calls, as when it is to be summed up.
    if (item.type !== "function_call" || names.length === 0) continue;
    demand(names.includes(item.name) || played(item.name), `input: function_call of unknown tool "${item.name}".`);
  }
}

function checkResults(input: readonly Item[]): void {
  const called = new Set<string>();
  const answered = new Set<string>();
  for (const item of input) {
    if (item.type === "function_call") {
      demand(!called.has(item.call_id), `Duplicate function_call with call_id ${item.call_id}.`);
      called.add(item.call_id);
    } else if (item.type === "function_call_output") {
      demand(called.has(item.call_id), `No tool call found for function call output with call_id ${item.call_id}.`);
      demand(!answered.has(item.call_id), `Duplicate function_call_output with call_id ${item.call_id}.`);
      answered.add(item.call_id);
    } else if (item.type !== "reasoning" && item.role === "assistant") continue;
    else if (item.type !== "reasoning") demandAnswered(called, answered);
  }
  demandAnswered(called, answered);
}

function demandAnswered(called: ReadonlySet<string>, answered: ReadonlySet<string>): void {
  for (const id of called) demand(answered.has(id), `No tool output found for function call ${id}.`);
}

// The item that follows reasoning carries the same letters in its id, so that the pair knows itself.
function checkReasoning({ input, store }: Body): void {
  for (const [index, item] of input.entries()) {
    const before = input[index - 1];
    if (item.type === "reasoning") {
      const { id, encrypted_content: encrypted } = item;
      demand(
        encrypted || store !== false,
        `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false.`,
        404,
      );
      const text = item.summary.map((part) => part.text).join("\n\n");
      demand(
        encrypted === undefined || encrypted === signature(id + text),
        `The encrypted content for item ${id} could not be verified.`,
      );
      const next = input[index + 1];
      const followed = next && "id" in next && next.type !== "reasoning" && next.id?.endsWith(id.slice(3));
      demand(followed, `Item '${id}' of type 'reasoning' was provided without its required following item.`);
    } else if ("id" in item && item.id?.includes("_r")) {
      const reasoning = `rs_${item.id.slice(item.id.indexOf("_r") + 1)}`;
      const preceded = before?.type === "reasoning" && before.id === reasoning;
      demand(
        preceded,
        `Item '${item.id}' of type '${item.type}' was provided without its required 'reasoning' item: '${reasoning}'.`,
      );
    }
  }
}

function outputOf(output: z.infer<typeof resultItem>["output"]): { text: string; image?: string } {
  if (typeof output === "string") return { text: output };
  const text = output.flatMap((part) => (part.type === "input_text" ? [part.text] : [])).join("");
  const [image] = output.flatMap((part) => (part.type === "input_image" ? [part.image_url] : []));
  return { text, ...(image === undefined ? {} : { image }) };
}

function conversation({ model, instructions = "", tools = [], input }: Body): Conversation {
  const list = new MessageList();
  for (const item of input) {
    if (item.type === "reasoning")
      list.add("assistant", { thinking: item.summary.map((part) => part.text).join("\n\n") });
    else if (item.type === "function_call") {
      list.add("assistant", { call: { id: item.call_id, name: item.name, input: JSON.parse(item.arguments) } });
    } else if (item.type === "function_call_output") {
      list.add("user", { result: { id: item.call_id, ...outputOf(item.output) } });
    } else {
      const text = typeof item.content === "string" ? item.content : item.content.map((part) => part.text).join("");
      list.add(item.role === "assistant" ? "assistant" : "user", { text });
    }
  }
  return { model, system: instructions, tools: tools.map((tool) => tool.name), messages: list.list() };
}

type Data = Record<string, unknown>;

function events(reply: ModelReply, model: string): StreamedReply {
  let number = 0;
  const typed = (type: string, data: Data) => sse({ type, ...data, sequence_number: number++ }, type);
  const response = { id: newId("resp_"), object: "response", model, status: "in_progress", output: [] };
  const streamed = items(reply);
  // Reasoning and text come one after the other, the calls beside each other.
  const alone = streamed.filter((item) => item.done.type !== "function_call");
  const calls = streamed.filter((item) => item.done.type === "function_call");
  const content = [...alone.flatMap((item) => item.events), ...interleaved(calls.map((item) => item.events))];
  const incomplete = incompleteReasons[stopOf(reply)];
  const type = incomplete ? "response.incomplete" : "response.completed";
  const whole = {
    ...response,
    status: incomplete ? "incomplete" : "completed",
    incomplete_details: incomplete ? { reason: incomplete } : null,
    output: streamed.map((item) => item.done),
    usage: usage(reply),
  };
  return {
    content: [typed("response.created", { response }), ...content.map(([type, data]) => typed(type, data))],
    end: [typed(type, { response: whole })],
  };
}

const incompleteReasons = { end: undefined, calls: undefined, length: "max_output_tokens", refused: "content_filter" };

function usage(reply: ModelReply) {
  const { input, output, cacheRead, cacheWrite } = usageOf(reply);
  return {
    input_tokens: input + cacheRead + cacheWrite,
    input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + cacheRead + cacheWrite + output,
  };
}

interface StreamedItem {
  done: Data;
  events: [type: string, data: Data][];
}

function items({ thinking, text, calls = [] }: ModelReply): StreamedItem[] {
  const all: StreamedItem[] = [];
  let link = "";
  const itemId = (prefix: string) => {
    const id = `${newId(prefix)}${link}`;
    link = "";
    return id;
  };
  if (thinking !== undefined && (text || calls.length > 0)) {
    link = newId("_r");
    all.push(reasoning(`rs${link}`, thinking, all.length));
  }
  if (text) all.push(message(itemId("msg_"), text, all.length));
  for (const call of calls) {
    const { name, id = newId("call_") } = call;
    all.push(functionCall({ id: itemId("fc_"), call_id: id, name }, argumentsOf(call), all.length));
  }
  return all;
}

function reasoning(id: string, thinking: string, index: number): StreamedItem {
  const summary = thinking === "" ? [] : [{ type: "summary_text", text: thinking }];
  const deltas = pieces(thinking).map((delta): [string, Data] => [
    "response.reasoning_summary_text.delta",
    { item_id: id, output_index: index, summary_index: 0, delta },
  ]);
  const done = { type: "reasoning", id, summary, encrypted_content: signature(id + thinking) };
  return framed({ type: "reasoning", id, summary: [] }, done, index, deltas);
}

function message(id: string, text: string, index: number): StreamedItem {
  const deltas = pieces(text).map((delta): [string, Data] => [
    "response.output_text.delta",
    { item_id: id, output_index: index, content_index: 0, delta, logprobs: [] },
  ]);
  const item = { type: "message", id, role: "assistant", phase: "final_answer" };
  const content = [{ type: "output_text", text, annotations: [] }];
  return framed(
    { ...item, status: "in_progress", content: [] },
    { ...item, status: "completed", content },
    index,
    deltas,
  );
}

function functionCall(call: { id: string; call_id: string; name: string }, json: string, index: number): StreamedItem {
  const place = { item_id: call.id, output_index: index };
  const deltas = pieces(json).map((delta): [string, Data] => [
    "response.function_call_arguments.delta",
    { ...place, delta },
  ]);
  deltas.push(["response.function_call_arguments.done", { ...place, name: call.name, arguments: json }]);
  const item = { type: "function_call", ...call };
  return framed(
    { ...item, status: "in_progress", arguments: "" },
    { ...item, status: "completed", arguments: json },
    index,
    deltas,
  );
}

function framed(added: Data, done: Data, index: number, deltas: [string, Data][]): StreamedItem {
  const start: [string, Data] = ["response.output_item.added", { output_index: index, item: added }];
  const end: [string, Data] = ["response.output_item.done", { output_index: index, item: done }];
  return { done, events: [start, ...deltas, end] };
}
