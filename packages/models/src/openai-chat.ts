import type {
  ChatCompletionAssistantMessageParam,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionFunctionTool,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions";
import * as z from "zod";
import type { Connection, Send } from "./connection.ts";
import { brokenStream } from "./failure.ts";
import type {
  AssistantBlock,
  Message,
  ModelEvent,
  ModelRequest,
  StopReason,
  ThinkingBlock,
  UserBlock,
} from "./model.ts";
import { openAiClient } from "./openai-client.ts";
import type { Provider } from "./providers.ts";
import { ReplyDraft } from "./reply-draft.ts";
import { sendable, type WireRules } from "./sendable.ts";

/** Connects to a server that speaks OpenAI's Chat Completions API, whoever made it. */
export async function connectChat(connection: Connection): Promise<Send> {
  const client = await openAiClient(connection);
  return async (request, signal) => {
    const chunks = await client.chat.completions.create(chatBody(request, connection), { signal });
    return replyEvents(chunks, connection, request);
  };
}

function chatBody(request: ModelRequest, { id, provider }: Connection): ChatCompletionCreateParamsStreaming {
  const { system, tools, messages } = sendable(request, rules(provider));
  const conversation = messages.flatMap((message) => messageParams(message, provider));
  return {
    model: id,
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      ...(system.trim() === "" ? [] : [{ role: "system", content: system } as const]),
      ...(provider.name === "mistral" ? answered(conversation) : conversation),
    ],
    ...(tools.length === 0 ? {} : { tools: tools.map(toolParam) }),
  };
}

function rules(provider: Provider): WireRules {
  const ids =
    provider.name === "mistral"
      ? { callId: /^[a-zA-Z0-9]{9}$/, callIdDigits: 9 }
      : { callId: /^[\w.:-]{1,40}$/, callIdDigits: 32 };
  // A tool's message holds text on this wire, and many servers fail on a picture in any other.
  const takesImage = () => false;
  return { ...ids, takesImage, returns: (block) => block.type === "thinking" && keptBy(provider, block) !== undefined };
}

// Mistral refuses a user's message right after a tool's.
function answered(messages: readonly ChatCompletionMessageParam[]): ChatCompletionMessageParam[] {
  return messages.flatMap((message, index) => {
    const steers = message.role === "user" && messages[index - 1]?.role === "tool";
    return steers ? [{ role: "assistant", content: "I have the results." }, message] : [message];
  });
}

function toolParam({ name, description, inputSchema }: ModelRequest["tools"][number]): ChatCompletionFunctionTool {
  return { type: "function", function: { name, description, parameters: inputSchema } };
}

function messageParams(message: Message, provider: Provider): ChatCompletionMessageParam[] {
  return message.role === "user" ? userParams(message.content) : [assistantParam(message.content, provider)];
}

function userParams(content: readonly UserBlock[]): ChatCompletionMessageParam[] {
  const results = content.filter((block) => block.type === "result");
  const texts = content.filter((block) => block.type === "text").map((block) => block.text);
  return [
    ...results.map((block) => ({ role: "tool", tool_call_id: block.id, content: block.text }) as const),
    // Many servers know text as a string only, and put one message into one template.
    ...(texts.length === 0 ? [] : [{ role: "user", content: texts.join("\n\n") } as const]),
  ];
}

const keptThinking = z.object({
  provider: z.string(),
  field: z.enum(["reasoning_content", "reasoning"]),
  details: z.array(z.unknown()).optional(),
});

function assistantParam(content: readonly AssistantBlock[], provider: Provider): ChatCompletionAssistantMessageParam {
  const texts = content.filter((block) => block.type === "text").map((block) => block.text);
  const calls = content
    .filter((block) => block.type === "call")
    .map(({ id, name, input }) => ({
      id,
      type: "function" as const,
      function: { name, arguments: JSON.stringify(input) },
    }));
  return {
    role: "assistant",
    content: texts.length === 0 ? null : texts.join("\n\n"),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...Object.assign({}, ...content.map((block) => returnedThinking(block, provider))),
  };
}

// It goes back in the field it came in, and to no other server: some refuse fields they do not know.
function keptBy(provider: Provider, block: ThinkingBlock) {
  const kept = keptThinking.safeParse(block.extra?.["openai-chat"]).data;
  return kept?.provider === provider.name ? kept : undefined;
}

function returnedThinking(block: AssistantBlock, provider: Provider): Record<string, unknown> {
  const kept = block.type === "thinking" ? keptBy(provider, block) : undefined;
  if (block.type !== "thinking" || !kept) return {};
  return { [kept.field]: block.text, ...(kept.details ? { reasoning_details: kept.details } : {}) };
}

