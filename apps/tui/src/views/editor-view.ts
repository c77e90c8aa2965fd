import type { Atom, TextBuffer } from "../editor/text-buffer.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import type { Line, Style } from "../text/line.ts";
import { widthOf } from "../text/width.ts";

/** A place in the rows of a text. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/** A text as it is broken into rows. */
export interface EditorLayout {
  readonly lines: readonly Line[];
  readonly cursor: Place;
  /** The place in the buffer that is nearest to a place in the rows. */
  at(place: Place): number;
}

interface Piece extends Place {
  readonly text: string;
  readonly style: Style | undefined;
  readonly width: number;
}

/** Breaks the text that is being typed into rows, between words where there are any, with a token for each paste. */
export function layOutEditor({ atoms, cursor }: TextBuffer, width: number): EditorLayout {
  const room = Math.max(2, width);
  const pieces: Piece[] = [];
  let [row, column] = [0, 0];
  /** Where the row can be broken: behind its last blank. */
  let breakAt = -1;
  for (const [index, atom] of atoms.entries()) {
    const shown = showAtom(atom, room);
    if (column + shown.width > room && !isBlank(atom)) {
      const word = pieces.slice(breakAt === -1 ? index : breakAt).reduce((sum, piece) => sum + piece.width, 0);
      // A word that would fill more than the next row is broken where this one ends.
      const from = breakAt === -1 || word + shown.width > room ? index : breakAt;
      const moved = pieces.splice(from).map((piece) => ({ ...piece, row: row + 1 }));
      const start = moved[0]?.column ?? 0;
      for (const piece of moved) pieces.push({ ...piece, column: piece.column - start });
      row += 1;
      column = moved.reduce((sum, piece) => sum + piece.width, 0);
      breakAt = -1;
    }
    // A blank behind the last column is there, but not seen: the next row begins with a word.
    const fits = isBlank(atom) ? Math.min(shown.width, Math.max(0, room - column)) : shown.width;
    pieces.push({ ...shown, text: fits === 0 ? "" : shown.text, width: fits, row, column });
    column += fits;
    if (isBlank(atom)) breakAt = index + 1;
    if (isLineEnd(atom)) {
      row += 1;
      column = 0;
      breakAt = -1;
    }
  }
  // Behind a full row the cursor stands at the beginning of the next.
  const end: Place = column >= room ? { row: row + 1, column: 0 } : { row, column };
  const places: Place[] = [...pieces, end];
  return {
    lines: linesOf(pieces, end.row + 1),
    cursor: visible(places[cursor] ?? end, room),
    at: (place) => nearestTo(places, place),
  };
}

function visible({ row, column }: Place, room: number): Place {
  return { row, column: Math.min(column, room - 1) };
}

function linesOf(pieces: readonly Piece[], count: number): Line[] {
  const rows = Array.from({ length: count }, (): { text: string; style: Style | undefined }[] => []);
  for (const { row, text, style } of pieces) {
    const spans = rows[row];
    const last = spans?.at(-1);
    if (last !== undefined && last.style === style) last.text += text;
    else if (text !== "") spans?.push({ text, style });
  }
  return rows.map((spans) => spans.map(({ text, style }) => (style === undefined ? { text } : { text, style })));
}

function nearestTo(places: readonly Place[], { row, column }: Place): number {
  const last = places.findLastIndex((place) => place.row === row && place.column <= column);
  return last === -1
    ? Math.max(
        0,
        places.findLastIndex((place) => place.row < row),
      )
    : last;
}

function showAtom(atom: Atom, room: number): { text: string; style: Style | undefined; width: number } {
  if (atom.isPaste) {
    const text = tokenOf(atom.text).slice(0, room);
    return { text, style: token, width: text.length };
  }
  if (isLineEnd(atom)) return { text: "", style: undefined, width: 0 };
  const text = atom.text === "\t" ? "    " : escapeForTerminal(atom.text);
  return { text, style: text === atom.text || atom.text === "\t" ? undefined : escaped, width: widthOf(text) };
}

const token: Style = { role: "code" };
const escaped: Style = { role: "muted" };

/** What stands for a block that was pasted. */
function tokenOf(text: string): string {
  const lines = text.replace(/\n$/, "").split("\n").length;
  return lines > 1 ? `[pasted ${lines} lines]` : `[pasted ${text.length} characters]`;
}

function isLineEnd({ text, isPaste }: Atom): boolean {
  return text === "\n" && !isPaste;
}

function isBlank({ text, isPaste }: Atom): boolean {
  return !isPaste && (text === " " || text === "\n");
}
