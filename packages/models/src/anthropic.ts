import type Anthropic from "@anthropic-ai/sdk";
import type { Stream } from "@anthropic-ai/sdk/streaming";
import * as z from "zod";
import type { Connection, Send } from "./connection.ts";
import type { AssistantBlock, ModelEvent, ModelRequest, ResultBlock, StopReason, UserBlock } from "./model.ts";
import { silentLogger, withoutEnvironment } from "./quiet-client.ts";
import { ReplyDraft } from "./reply-draft.ts";
import { sendable, type WireRules } from "./sendable.ts";

const kept = z.union([z.object({ signature: z.string() }), z.object({ redacted: z.string() })]);

const rules: WireRules = {
  callId: /^[a-zA-Z0-9_-]{1,64}$/,
  callIdDigits: 32,
  takesImage: () => true,
  returns: (block) => block.type === "thinking" && kept.safeParse(block.extra?.anthropic).success,
};

const cached = { cache_control: { type: "ephemeral" } } as const;

/** Connects to a server that speaks Anthropic's Messages API. */
export async function connectAnthropic({ apiKey, baseUrl, id, retries }: Connection): Promise<Send> {
  const { default: Client } = await import("@anthropic-ai/sdk");
  const client = withoutEnvironment(
    () =>
      new Client({
        apiKey,
        baseURL: baseUrl,
        maxRetries: retries,
        logger: silentLogger,
        logLevel: "off",
        openTelemetry: false,
        webhookKey: null,
      }),
  );
  return async (request, signal) => {
    const body = messagesBody(request, id);
    // Not `messages.create`: that warns of models that are going away on the console, whatever logger it was given.
    const events = await client.post<Stream<Anthropic.RawMessageStreamEvent>>("/v1/messages", {
      body,
      signal,
      stream: true,
    });
    return replyEvents(events, request);
  };
}

function messagesBody(request: ModelRequest, model: string): Anthropic.MessageCreateParamsStreaming {
  const { system, tools, messages } = sendable(request, rules);
  const lastUser = messages.findLastIndex((message) => message.role === "user");
  const userBefore = messages.slice(0, lastUser).findLastIndex((message) => message.role === "user");
  return {
    model,
    max_tokens: maxTokens(model),
    stream: true,
    ...(system.trim() === "" ? {} : { system: [{ type: "text", text: system, ...cached }] }),
    ...toolParams(tools, messages),
    messages: messages.map((message, index) => {
      if (message.role === "assistant") return { role: "assistant", content: message.content.flatMap(assistantParam) };
      const content = message.content.map(userParam);
      // The end of this request is what the next one reads from the cache, and the end of the previous request is
      // what this one reads: more than twenty blocks may lie between the two, which is as far as the search looks.
      return { role: "user", content: index === lastUser || index === userBefore ? cachedToHere(content) : content };
    }),
  };
}

function cachedToHere(content: UserParam[]): UserParam[] {
  return content.map((block, index) => (index === content.length - 1 ? { ...block, ...cached } : block));
}

function toolParams(
  tools: ModelRequest["tools"],
  messages: ModelRequest["messages"],
): Pick<Anthropic.MessageCreateParams, "tools" | "tool_choice"> {
  if (tools.length > 0) return { tools: tools.map(toolParam) };
  // A conversation that tells of calls is refused without tools, also when none is to be used any more.
  const called = new Set(messages.flatMap((message) => message.content.flatMap(calledName)));
  if (called.size === 0) return {};
  const described = [...called].map((name) => toolParam({ name, description: "No longer there.", inputSchema: {} }));
  return { tools: described, tool_choice: { type: "none" } };
}

function calledName(block: UserBlock | AssistantBlock): string[] {
  return block.type === "call" ? [block.name] : [];
}

function toolParam(tool: ModelRequest["tools"][number]): Anthropic.Tool {
  return { name: tool.name, description: tool.description, input_schema: { ...tool.inputSchema, type: "object" } };
}

type UserParam = Anthropic.TextBlockParam | Anthropic.ToolResultBlockParam;

