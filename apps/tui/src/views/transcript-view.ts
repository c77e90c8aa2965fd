import { GrowingMarkdown } from "../markdown/growing-markdown.ts";
import { type Line, textOf } from "../text/line.ts";
import type { Placed } from "../transcript/entry.ts";
import type { Transcript } from "../transcript/transcript.ts";
import { answerLines, answerWidth, entryLines } from "./entry-lines.ts";

/** Entries whose lines are kept, around what is looked at. */
const MOST_KEPT = 400;

/** A row of an entry, which stands still while others grow. */
interface Anchor {
  readonly entry: number;
  readonly row: number;
}

interface LaidOut {
  readonly version: number;
  readonly width: number;
  readonly isExpanded: boolean;
  readonly lines: readonly Line[];
}

/**
 * What is looked at of a transcript. Only what is seen is laid out, and it is kept, so that a picture costs the same
 * however long the transcript is.
 */
export class TranscriptView {
  readonly #transcript: Transcript;
  readonly #laidOut = new Map<number, LaidOut>();
  readonly #growing = new Map<number, { readonly width: number; readonly markdown: GrowingMarkdown }>();
  readonly #expanded = new Set<number>();
  #isAllExpanded = false;
  #width = 80;
  #rows = 24;
  /** What was found last, from where the search goes on until one goes elsewhere. */
  #found: Anchor | undefined;
  /** The topmost row; at the end, the last row is the lowest, whatever comes. */
  #top: Anchor | "end" = "end";

  constructor(transcript: Transcript) {
    this.#transcript = transcript;
  }

  /** Whether the last row is seen, and what comes will be. */
  get isAtEnd(): boolean {
    return this.#top === "end";
  }

