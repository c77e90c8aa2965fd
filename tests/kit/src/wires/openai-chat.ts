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
  sse,
  stopOf,
  toolName,
  usageOf,
} from "../wire.ts";
import { jsonObject, openAiError } from "./openai-error.ts";

const text = z.string().min(1, "content must not be empty");
const callId = z.string().min(1).max(40);

const messageSchema = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("system"), content: text }),
  z.strictObject({ role: z.literal("user"), content: text }),
  z.strictObject({
    role: z.literal("assistant"),
    content: text.nullable(),
    // Not OpenAI's own, but that of the servers this wire is for, which give it too.
    reasoning_content: z.string().optional(),
    tool_calls: z
      .array(
        z.strictObject({
          id: callId,
          type: z.literal("function"),
          function: z.strictObject({ name: toolName, arguments: jsonObject }),
        }),
      )
      .min(1)
      .optional(),
  }),
  z.strictObject({ role: z.literal("tool"), tool_call_id: callId, content: z.string() }),
]);

const bodySchema = z.strictObject({
  model: z.string().min(1),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.boolean() }).optional(),
  messages: z.array(messageSchema).min(1),
  tools: z
    .array(
      z.strictObject({
        type: z.literal("function"),
        function: z.strictObject({ name: toolName, description: z.string().optional(), parameters: objectSchema }),
      }),
    )
    .min(1)
    .optional(),
});
type Body = z.infer<typeof bodySchema>;
type Message = z.infer<typeof messageSchema>;

/** OpenAI's Chat Completions API, as the many servers that are compatible with it speak it. */
export const chatWire: ServerWire = {
  name: "openai-chat",
  path: /\/chat\/completions$/,
  key: (headers) => headers.authorization?.replace(/^Bearer /, ""),
  noKey: { status: 401, message: "Incorrect API key provided." },
  tooLong: (tokens, most) =>
    `This model's maximum context length is ${most} tokens. However, your messages resulted in ${tokens} tokens.`,
  read: readBody,
  error: openAiError,
  events,
};

function readBody(json: unknown, context: ReadContext): Conversation {
  const body = read(bodySchema, json);
  checkTools(body, context);
  checkOrder(body.messages);
  const ids = body.messages.flatMap(callsOf).map((call) => call.id);
  demandUnique(ids, (id) => `Duplicate value for 'tool_call_id' of '${id}'.`);
  return conversation(body);
}

function callsOf(message: Message | undefined) {
  return message?.role === "assistant" ? (message.tool_calls ?? []) : [];
}

function checkTools({ tools = [], messages }: Body, { played }: ReadContext): void {
  const names = tools.map((tool) => tool.function.name);
  // Without tools a conversation may still tell of calls, as when it is to be summed up.
  if (names.length === 0) return;
  for (const call of messages.flatMap(callsOf)) {
    const { name } = call.function;
    demand(names.includes(name) || played(name), `Unknown tool "${name}" in 'messages'.`);
  }
}

function checkOrder(messages: readonly Message[]): void {
  let open = new Set<string>();
  let previous: Message["role"] | undefined;
  for (const [index, message] of messages.entries()) {
    const path = `messages.[${index}]`;
    if (message.role === "tool") {
      demand(
        open.delete(message.tool_call_id),
        `Invalid parameter: ${path}: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.`,
      );
    } else {
      demand(
        open.size === 0,
        `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. Missing: ${[...open].join(", ")}`,
      );
      demand(message.role !== previous, `${path}: roles must alternate, and two are '${message.role}'.`);
      demand(message.role !== "system" || index === 0, `${path}: a system message must be the first.`);
      demand(
        message.role !== "assistant" || message.content || message.tool_calls,
        `${path}: content or tool_calls is required.`,
      );
      open = new Set(callsOf(message).map((call) => call.id));
    }
    previous = message.role;
  }
  demand(open.size === 0, "An assistant message with 'tool_calls' must be followed by tool messages.");
  demand(previous === "user" || previous === "tool", "The last message must be from the user or a tool.");
}

function conversation({ model, tools = [], messages }: Body): Conversation {
  const list = new MessageList();
  let system = "";
  for (const message of messages) {
    if (message.role === "system") system = message.content;
    else if (message.role === "user") list.add("user", { text: message.content });
    else if (message.role === "tool") list.add("user", { result: { id: message.tool_call_id, text: message.content } });
    else {
      if (message.reasoning_content) list.add("assistant", { thinking: message.reasoning_content });
      if (message.content) list.add("assistant", { text: message.content });
      for (const { id, function: called } of callsOf(message)) {
        list.add("assistant", { call: { id, name: called.name, input: JSON.parse(called.arguments) } });
      }
    }
  }
  return { model, system, tools: tools.map((tool) => tool.function.name), messages: list.list() };
}

const finishReasons = { end: "stop", calls: "tool_calls", length: "length", refused: "content_filter" } as const;

function events(reply: ModelReply, model: string): StreamedReply {
  const chunk = { id: newId("chatcmpl-"), object: "chat.completion.chunk", created: 0, model };
  const choice = (delta: object, finish_reason: string | null = null) =>
    sse({ ...chunk, choices: [{ index: 0, delta, finish_reason }] });
  const deltas = [
    { role: "assistant", content: "" },
    ...pieces(reply.thinking ?? "").map((piece) => ({ reasoning_content: piece })),
    ...pieces(reply.text ?? "").map((piece) => ({ content: piece })),
    ...[...interleaved(callDeltas(reply))].map((call) => ({ tool_calls: [call] })),
  ];
  return {
    content: deltas.map((delta) => choice(delta)),
    end: [choice({}, finishReasons[stopOf(reply)]), sse({ ...chunk, choices: [], usage: usage(reply) }), sse("[DONE]")],
  };
}

function callDeltas({ calls = [] }: ModelReply): object[][] {
  return calls.map((call, index) => [
    { index, id: call.id ?? newId("call_"), type: "function", function: { name: call.name, arguments: "" } },
    ...pieces(argumentsOf(call)).map((piece) => ({ index, function: { arguments: piece } })),
  ]);
}

function usage(reply: ModelReply) {
  const { input, output, cacheRead, cacheWrite } = usageOf(reply);
  const prompt_tokens = input + cacheRead + cacheWrite;
  const prompt_tokens_details = { cached_tokens: cacheRead, cache_write_tokens: cacheWrite };
  return { prompt_tokens, prompt_tokens_details, completion_tokens: output, total_tokens: prompt_tokens + output };
}
