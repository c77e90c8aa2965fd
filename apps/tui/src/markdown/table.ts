import type { Tokens } from "marked";
import type { Line, Style } from "../text/line.ts";
import { pad, widthOfLine, wrap } from "../text/wrap.ts";
import { inlineSpans } from "./inline.ts";

const MUTED: Style = { role: "muted" };
const BETWEEN = " │ ";
const NARROWEST = 4;

/** Lays a table out in columns that fit a width; cells that are too wide go on in the next row. */
export function tableLines({ header, rows, align }: Tokens.Table, width: number): Line[] {
  const head = header.map(({ tokens }) => inlineSpans(tokens, { bold: true }));
  const body = rows.map((row) => row.map(({ tokens }) => inlineSpans(tokens)));
  const wanted = head.map((cell, column) =>
    Math.max(1, widthOfLine(cell), ...body.map((row) => widthOfLine(row[column] ?? []))),
  );
  const widths = fitColumns(wanted, width - BETWEEN.length * (wanted.length - 1));
  const rule = { text: widths.map((column) => "─".repeat(column)).join("─┼─"), style: MUTED };
  return [...rowLines(head, widths, align), [rule], ...body.flatMap((row) => rowLines(row, widths, align))];
}

/** Takes from the widest columns what is too much, down to what can be read. */
function fitColumns(wanted: readonly number[], room: number): number[] {
  const widths = [...wanted];
  let tooMuch = widths.reduce((sum, column) => sum + column, 0) - room;
  while (tooMuch > 0) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.indexOf(widest)] = widest - 1;
    tooMuch -= 1;
  }
  return widths;
}

function rowLines(cells: readonly Line[], widths: readonly number[], align: Tokens.Table["align"]): Line[] {
  const wrapped = widths.map((width, column) => wrap(cells[column] ?? [], width));
  const height = Math.max(...wrapped.map(({ length }) => length));
  return Array.from({ length: height }, (_, row) =>
    widths.flatMap((width, column) => {
      const cell = aligned(wrapped[column]?.[row] ?? [], width, align[column] ?? null);
      return column === 0 ? cell : [{ text: BETWEEN, style: MUTED }, ...cell];
    }),
  );
}

function aligned(line: Line, width: number, align: Tokens.Table["align"][number]): Line {
  const missing = width - widthOfLine(line);
  const before = align === "right" ? missing : align === "center" ? Math.floor(missing / 2) : 0;
  return before <= 0 ? pad(line, width) : pad([{ text: " ".repeat(before) }, ...line], width);
}
