import type { AgentEvent } from "@bough/agent";
import { jsonLine } from "../json-document.ts";
import type { Streams } from "../streams.ts";
import type { FinishedTurn, Output } from "./output.ts";
import { Progress } from "./progress.ts";
import { resultObject } from "./result-object.ts";

/** One JSON object, when all is over; notices go to standard error. */
export class JsonOutput implements Output {
  readonly #streams: Streams;
  readonly #progress: Progress;

  constructor(streams: Streams) {
    this.#streams = streams;
    this.#progress = new Progress(streams.stderr);
  }

  start(): void {}

  event(event: AgentEvent): void {
    if (event.type === "notice") this.#progress.event(event);
  }

  end(finished: FinishedTurn): void {
    this.#streams.stdout.write(jsonLine(resultObject(finished)));
  }
}
