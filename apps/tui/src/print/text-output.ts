import type { AgentEvent } from "@bough/agent";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import type { FinishedTurn, Output } from "./output.ts";
import { Progress } from "./progress.ts";

/** The answer on standard output and nothing else; a person at a terminal sees on standard error how it comes about. */
export class TextOutput implements Output {
  readonly #streams: Streams;
  readonly #progress: Progress;

  constructor(streams: Streams) {
    this.#streams = streams;
    this.#progress = new Progress(streams.stderr);
  }

  start(): void {}

  event(event: AgentEvent): void {
    // A notice is about the answer; the rest only passes the time.
    if (this.#streams.stderr.isTTY || event.type === "notice") this.#progress.event(event);
  }

  end({ turn }: FinishedTurn): void {
    if (turn.text === "") return;
    const { stdout } = this.#streams;
    const text = stdout.isTTY ? escapeForTerminal(turn.text) : turn.text;
    stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }
}
