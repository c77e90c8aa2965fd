import type { Line } from "../text/line.ts";
import { graphemes } from "../text/width.ts";
import type { Theme } from "./theme.ts";

/** Part of the screen, counted from 0. */
export interface Area {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** One picture of the screen: a character and its look for each cell. */
export class Frame {
  readonly rows: number;
  readonly columns: number;
  /** What stands in each cell, row by row; empty behind a wide character. */
  readonly characters: string[];
  /** The parameters of SGR of each cell. */
  readonly looks: string[];
  /** Where the cursor is shown, if it is. */
  cursor: { readonly row: number; readonly column: number } | undefined;
  readonly #theme: Theme;

  constructor(rows: number, columns: number, theme: Theme) {
    this.rows = rows;
    this.columns = columns;
    this.characters = new Array<string>(rows * columns).fill(" ");
    this.looks = new Array<string>(rows * columns).fill("");
    this.#theme = theme;
  }

  /** Draws lines into an area, one a row; what does not fit is left out, and nothing outside of the area changes. */
  draw(area: Area, lines: readonly Line[]): void {
    for (const [index, line] of lines.slice(0, area.rows).entries()) {
      this.#drawLine({ ...area, row: area.row + index }, line);
    }
  }

  #drawLine({ row, column, columns }: Area, line: Line): void {
    if (row < 0 || row >= this.rows) return;
    const end = Math.min(column + columns, this.columns);
    let at = column;
    for (const { text, style } of line) {
      const look = this.#theme.parameters(style);
      for (const { text: character, width } of graphemes(text)) {
        if (width === 0) continue;
        if (at + width > end) return;
        if (at >= 0) this.#put(row * this.columns + at, isControl(character) ? "\ufffd" : character, look, width);
        at += width;
      }
    }
  }

  #put(index: number, character: string, look: string, width: number): void {
    // Half of a wide character is none.
    if (this.characters[index] === "" && index > 0) this.characters[index - 1] = " ";
    if (this.characters[index + width] === "") this.characters[index + width] = " ";
    this.characters[index] = character;
    this.looks[index] = look;
    if (width === 2) {
      this.characters[index + 1] = "";
      this.looks[index + 1] = look;
    }
  }
}

/** Whoever gives text to draw has escaped it; here nothing else could do harm. */
function isControl(character: string): boolean {
  return /\p{Cc}/u.test(character);
}
