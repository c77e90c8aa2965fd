import type { Line, Span, Style } from "./line.ts";
import { type Grapheme, graphemes, widthOf } from "./width.ts";

interface Placed extends Grapheme {
  readonly style: Style | undefined;
}

/** Breaks a line into rows of a width, between words where there are any; `hang` begins every row but the first. */
export function wrap(line: Line, width: number, hang: Line = []): Line[] {
  if (widthOfLine(line) <= width) return [line];
  const hangWidth = widthOfLine(hang);
  const rows: Line[] = [];
  let rest = place(line);
  for (;;) {
    const room = Math.max(1, rows.length === 0 ? width : width - hangWidth);
    const end = rowEnd(rest, room);
    const row = join(rest.slice(0, end));
    rows.push(rows.length === 0 ? row : [...hang, ...row]);
    if (end === rest.length) return rows;
    // The blank that a row broke at is not part of the next.
    rest = rest.slice(rest[end]?.text === " " ? end + 1 : end);
  }
}

/** Cuts a line to a width; what is cut is told by an ellipsis. */
export function clip(line: Line, width: number): Line {
  if (widthOfLine(line) <= width) return line;
  if (width < 1) return [];
  const placed = place(line);
  const end = fitting(placed, width - 1);
  return join([...placed.slice(0, end), { text: "…", width: 1, style: placed[end]?.style }]);
}

/** Fills a line up to a width with blanks of a style. */
export function pad(line: Line, width: number, style?: Style): Line {
  const missing = width - widthOfLine(line);
  return missing <= 0 ? line : [...line, span(" ".repeat(missing), style)];
}

/** Counts the columns that a line fills. */
export function widthOfLine(line: Line): number {
  return line.reduce((width, { text }) => width + widthOf(text), 0);
}

/** Where the row ends that begins here: before a word that would not fit, or within one that fits no row. */
function rowEnd(placed: readonly Placed[], room: number): number {
  const end = Math.max(1, fitting(placed, room));
  if (end >= placed.length || placed[end]?.text === " ") return Math.min(end, placed.length);
  const blank = placed.findLastIndex(({ text }, index) => index > 0 && index < end && text === " ");
  const isIndent = blank !== -1 && placed.slice(0, blank).every(({ text }) => text === " ");
  return blank === -1 || isIndent ? end : blank;
}

/** How many of them fit. */
function fitting(placed: readonly Placed[], room: number): number {
  let used = 0;
  const first = placed.findIndex(({ width }) => {
    used += width;
    return used > room;
  });
  return first === -1 ? placed.length : first;
}

function place(line: Line): Placed[] {
  return line.flatMap(({ text, style }) => graphemes(text).map((grapheme) => ({ ...grapheme, style })));
}

function join(placed: readonly Placed[]): Span[] {
  const spans: Span[] = [];
  for (const { text, style } of placed) {
    const last = spans.at(-1);
    if (last !== undefined && last.style === style) spans[spans.length - 1] = span(last.text + text, style);
    else spans.push(span(text, style));
  }
  return spans;
}

function span(text: string, style: Style | undefined): Span {
  return style === undefined ? { text } : { text, style };
}
