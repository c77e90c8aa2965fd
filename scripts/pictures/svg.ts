/** A cell of a terminal, as it looks. */
export interface Cell {
  /** Empty behind a wide character. */
  readonly text: string;
  readonly color: string;
  readonly background: string | undefined;
  readonly bold: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly strike: boolean;
}

/** Pixels of one cell, and around all of them. */
const WIDTH = 8.4;
const HEIGHT = 19;
const MARGIN = 16;
const BASELINE = 14;

const FONTS = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";

/** Writes a terminal's cells as an SVG picture: the same cells are always the same text. */
export function svg(rows: readonly (readonly Cell[])[], { title, paper }: { title: string; paper: string }): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const [width, height] = [round(columns * WIDTH + 2 * MARGIN), rows.length * HEIGHT + 2 * MARGIN];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="10" fill="${paper}"/>`,
    `<g font-family="${FONTS}" font-size="14" xml:space="preserve">`,
    ...rows.flatMap((row, at) => [...backgrounds(row, at), ...runs(row, at)]),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function backgrounds(row: readonly Cell[], at: number): string[] {
  return groups(row, (cell) => cell.background ?? "").flatMap(({ key, start, cells }) => {
    if (key === "") return [];
    const size = `width="${round(cells.length * WIDTH)}" height="${HEIGHT}"`;
    return [`<rect x="${x(start)}" y="${y(at)}" ${size} fill="${key}"/>`];
  });
}

/** Cells that look the same are one text, set to their width whatever the font; lines are drawn, so that they meet. */
function runs(row: readonly Cell[], at: number): string[] {
  const key = (cell: Cell) => {
    if (cell.text.trim() === "" && !cell.underline && !cell.strike) return "";
    const kind =
      lines[cell.text] === undefined ? (cell.text.length > 1 || isWide(row, cell) ? "wide" : "text") : "line";
    return [kind, cell.color, cell.bold, cell.italic, cell.underline, cell.strike].join();
  };
  return groups(row, key).flatMap(({ key: look, start, cells }) => {
    const [first] = cells;
    if (look === "" || first === undefined) return [];
    if (look.startsWith("line")) return [drawn(cells, start, at)];
    const text = cells.map((cell) => cell.text).join("");
    const length = look.startsWith("wide")
      ? ""
      : ` textLength="${round(cells.length * WIDTH)}" lengthAdjust="spacingAndGlyphs"`;
    return [
      `<text x="${x(start)}" y="${y(at) + BASELINE}"${length} fill="${first.color}"${style(first)}>${escaped(text)}</text>`,
    ];
  });
}

function style({ bold, italic, underline, strike }: Cell): string {
  const decoration = [underline && "underline", strike && "line-through"].filter(Boolean).join(" ");
  return [
    bold ? ' font-weight="600"' : "",
    italic ? ' font-style="italic"' : "",
    decoration === "" ? "" : ` text-decoration="${decoration}"`,
  ].join("");
}

/** Where a line goes from the middle of its cell, or how it bends there. */
const lines: Readonly<Record<string, string>> = {
  "─": "lr",
  "│": "ud",
  "├": "udr",
  "┤": "udl",
  "┼": "udlr",
  "╮": "ld",
  "╯": "lu",
  "╰": "ru",
  "╭": "rd",
};

function drawn(cells: readonly Cell[], start: number, at: number): string {
  const path = cells.map(({ text }, i) => linePath(lines[text] ?? "", x(start + i), y(at))).join("");
  return `<path d="${path}" fill="none" stroke="${cells[0]?.color}" stroke-width="1.2"/>`;
}

function linePath(ends: string, left: number, top: number): string {
  const [middle, centre] = [round(left + WIDTH / 2), round(top + HEIGHT / 2)];
  const points: Readonly<Record<string, readonly [number, number]>> = {
    l: [left, centre],
    r: [round(left + WIDTH), centre],
    u: [middle, top],
    d: [middle, top + HEIGHT],
  };
  const at = (end: string) => (points[end] ?? [middle, centre]).join(" ");
  // Bends are round, as in the fonts that have them.
  if (/^[lr][ud]$/.test(ends)) return `M${at(ends.charAt(0))}Q${middle} ${centre} ${at(ends.charAt(1))}`;
  return Array.from(ends, (end) => `M${middle} ${centre}L${at(end)}`).join("");
}

interface Group {
  readonly key: string;
  readonly start: number;
  readonly cells: Cell[];
}

function groups(row: readonly Cell[], keyOf: (cell: Cell) => string): Group[] {
  const found: Group[] = [];
  for (const [start, cell] of row.entries()) {
    const key = keyOf(cell);
    const last = found.at(-1);
    if (last?.key === key) last.cells.push(cell);
    else found.push({ key, start, cells: [cell] });
  }
  return found;
}

function isWide(row: readonly Cell[], cell: Cell): boolean {
  return row[row.indexOf(cell) + 1]?.text === "";
}

function x(column: number): number {
  return round(MARGIN + column * WIDTH);
}

function y(row: number): number {
  return MARGIN + row * HEIGHT;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
