import { escapeForTerminal } from "../terminal-text.ts";
import type { Line } from "../text/line.ts";
import { widthOf } from "../text/width.ts";
import { clip, pad, wrap } from "../text/wrap.ts";

/** Terms with what they mean, under a title. */
export interface Definitions {
  readonly title: string;
  readonly rows: readonly { readonly term: string; readonly meaning: string }[];
}

/** Columns that the terms may take, and the share of a narrow width. */
const WIDEST = 34;
const SHARE = 0.45;
const GAP = 3;

/** How many columns the terms may take. */
export function termRoom(width: number): number {
  return Math.min(WIDEST, Math.max(8, Math.floor(width * SHARE)));
}

/** Writes terms in one column and what they mean in another; what is long goes on in its own column. */
export function definitionLines(given: readonly Definitions[], width: number): Line[] {
  // Some are the names and words of files that anybody may have written.
  const sections = given.map(({ title, rows }) => ({
    title,
    rows: rows.map(({ term, meaning }) => ({ term: safe(term), meaning: safe(meaning) })),
  }));
  const longest = Math.max(0, ...sections.flatMap(({ rows }) => rows.map(({ term }) => widthOf(term))));
  const column = Math.min(longest, termRoom(width));
  return sections
    .filter(({ rows }) => rows.length > 0)
    .flatMap(({ title, rows }, index) => [
      ...(index === 0 ? [] : [[]]),
      clip([{ text: `${title.slice(0, 1).toUpperCase()}${title.slice(1)}`, style: { bold: true } }], width),
      ...rows.flatMap((row) => rowLines(row, column, width)),
    ]);
}

function rowLines({ term, meaning }: Definitions["rows"][number], column: number, width: number): Line[] {
  const terms = wrap([{ text: term, style: { role: "accent" } }], column, [{ text: "  " }]);
  const meanings = wrap([{ text: meaning, style: { role: "text" } }], Math.max(1, width - column - GAP));
  return Array.from({ length: Math.max(terms.length, meanings.length) }, (_, row): Line => {
    const [left = [], right] = [terms[row], meanings[row]];
    return right === undefined ? left : [...pad(left, column + GAP), ...right];
  });
}

function safe(text: string): string {
  return escapeForTerminal(text).replaceAll(/[\n\t]/g, " ");
}
