import type {
  Content,
  FinishReason,
  GenerateContentParameters,
  GenerateContentResponse,
  GenerateContentResponseUsageMetadata,
  Part,
} from "@google/genai/web";
import * as z from "zod";
import type { Connection, Send } from "./connection.ts";
import { brokenStream } from "./failure.ts";
import type { AssistantBlock, Message, ModelEvent, ModelRequest, StopReason, UserBlock } from "./model.ts";
import { withoutEnvironment } from "./quiet-client.ts";
import { ReplyDraft } from "./reply-draft.ts";
import { sendable, type WireRules } from "./sendable.ts";

const rules: WireRules = {
  callId: /^[\w.:-]{1,64}$/,
  callIdDigits: 32,
  takesImage: (mediaType) => mediaType !== "image/gif",
  returns: (block) => keptOf(block).thoughtSignature !== undefined,
};

/** Connects to Google's Gemini API. */
export async function connectGoogle(connection: Connection): Promise<Send> {
  // The entry for browsers: it reads no environment, and loads in a quarter of the time because it leaves out the
  // Google Cloud log-in and the WebSocket library. What is used of it is the same.
  // It counts the first try, and would wait twice as long as the other SDKs.
  const retryOptions = { attempts: connection.retries + 1, initialDelay: 0.5 };
  const { GoogleGenAI } = await import("@google/genai/web");
  const client = withoutEnvironment(
    () =>
      new GoogleGenAI({
        apiKey: connection.apiKey,
        vertexai: false,
        apiVersion: "v1beta",
        httpOptions: { baseUrl: connection.baseUrl, retryOptions },
      }),
  );
  return async (request, signal) => {
    const body = generateBody(request, connection.id);
    const chunks = await client.models.generateContentStream({
      ...body,
      config: { ...body.config, abortSignal: signal },
    });
    return replyEvents(chunks, connection, request);
  };
}

function generateBody(request: ModelRequest, model: string): GenerateContentParameters {
  const { system, tools, messages } = sendable(request, rules);
  const functionDeclarations = tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    parametersJsonSchema: inputSchema,
  }));
  return {
    model,
    contents: contents(messages, model),
    config: {
      ...(system.trim() === "" ? {} : { systemInstruction: system }),
      ...(tools.length === 0 ? {} : { tools: [{ functionDeclarations }] }),
    },
  };
}

const kept = z.object({ thoughtSignature: z.string().optional(), id: z.string().optional() });
type Kept = z.infer<typeof kept>;

function contents(messages: readonly Message[], model: string): Content[] {
  const idsOfTheirs = new Set<string>();
  return messages.map((message) => {
    if (message.role === "user") {
      const parts = message.content.flatMap((block) => userParts(block, idsOfTheirs, model));
      return {
        role: "user",
        parts: parts.toSorted((a, b) => Number(!a.functionResponse) - Number(!b.functionResponse)),
      };
    }
    for (const block of message.content) {
      if (block.type === "call" && keptOf(block).id) idsOfTheirs.add(block.id);
    }
    return { role: "model", parts: signed(message.content.map(modelPart), model) };
  });
}

function keptOf(block: AssistantBlock): Kept {
  return kept.safeParse(block.extra?.google).data ?? {};
}

// Gemini 3 refuses a step whose first call is unsigned; this is the value Google names for calls that another model
// made. Earlier models ignore signatures.
const madeElsewhere = "context_engineering_is_the_way_to_go";

function isBefore3(model: string): boolean {
  return /^gemini-[12]\b/.test(model);
}

function signed(parts: Part[], model: string): Part[] {
  const first = parts.findIndex((part) => part.functionCall);
  if (isBefore3(model)) return parts;
  return parts.map((part, index) => (index === first ? { thoughtSignature: madeElsewhere, ...part } : part));
}

function modelPart(block: AssistantBlock): Part {
  const { thoughtSignature, id } = keptOf(block);
  const signature = thoughtSignature ? { thoughtSignature } : {};
  switch (block.type) {
    case "text":
      return { text: block.text, ...signature };
    case "thinking":
      return { text: block.text, thought: true, ...signature };
    case "call":
      return { functionCall: { name: block.name, args: block.input, ...(id ? { id } : {}) }, ...signature };
    default:
      return block satisfies never;
  }
}

