import type { Agent, Turn } from "@bough/agent";
import type { Streams } from "../streams.ts";
import type { Output } from "./output.ts";
import { resultObject } from "./result-object.ts";

/** One JSON object, when all is over. */
export class JsonOutput implements Output {
  readonly #streams: Streams;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  start(): void {}

  event(): void {}

  end(agent: Agent, turn: Turn, durationMs: number): void {
    this.#streams.stdout.write(`${JSON.stringify(resultObject(agent, turn, durationMs))}\n`);
  }
}
