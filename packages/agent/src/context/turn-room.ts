import { type Message, ModelError } from "@bough/models";
import type { Happening } from "../events.ts";
import type { TurnSteps } from "../turn-steps.ts";
import { describeRoom, type MakeRoomOptions, makeRoom } from "./make-room.ts";

/** What room in a turn is made with. */
export interface TurnRoomOptions extends Pick<MakeRoomOptions, "model" | "price" | "beside" | "signal"> {
  readonly steps: TurnSteps;
  emit(happening: Happening): void;
}

/** What may come of asking a model. */
interface Heard {
  readonly error?: Error;
}

/** Keeps what the model of a turn is sent within what it reads. */
export class TurnRoom {
  readonly #options: TurnRoomOptions;
  #hasFailed = false;

  constructor(options: TurnRoomOptions) {
    this.#options = options;
  }

  /**
   * Asks the model: with a summary before, when the window is nearly full, and once more with a harder one when the
   * provider says that it is too much all the same.
   */
  async ask<Answer extends Heard>(listen: (messages: readonly Message[]) => Promise<Answer>): Promise<Answer> {
    const { steps } = this.#options;
    const messages = await steps.messages();
    const isFull = await steps.isFull();
    // A summary that failed would most likely fail again.
    const hasRoom = isFull && !this.#hasFailed && (await this.#make("usual"));
    const heard = await listen(hasRoom ? await steps.messages() : messages);
    if (!(heard.error instanceof ModelError) || heard.error.kind !== "context-overflow") return heard;
    return (await this.#make("hard")) ? listen(await steps.messages()) : heard;
  }

  async #make(keep: "usual" | "hard"): Promise<boolean> {
    const { steps, signal, emit } = this.#options;
    const projection = await steps.projection;
    const before = await steps.size();
    const refusedAt = keep === "hard" ? before : undefined;
    try {
      const made = await makeRoom(projection, { ...this.#options, step: steps.step, keep, refusedAt });
      if (made === undefined) return false;
      steps.addSummary(made);
      if (made.failure !== undefined) this.#hasFailed = true;
      await steps.messages();
      emit(describeRoom(made, { before, after: await steps.size() }));
      return true;
    } catch (error) {
      // Asking the model will say so too.
      if (signal.aborted) return true;
      throw error;
    }
  }
}
