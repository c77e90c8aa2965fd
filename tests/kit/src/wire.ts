import { createHash, randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import * as z from "zod";
import type { ModelReply, ScriptedCall } from "./model-script.ts";
import type { Conversation, WireName } from "./recorded-request.ts";

/** One provider's way of speaking, seen from the server. */
export interface ServerWire {
  readonly name: WireName;
  /** Matches the end of the path that it is served at, whatever base URL stands before. */
  readonly path: RegExp;
  /** Returns the key that the headers hold. */
  key(headers: IncomingHttpHeaders): string | undefined;
  /** The status and words for a request without a valid key. */
  readonly noKey: { readonly status: number; readonly message: string };
  /** The words in which a request is refused that is longer than the model reads. */
  tooLong(tokens: number, most: number): string;
  /** Reads and checks a request as strictly as the provider does; throws a Refusal. */
  read(body: unknown, context: ReadContext): Conversation;
  /** An error in the provider's form. */
  error(status: number, message: string): unknown;
  /** The reply as the provider's stream of server-sent events. */
  events(reply: ModelReply, model: string): StreamedReply;
}

/** A reply as server-sent events: what it holds, and those that say that this was all. */
export interface StreamedReply {
  readonly content: readonly string[];
  readonly end: readonly string[];
}

export interface ReadContext {
  /** The request's path, without the query. */
  readonly path: string;
  /** Tells whether the server itself played a call of that name, which then may come back though no such tool is. */
  played(name: string): boolean;
}

/** A tool's schema, which must be one of an object. */
export const objectSchema = z.looseObject({
  type: z.literal("object"),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});

/** The names that all providers take for tools. */
export const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);

/** Writes one server-sent event. */
export function sse(data: unknown, event?: string): string {
  return `${event ? `event: ${event}\n` : ""}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

/** Cuts a text into small pieces between its characters; a long one into fifty. */
export function pieces(text: string): string[] {
  const characters = [...text];
  const size = Math.max(5, Math.ceil(characters.length / 50));
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(""),
  );
}

/** Takes from each list in turn until all are empty. */
export function* interleaved<Item>(lists: readonly (readonly Item[])[]): Generator<Item> {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  for (let index = 0; index < longest; index++) {
    for (const list of lists) {
      const item = list[index];
      if (item !== undefined) yield item;
    }
  }
}

/** A new id in the style of a provider. */
export function newId(prefix: string): string {
  return `${prefix}${randomBytes(10).toString("hex")}`;
}

/** Signs a text, so that the server knows its own again without keeping anything. */
export function signature(text: string): string {
  return createHash("sha256").update(`bough test kit: ${text}`).digest("base64url");
}

/** The arguments of a call as the text that a model writes. */
export function argumentsOf(call: ScriptedCall): string {
  return call.raw ?? JSON.stringify(call.input ?? {});
}

/** The name under which a call comes back: what is no name is put into the alphabet that the providers take. */
export function sentBack(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64);
}

/** The usage of a reply, with something for what the script leaves out. */
export function usageOf(reply: ModelReply) {
  return { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, ...reply.usage };
}

/** Why a reply stops, if the script does not say: for its calls, else because it is done. */
export function stopOf(reply: ModelReply): NonNullable<ModelReply["stop"]> {
  return reply.stop ?? (reply.calls?.length ? "calls" : "end");
}
