import { randomBytes } from "node:crypto";
import { isRecord } from "./json.ts";
import type { AssistantBlock, ModelEvent, ModelRequest, Reply, StopReason, Usage, Wire } from "./model.ts";

type Key = string | number;
type Said = { type: "text" | "thinking"; text: string; extra?: Record<string, unknown> };
type Called = { type: "call"; id: string; name: string; json: string; extra?: Record<string, unknown> };

/**
 * A reply as it arrives: its blocks grow piece by piece, possibly interleaved, each under the key its wire gives it,
 * and keep the order in which they began.
 */
export class ReplyDraft {
  readonly #wire: Wire;
  readonly #blocks = new Map<Key, Said | Called>();
  readonly #ids: Set<string>;

  constructor(wire: Wire, request: ModelRequest) {
    this.#wire = wire;
    this.#ids = new Set(
      request.messages.flatMap((message) => message.content.map((block) => (block.type === "call" ? block.id : ""))),
    );
  }

  /** Adds to a text, and yields the delta unless it is empty. */
  *text(key: Key, piece: string): Generator<ModelEvent> {
    this.#say(key, "text", piece);
    if (piece !== "") yield { type: "text-delta", text: piece };
  }

  /** Adds to the thinking, and yields the delta unless it is empty. */
  *thinking(key: Key, piece: string): Generator<ModelEvent> {
    this.#say(key, "thinking", piece);
    if (piece !== "") yield { type: "thinking-delta", text: piece };
  }

  /** Begins a call; its arguments follow as pieces of JSON. */
  call(key: Key, { id, name }: { id: string; name: string }): void {
    this.#blocks.set(key, { type: "call", id, name, json: "" });
  }

  /** Adds to the arguments of a call. */
  input(key: Key, piece: string): void {
    const block = this.#blocks.get(key);
    if (block?.type === "call") block.json += piece;
  }

  /** Keeps what the provider wants back with the block. */
  keep(key: Key, extra: Record<string, unknown>): void {
    const block = this.#blocks.get(key);
    if (block) block.extra = { ...block.extra, ...extra };
  }

  /** Ends the reply. A reply that ended well and asks for tools stops for the calls. */
  finish(stop: StopReason, usage: Usage): ModelEvent {
    const content = [...this.#blocks.values()]
      .filter((block) => block.type === "call" || block.text !== "" || block.extra)
      .map((block) => this.#finished(block));
    const wantsTools = content.some((block) => block.type === "call");
    const reply: Reply = { content, stop: stop === "end" && wantsTools ? "calls" : stop, usage };
    return { type: "reply", reply };
  }

  #say(key: Key, type: "text" | "thinking", piece: string): void {
    const block = this.#blocks.get(key);
    if (block?.type === type) block.text += piece;
    else this.#blocks.set(key, { type, text: piece });
  }

  #finished(block: Said | Called): AssistantBlock {
    const extra = block.extra ? { extra: { [this.#wire]: block.extra } } : {};
    if (block.type !== "call") return { type: block.type, text: block.text, ...extra };
    return { type: "call", id: this.#uniqueId(block.id), name: block.name, ...parsedInput(block.json), ...extra };
  }

  // Some servers number the calls of each reply from zero, or give no ids at all.
  #uniqueId(given: string): string {
    const id = given === "" || this.#ids.has(given) ? `call_${randomBytes(12).toString("hex")}` : given;
    this.#ids.add(id);
    return id;
  }
}

function parsedInput(json: string): { input: Record<string, unknown>; malformed?: string } {
  if (json.trim() === "") return { input: {} };
  try {
    const input: unknown = JSON.parse(json);
    if (isRecord(input)) return { input };
  } catch {
    // What the model wrote goes back to it below: it alone can mend it.
  }
  return { input: {}, malformed: json };
}
