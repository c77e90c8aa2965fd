import { lexer } from "marked";
import type { Line } from "../text/line.ts";
import { blockLines } from "./blocks.ts";

/** Lines of a fence that are laid out together, so that a long one that goes on costs no more than a short one. */
const FENCE_LINES = 40;

interface Fence {
  /** What began it: its end is at least as long. */
  readonly mark: string;
  readonly info: string;
  readonly lines: number;
}

/**
 * Lays out Markdown that grows: what cannot change any more is laid out once, and only its last part again when more
 * comes.
 */
export class GrowingMarkdown {
  readonly #width: number;
  readonly #done: Line[] = [];
  #text = "";
  /** How much of the text is laid out for good. */
  #doneTo = 0;
  /** The fence that what is laid out for good ends within. */
  #fence: Fence | undefined;
  #lookedTo = 0;
  /** The fence that what was looked at ends within. */
  #inFence: Fence | undefined;

  constructor(width: number) {
    this.#width = width;
  }

  /** Lays out the text so far; each text begins with the one before. */
  lines(text: string): Line[] {
    if (!text.startsWith(this.#text)) this.#reset();
    this.#text = text;
    this.#freeze();
    return this.#with(this.#laidOut(this.#fence, text.slice(this.#doneTo)));
  }

  #reset(): void {
    this.#done.length = 0;
    this.#doneTo = 0;
    this.#fence = undefined;
    this.#lookedTo = 0;
    this.#inFence = undefined;
  }

  /** Looks at the lines that are whole. */
  #freeze(): void {
    for (;;) {
      const end = this.#text.indexOf("\n", this.#lookedTo);
      // Whether an empty line ends a block is told by the next.
      if (end === -1 || end + 1 === this.#text.length) return;
      const line = this.#text.slice(this.#lookedTo, end);
      this.#lookedTo = end + 1;
      if (this.#inFence === undefined) this.#lookAtText(line);
      else this.#lookAtCode(line, this.#inFence);
    }
  }

  #lookAtText(line: string): void {
    const [, mark = "", info = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (mark !== "") this.#inFence = { mark, info, lines: 0 };
    // A block that is followed by an indented one, or by an item, may go on in it.
    else if (
      line.trim() === "" &&
      /^\S/.test(this.#text.slice(this.#lookedTo, this.#lookedTo + 1)) &&
      !this.#isItem()
    ) {
      this.#keep(undefined);
    }
  }

  #lookAtCode(line: string, fence: Fence): void {
    const isEnd = line.trim().startsWith(fence.mark) && /^[`~]+$/.test(line.trim());
    this.#inFence = isEnd ? undefined : { ...fence, lines: fence.lines + 1 };
    if (this.#inFence !== undefined && this.#inFence.lines % FENCE_LINES === 0) this.#keep(this.#inFence);
  }

  /** Also one of which no more than its mark is there. */
  #isItem(): boolean {
    return /^(?:[-*+]|\d{1,9}[.)]?)(?:\s|$)/.test(this.#text.slice(this.#lookedTo, this.#lookedTo + 12));
  }

  #keep(fence: Fence | undefined): void {
    const lines = this.#laidOut(this.#fence, this.#text.slice(this.#doneTo, this.#lookedTo));
    this.#done.push(...this.#with(lines).slice(this.#done.length));
    this.#doneTo = this.#lookedTo;
    this.#fence = fence;
  }

  /** Lays out a part, which may begin within a fence. */
  #laidOut(fence: Fence | undefined, part: string): { readonly lines: Line[]; readonly isFence: boolean } {
    if (part === "") return { lines: [], isFence: false };
    const open = fence === undefined ? "" : `${fence.mark}${fence.info}\n`;
    return { lines: blockLines(lexer(open + part), this.#width), isFence: fence !== undefined };
  }

  #with({ lines, isFence }: { readonly lines: Line[]; readonly isFence: boolean }): Line[] {
    if (this.#done.length === 0 || lines.length === 0) return [...this.#done, ...lines];
    return isFence ? [...this.#done, ...lines] : [...this.#done, [], ...lines];
  }
}
