/** Milliseconds from one picture to the next: 30 a second at most. */
const SHORTEST = 33;

/** What time is told by, and waited for with. */
export interface Clock {
  now(): number;
  /** Calls back after so many milliseconds; returns what calls that off. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** The clock of the machine. */
export const clock: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

/**
 * Says when to draw: soon after something changed, never more often than a person sees, and not while the terminal is
 * still busy with the last picture. Where nothing changes nothing is waited for.
 */
export class Pace {
  readonly #draw: () => void;
  readonly #clock: Clock;
  #isWanted = false;
  #isBusy = false;
  #last = Number.NEGATIVE_INFINITY;
  #callOff: (() => void) | undefined;

  constructor(draw: () => void, time: Clock = clock) {
    this.#draw = draw;
    this.#clock = time;
  }

  /** Says that what is shown is no longer so. */
  want(): void {
    this.#isWanted = true;
    this.#plan();
  }

  /** Says that the terminal is busy with a picture, or has taken it in. */
  setBusy(isBusy: boolean): void {
    this.#isBusy = isBusy;
    this.#plan();
  }

  /** Nothing is drawn any more. */
  stop(): void {
    this.#isWanted = false;
    this.#callOff?.();
    this.#callOff = undefined;
  }

  #plan(): void {
    if (!this.#isWanted || this.#isBusy || this.#callOff !== undefined) return;
    // What happens in the same moment is one picture.
    const wait = Math.max(0, this.#last + SHORTEST - this.#clock.now());
    this.#callOff = this.#clock.after(wait, () => {
      this.#callOff = undefined;
      if (!this.#isWanted || this.#isBusy) return;
      this.#isWanted = false;
      this.#last = this.#clock.now();
      this.#draw();
    });
  }
}
