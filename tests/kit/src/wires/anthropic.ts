import * as z from "zod";
import type { ModelReply } from "../model-script.ts";
import { type Conversation, MessageList } from "../recorded-request.ts";
import { demand, demandUnique, read } from "../refusal.ts";
import {
  argumentsOf,
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

const cacheControl = z.strictObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() }).optional();
const callId = z.string().regex(/^[a-zA-Z0-9_-]+$/);

const textBlock = z.strictObject({
  type: z.literal("text"),
  text: z
    .string()
    .min(1, "text content blocks must be non-empty")
    .refine((text) => text.trim() !== "", "text content blocks must contain non-whitespace text"),
  cache_control: cacheControl,
});
const imageBlock = z.strictObject({
  type: z.literal("image"),
  source: z.strictObject({
    type: z.literal("base64"),
    media_type: z.enum(["image/png", "image/jpeg", "image/gif", "image/webp"]),
    data: z.base64().max(5 * 1024 * 1024),
  }),
});
const resultBlock = z.strictObject({
  type: z.literal("tool_result"),
  tool_use_id: callId,
  content: z.union([z.string(), z.array(z.discriminatedUnion("type", [textBlock, imageBlock]))]).optional(),
  is_error: z.boolean().optional(),
  cache_control: cacheControl,
});
const thinkingBlock = z.strictObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() });
const redactedBlock = z.strictObject({ type: z.literal("redacted_thinking"), data: z.string() });
const callBlock = z.strictObject({
  type: z.literal("tool_use"),
  id: callId,
  name: toolName,
  input: z.record(z.string(), z.unknown(), "Input should be a valid dictionary"),
  cache_control: cacheControl,
});

const userMessage = z.strictObject({
  role: z.literal("user"),
  content: z.array(z.discriminatedUnion("type", [textBlock, resultBlock])).min(1),
});
const assistantMessage = z.strictObject({
  role: z.literal("assistant"),
  content: z.array(z.discriminatedUnion("type", [textBlock, thinkingBlock, redactedBlock, callBlock])).min(1),
});

const bodySchema = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.number().int().min(1),
  stream: z.literal(true),
  tool_choice: z.strictObject({ type: z.enum(["auto", "none"]) }).optional(),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  tools: z
    .array(
      z.strictObject({
        name: toolName,
        description: z.string().optional(),
        input_schema: objectSchema,
        cache_control: cacheControl,
      }),
    )
    .optional(),
  messages: z.array(z.discriminatedUnion("role", [userMessage, assistantMessage])).min(1),
});
type Body = z.infer<typeof bodySchema>;
type AssistantContent = z.infer<typeof assistantMessage>["content"];
type UserContent = z.infer<typeof userMessage>["content"];
type Content = readonly (UserContent | AssistantContent)[number][];

/** Anthropic's Messages API. */
export const anthropicWire: ServerWire = {
  name: "anthropic",
  path: /\/v1\/messages$/,
  key: (headers) => header(headers["x-api-key"]) ?? headers.authorization?.replace(/^Bearer /, ""),
  noKey: { status: 401, message: "invalid x-api-key" },
  tooLong: (tokens, most) => `prompt is too long: ${tokens} tokens > ${most} maximum`,
  read: readBody,
  error: (status, message) => ({ type: "error", error: { type: errorType(status), message }, request_id: null }),
  events,
};

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function errorType(status: number): string {
  const types = new Map([
    [401, "authentication_error"],
    [403, "permission_error"],
    [404, "not_found_error"],
    [413, "request_too_large"],
    [429, "rate_limit_error"],
    [529, "overloaded_error"],
  ]);
  return types.get(status) ?? (status >= 500 ? "api_error" : "invalid_request_error");
}

function readBody(json: unknown, context: ReadContext): Conversation {
  const body = read(bodySchema, json);
  checkTools(body, context);
  checkCaching(body);
  const ids = body.messages.flatMap((message) => calls(message.content).map((call) => call.id));
  demandUnique(ids, (id) => `messages: \`tool_use\` ids must be unique. Found "${id}" twice.`);
  for (const [index, message] of body.messages.entries()) {
    const expected = index % 2 === 0 ? "user" : "assistant";
    demand(message.role === expected, `messages.${index}: roles must alternate, starting with "user"`);
    if (message.role === "user") checkResults(message.content, calls(body.messages[index - 1]?.content ?? []), index);
    else checkThinking(message.content, index);
  }
  demand(body.messages.at(-1)?.role === "user", "The conversation must end with a user message.");
  return conversation(body);
}

function calls(content: Content) {
  return content.flatMap((block) => (block.type === "tool_use" ? [block] : []));
}

function checkTools({ tools = [], messages }: Body, { played }: ReadContext): void {
  const names = tools.map((tool) => tool.name);
  demandUnique(names, (name) => `tools: Tool names must be unique. Found "${name}" twice.`);
  for (const call of messages.flatMap((message) => calls(message.content))) {
    demand(tools.length > 0, "Requests which include `tool_use` or `tool_result` blocks must define tools");
    demand(names.includes(call.name) || played(call.name), `messages: tool_use of unknown tool "${call.name}"`);
  }
}

