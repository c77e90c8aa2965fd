import { escapeForTerminal } from "../terminal-text.ts";
import type { Page } from "./page.ts";

/** A line of one side, by its number; undefined where that side has none. */
type Cell = { readonly number: number; readonly text: string } | undefined;

/** Writes a patch in two columns: what was on the left, what is on the right. */
export function sideBySide(diff: string, page: Page): string {
  const rows: string[] = [];
  let hunk: Hunk | undefined;
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    const start = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line);
    if (hunk?.take(line)) continue;
    rows.push(...(hunk?.rows(page) ?? []));
    hunk = start === null ? undefined : new Hunk(Number(start[1]), Number(start[2]));
    rows.push(formatHeading(line, page));
  }
  return [...rows, ...(hunk?.rows(page) ?? [])].join("\n");
}

function formatHeading(line: string, { look }: Page): string {
  const text = escapeForTerminal(line);
  if (line.startsWith("@@")) return look.accent(text);
  return line.startsWith("diff --git ") ? look.bold(text) : look.dim(text);
}

/** Lines that changed together, with those around them. */
class Hunk {
  #left: number;
  #right: number;
  readonly #rows: [Cell, Cell][] = [];
  #removed: Cell[] = [];
  #added: Cell[] = [];

  constructor(left: number, right: number) {
    this.#left = left;
    this.#right = right;
  }

  /** Takes the next line, unless it is none of the hunk's. */
  take(line: string): boolean {
    const text = line.slice(1);
    switch (line[0]) {
      case "-":
        this.#removed.push({ number: this.#left++, text });
        return true;
      case "+":
        this.#added.push({ number: this.#right++, text });
        return true;
      case " ":
        this.#pair();
        this.#rows.push([
          { number: this.#left++, text },
          { number: this.#right++, text },
        ]);
        return true;
      default:
        // "No newline at end of file" is about the line before.
        return line.startsWith("\\");
    }
  }

  rows({ width, look }: Page): string[] {
    this.#pair();
    const column = Math.floor((width - 3) / 2);
    return this.#rows.map(([left, right]) => {
      const isSame = left?.text === right?.text;
      const [before, after] = [formatCell(left, column), formatCell(right, column).trimEnd()];
      const row = isSame ? [before, after] : [look.removed(before), after === "" ? "" : look.added(after)];
      return row.join(look.dim(" │ ")).trimEnd();
    });
  }

  /** Puts what was removed beside what came in its place. */
  #pair(): void {
    const count = Math.max(this.#removed.length, this.#added.length);
    for (let i = 0; i < count; i++) this.#rows.push([this.#removed[i], this.#added[i]]);
    [this.#removed, this.#added] = [[], []];
  }
}

const NUMBER_WIDTH = 4;

function formatCell(cell: Cell, width: number): string {
  if (cell === undefined) return " ".repeat(width);
  const room = width - NUMBER_WIDTH - 1;
  const characters = Array.from(escapeForTerminal(cell.text).replaceAll("\t", "    "));
  const shown = characters.length <= room ? characters : [...characters.slice(0, room - 1), "…"];
  return `${String(cell.number).padStart(NUMBER_WIDTH)} ${shown.join("")}${" ".repeat(room - shown.length)}`;
}
