import { AgentError } from "./agent-error.ts";

/** What a person says to a running turn, and what hooks tell the model beside it. */
export interface SentMessage {
  readonly text: string;
  readonly told: readonly string[];
}

/** What hooks are asked about a message; they may refuse it by throwing. */
export type AskHooks = (text: string) => Promise<readonly string[]>;

/** The messages that are sent to a running turn: they wait, in order, for the end of its step. */
export class Steering {
  readonly #askHooks: AskHooks | undefined;
  #waiting: SentMessage[] = [];
  #asking: Promise<unknown> = Promise.resolve();
  #isOver = false;

  /** Without hooks a message is there at once. */
  constructor(askHooks: AskHooks | undefined) {
    this.#askHooks = askHooks;
  }

  /** Resolves when the message is certain to be delivered or told as undelivered; rejects when the turn is over. */
  async send(text: string): Promise<void> {
    if (this.#isOver) throw notRunning();
    if (this.#askHooks === undefined) {
      this.#waiting.push({ text, told: [] });
      return;
    }
    const ask = this.#askHooks;
    const asked = this.#asking.then(() => ask(text));
    const queued = asked.then((told) => {
      if (this.#isOver) throw notRunning();
      this.#waiting.push({ text, told });
    });
    this.#asking = queued.catch(() => {});
    await queued;
  }

  /** Whether a message waits. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves when hooks are done with what was sent so far. */
  async settled(): Promise<void> {
    await this.#asking;
  }

  /** Takes what waits, to deliver it. */
  take(): readonly SentMessage[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  /** Takes nothing more, and gives back what was not delivered. */
  close(): readonly string[] {
    this.#isOver = true;
    return this.take().map(({ text }) => text);
  }
}

/** What sending to an agent that runs no turn fails with. */
export function notRunning(): AgentError {
  return new AgentError(
    "not-running",
    "No turn is running that the message could reach. Run one with it: agent.run(…).",
  );
}
