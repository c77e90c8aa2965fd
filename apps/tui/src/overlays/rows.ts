import type { OverlayAction } from "../keys/actions.ts";

/** Which rows of a list are seen, and which of them is chosen; where nothing is chosen, the first that is seen. */
export class Rows {
  readonly #hasChoice: boolean;
  #top = 0;
  #chosen = 0;
  #count = 0;
  #rows = 1;

  constructor({ hasChoice }: { readonly hasChoice: boolean }) {
    this.#hasChoice = hasChoice;
  }

  get chosen(): number {
    return this.#hasChoice ? this.#chosen : this.#top;
  }

  /** Where what is seen begins and ends, of so many rows in so much room. */
  seen(count: number, rows: number): { readonly start: number; readonly end: number } {
    [this.#count, this.#rows] = [count, Math.max(1, rows)];
    this.#chosen = clamp(this.#chosen, 0, count - 1);
    if (this.#hasChoice) this.#top = clamp(this.#top, this.#chosen - this.#rows + 1, this.#chosen);
    this.#top = clamp(this.#top, 0, Math.max(0, count - this.#rows));
    return { start: this.#top, end: Math.min(count, this.#top + this.#rows) };
  }

  /** Goes to a row; it is not at the edge where that can be helped. */
  goTo(row: number): void {
    if (this.#hasChoice) {
      this.#chosen = row;
      this.#top = row - Math.floor(this.#rows / 2);
    } else this.#top = row;
  }

  scroll(rows: number): void {
    if (this.#hasChoice) this.#chosen = clamp(this.#chosen + rows, 0, this.#count - 1);
    else this.#top = clamp(this.#top + rows, 0, Math.max(0, this.#count - this.#rows));
  }

  /** Does what the keys of every list do; returns whether it was one of those. */
  act(action: OverlayAction): boolean {
    const steps: Partial<Record<OverlayAction, number>> = {
      "list-up": -1,
      "list-down": 1,
      "list-page-up": 1 - this.#rows,
      "list-page-down": this.#rows - 1,
      "list-start": -this.#count,
      "list-end": this.#count,
    };
    const step = steps[action];
    if (step !== undefined) this.scroll(step);
    return step !== undefined;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