function checkCaching({ system, tools = [], messages }: Body): void {
  const blocks = [
    ...(Array.isArray(system) ? system : []),
    ...tools,
    ...messages.flatMap((message): Content => message.content),
  ];
  const marked = blocks.filter((block) => "cache_control" in block && block.cache_control).length;
  demand(marked <= 4, `A maximum of 4 blocks with cache_control may be provided. Found ${marked}.`);
}

function checkResults(content: UserContent, asked: readonly { id: string }[], index: number): void {
  const results = content.flatMap((block) => (block.type === "tool_result" ? [block.tool_use_id] : []));
  for (const call of asked) {
    demand(
      results.includes(call.id),
      `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${call.id}.`,
    );
  }
  for (const id of results) {
    demand(
      asked.some((call) => call.id === id),
      `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}.`,
    );
  }
  demandUnique(results, (id) => `messages.${index}: each tool_use must have a single result. Found several for ${id}.`);
  const firstText = content.findIndex((block) => block.type === "text");
  const lastResult = content.findLastIndex((block) => block.type === "tool_result");
  demand(firstText < 0 || firstText > lastResult, `messages.${index}: \`tool_result\` blocks must come before text.`);
}

function checkThinking(content: AssistantContent, index: number): void {
  for (const block of content) {
    const path = `messages.${index}.content`;
    if (block.type === "thinking") {
      demand(block.signature === signature(block.thinking), `${path}: Invalid \`signature\` in \`thinking\` block`);
    } else if (block.type === "redacted_thinking") {
      demand(block.data === redacted, `${path}: Invalid \`data\` in \`redacted_thinking\` block`);
    }
  }
  const last = content.at(-1)?.type;
  demand(last === "text" || last === "tool_use", `messages.${index}: The final block cannot be \`${last}\`.`);
}

function conversation({ model, system = "", tools = [], messages }: Body): Conversation {
  const list = new MessageList();
  for (const { role, content } of messages) {
    for (const block of content) {
      if (block.type === "text") list.add(role, { text: block.text });
      else if (block.type === "thinking") list.add(role, { thinking: block.thinking });
      else if (block.type === "tool_use")
        list.add(role, { call: { id: block.id, name: block.name, input: block.input } });
      else if (block.type === "tool_result") {
        const flag = block.is_error ? { isError: true as const } : {};
        list.add(role, { result: { id: block.tool_use_id, ...shown(block.content ?? ""), ...flag } });
      }
    }
  }
  return { model, system: flat(system), tools: tools.map((tool) => tool.name), messages: list.list() };
}

function shown(content: string | readonly (z.infer<typeof textBlock> | z.infer<typeof imageBlock>)[]) {
  if (typeof content === "string") return { text: content };
  const text = flat(content.filter((block) => block.type === "text"));
  const source = content.find((block) => block.type === "image")?.source;
  return { text, ...(source && { image: `data:${source.media_type};base64,${source.data}` }) };
}

function flat(text: string | readonly { text: string }[]): string {
  return typeof text === "string" ? text : text.map((block) => block.text).join("\n\n");
}

const redacted = signature("redacted thinking");

function events(reply: ModelReply, model: string): StreamedReply {
  const usage = usageOf(reply);
  const tokens = {
    input_tokens: usage.input,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation_input_tokens: usage.cacheWrite,
  };
  const message = { id: newId("msg_"), type: "message", role: "assistant", model, content: [] };
  const start = { ...message, stop_reason: null, stop_sequence: null, usage: { ...tokens, output_tokens: 1 } };
  // The API finishes each block before it begins the next.
  const content = blocks(reply).flatMap((block, index) => [
    typed("content_block_start", { index, content_block: block.start }),
    ...block.deltas.map((delta) => typed("content_block_delta", { index, delta })),
    typed("content_block_stop", { index }),
  ]);
  const delta = { stop_reason: stopReasons[stopOf(reply)], stop_sequence: null };
  return {
    content: [typed("message_start", { message: start }), typed("ping", {}), ...content],
    end: [
      typed("message_delta", { delta, usage: { ...tokens, output_tokens: usage.output } }),
      typed("message_stop", {}),
    ],
  };
}

const stopReasons = { end: "end_turn", calls: "tool_use", length: "max_tokens", refused: "refusal" } as const;

function typed(type: string, data: object): string {
  return sse({ type, ...data }, type);
}

interface StreamedBlock {
  start: object;
  deltas: object[];
}

function blocks({ thinking, redacted: hides, text, calls = [] }: ModelReply): StreamedBlock[] {
  const all: StreamedBlock[] = [];
  if (thinking !== undefined) {
    const deltas: object[] = pieces(thinking).map((piece) => ({ type: "thinking_delta", thinking: piece }));
    deltas.push({ type: "signature_delta", signature: signature(thinking) });
    all.push({ start: { type: "thinking", thinking: "", signature: "" }, deltas });
  }
  if (hides) all.push({ start: { type: "redacted_thinking", data: redacted }, deltas: [] });
  if (text) {
    const deltas = pieces(text).map((piece) => ({ type: "text_delta", text: piece }));
    all.push({ start: { type: "text", text: "" }, deltas });
  }
  for (const call of calls) {
    const deltas = ["", ...pieces(argumentsOf(call))].map((json) => ({ type: "input_json_delta", partial_json: json }));
    const start = { type: "tool_use", id: call.id ?? newId("toolu_"), name: call.name, input: {} };
    all.push({ start, deltas });
  }
  return all;
}
