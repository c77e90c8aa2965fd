/** A model that answers one conversation at a time, as a stream of events. */
export interface Model {
  /** `<provider>/<id>`, as the user wrote it. */
  readonly name: string;
  /**
   * Sends the conversation and yields what comes back: deltas while it arrives, then exactly one
   * `reply`, which is last and holds all of it. Throws a {@link ModelError} when there is no reply to be
   * had, and the signal's reason when it was aborted.
   */
  stream(request: ModelRequest, options?: { signal?: AbortSignal }): AsyncIterable<ModelEvent>;
}

export interface ModelRequest {
  readonly system: string;
  /** Alternates between the roles, starting with the user; each call is answered by the message after it. */
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
}

export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: Record<string, unknown>;
}

export type Message =
  | { readonly role: "user"; readonly content: readonly UserBlock[] }
  | { readonly role: "assistant"; readonly content: readonly AssistantBlock[] };

export type UserBlock = TextBlock | ResultBlock;
export type AssistantBlock = TextBlock | ThinkingBlock | CallBlock;

export interface TextBlock {
  readonly type: "text";
  readonly text: string;
  readonly extra?: Extra;
}

export interface ThinkingBlock {
  readonly type: "thinking";
  readonly text: string;
  readonly extra?: Extra;
}

/** The model asks for a tool. `input` is what it sent, parsed; `malformed` its raw text when that was no JSON object. */
export interface CallBlock {
  readonly type: "call";
  readonly id: string;
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly malformed?: string;
  readonly extra?: Extra;
}

export interface ResultBlock {
  readonly type: "result";
  /** The id of the call it answers. */
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly isError?: boolean;
  /** What the call was to show; a model that takes no image is told so in words. */
  readonly image?: Image;
}

/** A picture, of a kind that most models take. */
export interface Image {
  readonly mediaType: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
  /** In base64. */
  readonly data: string;
}

/**
 * What a provider wants back, untouched, when the block is sent again (signatures, encrypted reasoning, item
 * ids), under the name of the wire it came over. A wire reads its own key and no other, so a conversation can
 * change providers.
 */
export type Extra = Readonly<Partial<Record<Wire, Record<string, unknown>>>>;

export type Wire = "anthropic" | "openai-responses" | "openai-chat" | "google";

export type ModelEvent =
  | { readonly type: "text-delta"; readonly text: string }
  | { readonly type: "thinking-delta"; readonly text: string }
  | { readonly type: "reply"; readonly reply: Reply };

export interface Reply {
  readonly content: readonly AssistantBlock[];
  readonly stop: StopReason;
  readonly usage: Usage;
}

/** `calls`: wants its tools run · `length`: cut by the output limit · `refused`: by the provider's safety rules. */
export type StopReason = "end" | "calls" | "length" | "refused";

/** Tokens of one request. `input` counts what was neither read from a cache nor written to one. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}
