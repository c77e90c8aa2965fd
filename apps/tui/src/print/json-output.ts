import { jsonLine } from "../json-document.ts";
import type { Streams } from "../streams.ts";
import type { FinishedTurn, Output } from "./output.ts";
import { resultObject } from "./result-object.ts";

/** One JSON object, when all is over. */
export class JsonOutput implements Output {
  readonly #streams: Streams;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  start(): void {}

  event(): void {}

  end(finished: FinishedTurn): void {
    this.#streams.stdout.write(jsonLine(resultObject(finished)));
  }
}