  /** The rows that are seen in an area of a size. */
  lines(width: number, rows: number): Line[] {
    [this.#width, this.#rows] = [width, rows];
    // What was looked at may have been taken away, as by a rewind.
    if (this.#top !== "end" && this.#top.entry >= this.#length) this.#top = "end";
    const top = this.#top === "end" ? this.#lastTop() : this.#top;
    const lines: Line[] = [];
    for (let entry = top.entry; entry < this.#length && lines.length < rows; entry++) {
      lines.push(...this.#linesOf(entry).slice(entry === top.entry ? top.row : 0));
    }
    this.#forget(this.#placed[top.entry]?.id ?? 0);
    return lines.slice(0, rows);
  }

  /** Goes down by rows, or up by negative ones. */
  scroll(rows: number): void {
    const top = this.#top === "end" ? this.#lastTop() : this.#top;
    this.#goTo(this.#moved(top, rows));
  }

  /** Goes by pages, of which a row is seen again. */
  page(pages: number): void {
    this.scroll(pages * Math.max(1, this.#rows - 1));
  }

  toStart(): void {
    this.#goTo({ entry: 0, row: 0 });
  }

  toEnd(): void {
    this.#found = undefined;
    this.#top = "end";
  }

  /** Goes to the next prompt, or the one before. */
  toPrompt(direction: 1 | -1): void {
    const from = this.#top === "end" ? this.#lastTop() : this.#top;
    const isPast = (index: number) =>
      direction > 0 ? index > from.entry : index < from.entry || (index === from.entry && from.row > 0);
    const prompts = this.#placed.flatMap(({ entry }, index) =>
      entry.type === "prompt" && isPast(index) ? [index] : [],
    );
    const found = direction > 0 ? prompts[0] : prompts.at(-1);
    if (found !== undefined) this.#goTo({ entry: found, row: 0 });
    else if (direction > 0) this.toEnd();
  }

  /** Goes to the next place that holds a text, or the one before, and says whether there is one. */
  find(text: string, direction: 1 | -1): boolean {
    const wanted = text.toLowerCase();
    if (this.#found !== undefined && this.#found.entry >= this.#length) this.#found = undefined;
    const from = this.#found ?? this.#searchStart(direction);
    for (let step = 0; step < this.#length; step++) {
      const entry = from.entry + step * direction;
      if (entry < 0 || entry >= this.#length) return false;
      if (!holds(this.#placed[entry], wanted)) continue;
      const rows = this.#linesOf(entry).flatMap((line, row) =>
        textOf(line).toLowerCase().includes(wanted) ? [row] : [],
      );
      const isPast = (row: number) => step > 0 || (direction > 0 ? row > from.row : row < from.row);
      const found = direction > 0 ? rows.find(isPast) : rows.findLast(isPast);
      if (found === undefined) continue;
      this.#goTo({ entry, row: found });
      this.#found = { entry, row: found };
      return true;
    }
    return false;
  }

  /** What is seen at the end is searched too. */
  #searchStart(direction: 1 | -1): Anchor {
    if (this.#top !== "end") return this.#top;
    return direction > 0 ? this.#lastTop() : { entry: this.#length - 1, row: Number.POSITIVE_INFINITY };
  }

  /** Shows all of every entry, or what tells what each is; returns whether it is all now. */
  toggleExpanded(): boolean {
    this.#isAllExpanded = !this.#isAllExpanded;
    return this.#isAllExpanded;
  }

  /** Shows what was laid out anew, as after a language was loaded that colours code. */
  refresh(): void {
    this.#laidOut.clear();
    this.#growing.clear();
  }

  get #placed(): readonly Placed[] {
    return this.#transcript.entries;
  }

  get #length(): number {
    return this.#placed.length;
  }

  #goTo(anchor: Anchor): void {
    this.#found = undefined;
    const end = this.#lastTop();
    const isEnd = anchor.entry > end.entry || (anchor.entry === end.entry && anchor.row >= end.row);
    this.#top = isEnd ? "end" : anchor;
  }

  /** The topmost row when the last is the lowest. */
  #lastTop(): Anchor {
    let rows = this.#rows;
    for (let entry = this.#length - 1; entry >= 0; entry--) {
      const { length } = this.#linesOf(entry);
      if (length >= rows) return { entry, row: length - rows };
      rows -= length;
    }
    return { entry: 0, row: 0 };
  }

  #moved(from: Anchor, rows: number): Anchor {
    let { entry, row } = from;
    row += rows;
    while (row < 0 && entry > 0) {
      entry -= 1;
      row += this.#linesOf(entry).length;
    }
    for (;;) {
      const { length } = this.#linesOf(entry);
      if (row < length || entry >= this.#length - 1) return { entry, row: Math.max(0, row) };
      row -= length;
      entry += 1;
    }
  }

  /** An entry's lines, after the empty one that parts it from what is before. */
  #linesOf(index: number): readonly Line[] {
    const placed = this.#placed[index];
    if (placed === undefined) return [];
    const { id, version } = placed;
    const isExpanded = this.#isAllExpanded || this.#expanded.has(id);
    const known = this.#laidOut.get(id);
    if (known?.version === version && known.width === this.#width && known.isExpanded === isExpanded)
      return known.lines;
    const own = this.#layOut(placed, isExpanded);
    const lines = own.length > 0 && isApart(this.#placed[index - 1], placed) ? [[], ...own] : own;
    this.#laidOut.delete(id);
    this.#laidOut.set(id, { version, width: this.#width, isExpanded, lines });
    return lines;
  }

  #layOut({ id, entry }: Placed, isExpanded: boolean): readonly Line[] {
    const width = this.#width;
    if (entry.type !== "answer") return entryLines(entry, { width, isExpanded });
    let growing = this.#growing.get(id);
    if (growing === undefined || growing.width !== width) {
      growing = { width, markdown: new GrowingMarkdown(answerWidth(width)) };
      this.#growing.set(id, growing);
    }
    const lines = growing.markdown.lines(entry.text.trimEnd());
    if (!entry.isOpen) this.#growing.delete(id);
    return answerLines(lines);
  }

  /** What is far from what is looked at is laid out again when it is come back to. */
  #forget(near: number): void {
    for (const id of this.#laidOut.keys()) {
      if (this.#laidOut.size <= MOST_KEPT) return;
      if (Math.abs(id - near) > MOST_KEPT / 4) this.#laidOut.delete(id);
    }
  }
}

function holds(placed: Placed | undefined, wanted: string): boolean {
  return placed !== undefined && JSON.stringify(placed.entry).toLowerCase().includes(wanted);
}

/** Calls and commits that follow each other belong together. */
function isApart(before: Placed | undefined, { entry }: Placed): boolean {
  if (before === undefined) return false;
  const kinds = ["call", "commit", "thinking"];
  return !(kinds.includes(entry.type) && kinds.includes(before.entry.type));
}
