import type { AgentEvent } from "./events.ts";

/** Whoever listens to a turn: what they throw interrupts it, and is thrown once all that was said is committed. */
export class Listener {
  readonly #onEvent: ((event: AgentEvent) => void) | undefined;
  readonly #broken = new AbortController();

  constructor(onEvent: ((event: AgentEvent) => void) | undefined) {
    this.#onEvent = onEvent;
  }

  /** Aborts with what was thrown; from then on nothing more is told. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Tells of an event. */
  readonly tell = (event: AgentEvent): void => {
    if (this.#broken.signal.aborted) return;
    try {
      this.#onEvent?.(event);
    } catch (error) {
      this.#broken.abort(error);
    }
  };
}
