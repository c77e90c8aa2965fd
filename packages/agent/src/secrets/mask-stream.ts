import { type Masker, withMasks } from "./masker.ts";
import { startOfOpenKey } from "./private-keys.ts";

/** A line that is longer is let go in parts. */
const LONGEST_LINE = 16 * 1024;
/** No shape of a secret is longer, but for private keys, which are found while they come in. */
const LONGEST_SHAPE = 2048;
/** What is longer is no private key. */
const LONGEST_KEY = 64 * 1024;

/** Masks a text that comes in parts, in lines: a secret is masked also when parts divide it. */
export class MaskStream {
  readonly #masker: Masker;
  #held = "";

  constructor(masker: Masker) {
    this.#masker = masker;
  }

  /** Takes the next part and returns what can be shown by now. */
  push(part: string): string {
    this.#held += part;
    const ready = this.#ready();
    return ready === 0 ? "" : this.#release(ready);
  }

  /** Returns what was held back, when no more comes. */
  end(): string {
    return this.#masker.mask(this.#take(this.#held.length));
  }

  /** How much of what is held can be let go, unless a secret begins in it that is not whole yet. */
  #ready(): number {
    const lineEnd = Math.max(this.#held.lastIndexOf("\n"), this.#held.lastIndexOf("\r")) + 1;
    const isLong = this.#held.length - lineEnd > LONGEST_LINE;
    const ready = isLong ? this.#held.length - Math.max(LONGEST_SHAPE, this.#masker.longest) : lineEnd;
    const key = startOfOpenKey(this.#held.slice(0, ready));
    return key !== undefined && ready - key < LONGEST_KEY ? key : ready;
  }

  #release(ready: number): string {
    const spans = this.#masker.find(this.#held);
    const end = spans.find((span) => span.start < ready && span.end > ready)?.start ?? ready;
    const whole = spans.filter((span) => span.end <= end);
    return withMasks(this.#take(end), whole);
  }

  #take(length: number): string {
    const taken = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return taken;
  }
}
