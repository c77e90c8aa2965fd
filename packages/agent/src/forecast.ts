import { costOf, type Message, type ModelPrice, type ModelRequest, type Usage } from "@bough/models";
import type { Expected } from "./budget.ts";

/** Characters that a token stands for in most texts. */
const CHARACTERS_A_TOKEN = 4;

/**
 * Says what the next request of a conversation will take, its answer left aside. Its provider counted what was sent and
 * answered before; of what is new, and before a first answer of all, the length tells as much as can be told.
 */
export class Forecast {
  readonly #price: ModelPrice | undefined;
  #last: { readonly usage: Usage; readonly length: number } | undefined;

  constructor(price: ModelPrice | undefined) {
    this.#price = price;
  }

  /** What a request takes at least, as far as it can be told. */
  of(request: ModelRequest): Expected {
    const tokens = this.#tokens(request);
    const { cacheRead = 0, cacheWrite = 0 } = this.#last?.usage ?? {};
    const cached = Math.min(tokens, cacheRead + cacheWrite);
    const usage = { input: tokens - cached, output: 0, cacheRead: cached, cacheWrite: 0 };
    return { tokens, cost: this.#price === undefined ? 0 : costOf(usage, this.#price) };
  }

  /** Learns what a request took. */
  learn(request: ModelRequest, usage: Usage): void {
    this.#last = { usage, length: lengthOf(request) };
  }

  #tokens(request: ModelRequest): number {
    const length = lengthOf(request);
    if (this.#last === undefined) return Math.floor(length / CHARACTERS_A_TOKEN);
    const { usage, length: before } = this.#last;
    const sent = usage.input + usage.cacheRead + usage.cacheWrite;
    // A conversation that was made shorter meanwhile takes less than what was counted.
    if (length < before) return Math.floor((sent * length) / before);
    const since = request.messages.slice(request.messages.findLastIndex(({ role }) => role === "assistant") + 1);
    return sent + usage.output + Math.floor(lengthOfAll(since) / CHARACTERS_A_TOKEN);
  }
}

function lengthOf({ system, messages, tools }: ModelRequest): number {
  return system.length + lengthOfAll(messages) + JSON.stringify(tools).length;
}

function lengthOfAll(messages: readonly Message[]): number {
  const blocks = messages.flatMap<Message["content"][number]>(({ content }) => content);
  return blocks.reduce(
    (sum, block) => sum + (block.type === "call" ? JSON.stringify(block.input) : block.text).length,
    0,
  );
}