// So many programs speak this wire that nothing of an answer is taken on trust.
const text = z.string().nullish().catch(undefined);
const count = z.number().nullish().catch(undefined);
const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: text,
        error: z.object({ message: z.string() }).nullish().catch(undefined),
        delta: z
          .object({
            // Mistral's reasoning models send parts instead of a string.
            content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).nullish(),
            refusal: text,
            reasoning_content: text,
            reasoning: text,
            reasoning_details: z.array(z.unknown()).nullish().catch(undefined),
            tool_calls: z
              .array(
                z.object({
                  index: count,
                  id: text,
                  function: z.object({ name: text, arguments: text }).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
  usage: z
    .object({
      prompt_tokens: count,
      completion_tokens: count,
      prompt_tokens_details: z.object({ cached_tokens: count, cache_write_tokens: count }).nullish().catch(undefined),
      prompt_cache_hit_tokens: count,
    })
    .nullish(),
});
type Delta = NonNullable<NonNullable<z.infer<typeof chunkSchema>["choices"]>[number]["delta"]>;
type Counts = NonNullable<z.infer<typeof chunkSchema>["usage"]>;

async function* replyEvents(
  chunks: AsyncIterable<unknown>,
  connection: Connection,
  request: ModelRequest,
): AsyncGenerator<ModelEvent> {
  const answer = new ChatAnswer(connection.provider, request);
  let stop: StopReason | undefined;
  let counts: Counts | undefined;
  for await (const chunk of chunks) {
    const { choices, usage } = chunkSchema.parse(chunk);
    counts = usage ?? counts;
    const choice = choices?.[0];
    if (choice?.delta) yield* answer.grow(choice.delta);
    if (choice?.error) throw brokenStream(connection, choice.error.message);
    // Only the end of the stream ends the answer: the usage comes after the reason.
    if (choice?.finish_reason) stop = stopReason(choice.finish_reason);
  }
  if (stop) yield answer.finish(stop, counts);
}

class ChatAnswer {
  readonly #draft: ReplyDraft;
  readonly #provider: string;
  readonly #keys = new Map<number, { key: string; id: string }>();
  readonly #details: unknown[] = [];
  #refused = false;
  #key = "";

  constructor(provider: Provider, request: ModelRequest) {
    this.#draft = new ReplyDraft("openai-chat", request);
    this.#provider = provider.name;
  }

  *grow(delta: Delta): Generator<ModelEvent> {
    yield* this.#think(delta);
    const { thinking, text } = parts(delta.content);
    if (thinking !== "") yield* this.#draft.thinking("thinking", thinking);
    if (text !== "") yield* this.#draft.text("text", text);
    if (delta.refusal) {
      this.#refused = true;
      yield* this.#draft.text("text", delta.refusal);
    }
    for (const call of delta.tool_calls ?? []) this.#call(call);
  }

  finish(stop: StopReason, counts: Counts | undefined): ModelEvent {
    return this.#draft.finish(this.#refused ? "refused" : stop, usage(counts));
  }

  *#think({ reasoning_content, reasoning, reasoning_details }: Delta): Generator<ModelEvent> {
    const field = reasoning_content ? "reasoning_content" : "reasoning";
    const piece = reasoning_content || reasoning || "";
    this.#details.push(...(reasoning_details ?? []));
    if (piece === "" && !reasoning_details?.length) return;
    yield* this.#draft.thinking("thinking", piece);
    const details = this.#details.length > 0 ? { details: this.#details } : {};
    this.#draft.keep("thinking", { provider: this.#provider, field, ...details });
  }

  // Some servers give each whole call the index 0, or none: then a new id is a new call.
  #call({ index, id, function: called }: NonNullable<Delta["tool_calls"]>[number]): void {
    const open = this.#keys.get(index ?? -1);
    if (!open || (id && id !== open.id)) {
      const key = `call ${this.#keys.size} ${index} ${id}`;
      this.#keys.set(index ?? -1, { key, id: id ?? "" });
      this.#key = key;
      this.#draft.call(key, { id: id ?? "", name: called?.name ?? "" });
    } else this.#key = open.key;
    this.#draft.input(this.#key, called?.arguments ?? "");
  }
}

function parts(content: Delta["content"]): { thinking: string; text: string } {
  if (!Array.isArray(content)) return { thinking: "", text: content ?? "" };
  const thinking = content.filter((part) => part.type === "thinking").map((part) => flatText(part.thinking));
  const text = content.filter((part) => part.type === "text").map((part) => flatText(part.text));
  return { thinking: thinking.join(""), text: text.join("") };
}

const textParts = z.array(z.object({ text: z.string() }));

function flatText(value: unknown): string {
  if (typeof value === "string") return value;
  return (textParts.safeParse(value).data ?? []).map((part) => part.text).join("");
}

function stopReason(reason: string): StopReason {
  switch (reason) {
    case "length":
    case "max_tokens":
    case "model_length":
      return "length";
    case "content_filter":
      return "refused";
    default:
      return "end";
  }
}

function usage(counts: Counts | undefined) {
  const details = counts?.prompt_tokens_details;
  const cacheRead = details?.cached_tokens ?? counts?.prompt_cache_hit_tokens ?? 0;
  const cacheWrite = details?.cache_write_tokens ?? 0;
  const input = Math.max(0, (counts?.prompt_tokens ?? 0) - cacheRead - cacheWrite);
  return { input, output: counts?.completion_tokens ?? 0, cacheRead, cacheWrite };
}