function resultContent({ text, image }: ResultBlock): Pick<Anthropic.ToolResultBlockParam, "content"> {
  const words = text.trim() === "" ? undefined : text;
  if (image === undefined) return words === undefined ? {} : { content: words };
  const source = { type: "base64", media_type: image.mediaType, data: image.data } as const;
  const told = words === undefined ? [] : [{ type: "text", text: words } as const];
  return { content: [...told, { type: "image", source }] };
}

function userParam(block: UserBlock): UserParam {
  if (block.type === "text") return { type: "text", text: block.text };
  return {
    type: "tool_result",
    tool_use_id: block.id,
    ...resultContent(block),
    ...(block.isError ? { is_error: true } : {}),
  };
}

function assistantParam(block: AssistantBlock): Anthropic.ContentBlockParam[] {
  switch (block.type) {
    case "text":
      return [{ type: "text", text: block.text }];
    case "call":
      return [{ type: "tool_use", id: block.id, name: block.name, input: block.input }];
    case "thinking": {
      const extra = kept.safeParse(block.extra?.anthropic).data;
      if (!extra) return [];
      if ("redacted" in extra) return [{ type: "redacted_thinking", data: extra.redacted }];
      return [{ type: "thinking", thinking: block.text, signature: extra.signature }];
    }
    default:
      return block satisfies never;
  }
}

// The API demands a limit and refuses one above the model's own, which differs by generation.
function maxTokens(model: string): number {
  if (/claude-3-(opus|sonnet|haiku)/.test(model)) return 4_096;
  if (/claude-3-5|claude-2|claude-instant/.test(model)) return 8_192;
  return /claude/.test(model) ? 32_000 : 8_192;
}

async function* replyEvents(
  events: AsyncIterable<Anthropic.RawMessageStreamEvent>,
  request: ModelRequest,
): AsyncGenerator<ModelEvent> {
  const draft = new ReplyDraft("anthropic", request);
  const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  let stop: StopReason | undefined;
  for await (const event of events) {
    switch (event.type) {
      case "message_start":
        count(usage, event.message.usage);
        break;
      case "content_block_start":
        yield* started(draft, event);
        break;
      case "content_block_delta":
        yield* grown(draft, event);
        break;
      case "message_delta":
        count(usage, event.usage);
        if (event.delta.stop_reason) stop = stopReason(event.delta.stop_reason);
        break;
      case "message_stop":
        // Some gateways end every stream in this way, also the ones that they lost half of.
        if (stop) yield draft.finish(stop, usage);
        return;
    }
  }
}

function* started(draft: ReplyDraft, { index, content_block }: Anthropic.RawContentBlockStartEvent) {
  switch (content_block.type) {
    case "text":
      yield* draft.text(index, content_block.text);
      break;
    case "thinking":
      yield* draft.thinking(index, content_block.thinking);
      if (content_block.signature) draft.keep(index, { signature: content_block.signature });
      break;
    case "redacted_thinking":
      yield* draft.thinking(index, "");
      draft.keep(index, { redacted: content_block.data });
      break;
    case "tool_use":
      draft.call(index, content_block);
      break;
  }
}

function* grown(draft: ReplyDraft, { index, delta }: Anthropic.RawContentBlockDeltaEvent) {
  switch (delta.type) {
    case "text_delta":
      yield* draft.text(index, delta.text);
      break;
    case "thinking_delta":
      yield* draft.thinking(index, delta.thinking);
      break;
    case "signature_delta":
      draft.keep(index, { signature: delta.signature });
      break;
    case "input_json_delta":
      draft.input(index, delta.partial_json);
      break;
  }
}

interface Counts {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
}

// Each count is of the whole so far; a field that is left out has not changed.
function count(usage: { input: number; output: number; cacheRead: number; cacheWrite: number }, counts?: Counts): void {
  usage.input = counts?.input_tokens ?? usage.input;
  usage.output = counts?.output_tokens ?? usage.output;
  usage.cacheRead = counts?.cache_read_input_tokens ?? usage.cacheRead;
  usage.cacheWrite = counts?.cache_creation_input_tokens ?? usage.cacheWrite;
}

function stopReason(reason: Anthropic.StopReason): StopReason {
  switch (reason) {
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "refusal":
      return "refused";
    case "tool_use":
      return "calls";
    default:
      return "end";
  }
}
