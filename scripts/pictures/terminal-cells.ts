import xterm from "@xterm/headless";
import type { Cell } from "./svg.ts";

/** The terminal's own colours, by their numbers, and what they stand on. */
export const paper = "#14181d";
const INK = "#d6dbe0";
const palette = [
  ...["#2b3138", "#e0707a", "#84c97c", "#dcb36a", "#7aaede", "#c892d6", "#5fcdbe", "#d6dbe0"],
  ...["#8a9199", "#e88c94", "#9bd993", "#e6c483", "#95c0e8", "#d6a9e1", "#7fdccf", "#f2f4f6"],
];

/** Reads what tmux captured of a screen, with its colours, as cells. */
export async function terminalCells(
  captured: string,
  { rows, columns }: { rows: number; columns: number },
): Promise<Cell[][]> {
  const terminal = new xterm.Terminal({ rows, cols: columns, allowProposedApi: true });
  try {
    const lines = captured.replace(/\n$/, "").split("\n").join("\r\n");
    await new Promise<void>((resolve) => terminal.write(lines, resolve));
    return Array.from({ length: rows }, (_, row) => {
      const line = terminal.buffer.active.getLine(row);
      return Array.from({ length: columns }, (_, column) => cellOf(line?.getCell(column)));
    });
  } finally {
    terminal.dispose();
  }
}

type BufferCell = NonNullable<
  ReturnType<NonNullable<ReturnType<xterm.Terminal["buffer"]["active"]["getLine"]>>["getCell"]>
>;

function cellOf(cell: BufferCell | undefined): Cell {
  const color = cell === undefined ? INK : foreground(cell);
  const background = cell === undefined ? undefined : behind(cell);
  const isInverse = cell !== undefined && cell.isInverse() !== 0;
  return {
    text: cell === undefined || cell.getWidth() === 0 ? "" : cell.getChars() || " ",
    color: isInverse ? (background ?? paper) : cell?.isDim() ? faded(color) : color,
    background: isInverse ? color : background,
    bold: Boolean(cell?.isBold()),
    italic: Boolean(cell?.isItalic()),
    underline: Boolean(cell?.isUnderline()),
    strike: Boolean(cell?.isStrikethrough()),
  };
}

function foreground(cell: BufferCell): string {
  if (cell.isFgDefault()) return INK;
  return cell.isFgRGB() ? rgb(cell.getFgColor()) : numbered(cell.getFgColor());
}

function behind(cell: BufferCell): string | undefined {
  if (cell.isBgDefault()) return undefined;
  return cell.isBgRGB() ? rgb(cell.getBgColor()) : numbered(cell.getBgColor());
}

function numbered(index: number): string {
  const named = palette[index];
  if (named !== undefined) return named;
  if (index >= 232) return rgb((8 + (index - 232) * 10) * 0x10101);
  const level = (step: number) => (step === 0 ? 0 : 55 + 40 * step);
  const at = index - 16;
  return rgb(level(Math.floor(at / 36)) * 0x10000 + level(Math.floor(at / 6) % 6) * 0x100 + level(at % 6));
}

function rgb(value: number): string {
  return `#${value.toString(16).padStart(6, "0")}`;
}

/** Halfway to what it stands on. */
function faded(color: string): string {
  const parts = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  const [ours, theirs] = [parts(color), parts(paper)];
  return `#${ours
    .map((part, i) =>
      Math.round(part * 0.6 + (theirs[i] ?? 0) * 0.4)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}