function userParts(block: UserBlock, idsOfTheirs: ReadonlySet<string>, model: string): Part[] {
  if (block.type === "text") return [{ text: block.text }];
  const id = idsOfTheirs.has(block.id) ? { id: block.id } : {};
  const response = block.isError ? { error: block.text } : { output: block.text };
  const functionResponse = { name: block.name, response, ...id };
  if (block.image === undefined) return [{ functionResponse }];
  const picture = { inlineData: { mimeType: block.image.mediaType, data: block.image.data } };
  // Earlier models know no pictures in a response, but beside one.
  if (isBefore3(model)) return [{ functionResponse }, picture];
  return [{ functionResponse: { ...functionResponse, parts: [picture] } }];
}

async function* replyEvents(
  chunks: AsyncIterable<GenerateContentResponse>,
  connection: Connection,
  request: ModelRequest,
): AsyncGenerator<ModelEvent> {
  const answer = new GeminiAnswer(request);
  let metadata: GenerateContentResponseUsageMetadata | undefined;
  let stop: StopReason | undefined;
  for await (const chunk of chunks) {
    metadata = chunk.usageMetadata ?? metadata;
    if (chunk.promptFeedback?.blockReason) stop = "refused";
    const candidate = chunk.candidates?.[0];
    for (const part of candidate?.content?.parts ?? []) yield* answer.add(part);
    if (!candidate?.finishReason) continue;
    stop = stopReason(candidate.finishReason);
    if (!stop) throw brokenStream(connection, candidate.finishMessage ?? candidate.finishReason);
  }
  if (stop) yield answer.finish(stop, metadata);
}

class GeminiAnswer {
  readonly #draft: ReplyDraft;
  #open: "text" | "thinking" | undefined;
  #key = 0;

  constructor(request: ModelRequest) {
    this.#draft = new ReplyDraft("google", request);
  }

  // A signature belongs to the very part it came on: such a part is not merged with its neighbours.
  *add({ text, thought, functionCall, thoughtSignature }: Part): Generator<ModelEvent> {
    const type = functionCall ? undefined : thought ? "thinking" : "text";
    if (!functionCall && text === undefined) return;
    if (type === undefined || type !== this.#open || thoughtSignature) this.#key += 1;
    if (functionCall) {
      const { id, name = "", args = {} } = functionCall;
      this.#draft.call(this.#key, { id: id ?? "", name });
      this.#draft.input(this.#key, JSON.stringify(args));
      if (id) this.#draft.keep(this.#key, { id });
    } else
      yield* type === "thinking"
        ? this.#draft.thinking(this.#key, text ?? "")
        : this.#draft.text(this.#key, text ?? "");
    if (thoughtSignature) this.#draft.keep(this.#key, { thoughtSignature });
    this.#open = thoughtSignature ? undefined : type;
  }

  finish(stop: StopReason, metadata: GenerateContentResponseUsageMetadata | undefined): ModelEvent {
    return this.#draft.finish(stop, usage(metadata));
  }
}

// Nothing for the reasons after which there is no answer to be had, though another try may give one.
function stopReason(reason: `${FinishReason}`): StopReason | undefined {
  switch (reason) {
    case "STOP":
      return "end";
    case "MAX_TOKENS":
    case "CONTINUATION":
      return "length";
    case "SAFETY":
    case "RECITATION":
    case "LANGUAGE":
    case "BLOCKLIST":
    case "PROHIBITED_CONTENT":
    case "SPII":
      return "refused";
    default:
      return undefined;
  }
}

function usage(metadata: GenerateContentResponseUsageMetadata | undefined) {
  const cacheRead = metadata?.cachedContentTokenCount ?? 0;
  const prompt = (metadata?.promptTokenCount ?? 0) + (metadata?.toolUsePromptTokenCount ?? 0);
  const output = (metadata?.candidatesTokenCount ?? 0) + (metadata?.thoughtsTokenCount ?? 0);
  return { input: Math.max(0, prompt - cacheRead), output, cacheRead, cacheWrite: 0 };
}
