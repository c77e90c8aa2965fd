import { widthOf } from "../text/width.ts";
import type { Frame } from "./frame.ts";

const BEGIN = "\x1b[?2026h";
const END = "\x1b[?2026l";
const PLAIN = "\x1b[0m";
const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";

/** Unchanged cells that are cheaper to write again than to jump over. */
const SHORT_GAP = 4;

/** Turns pictures of the screen into what a terminal has to be sent to show them, which is what changed. */
export class FrameWriter {
  #shown: Frame | undefined;

  /** Forgets what the terminal shows, after something else wrote to it. */
  forget(): void {
    this.#shown = undefined;
  }

  /** Returns what brings the terminal from the last picture to this one, as one update; empty when nothing changed. */
  write(frame: Frame): string {
    const before = this.#shown;
    const isSameSize = before?.rows === frame.rows && before.columns === frame.columns;
    const shown = isSameSize ? before : undefined;
    this.#shown = frame;
    let output = shown === undefined ? `${PLAIN}\x1b[2J` : "";
    for (let row = 0; row < frame.rows; row++) output += writeRow(frame, shown, row);
    const isCursorSame = shown?.cursor?.row === frame.cursor?.row && shown?.cursor?.column === frame.cursor?.column;
    if (output === "" && isCursorSame) return "";
    return `${BEGIN}${output === "" ? "" : HIDE_CURSOR + output}${placeCursor(frame)}${END}`;
  }
}

function placeCursor({ cursor }: Frame): string {
  return cursor === undefined ? HIDE_CURSOR : `${moveTo(cursor.row, cursor.column)}${SHOW_CURSOR}`;
}

function moveTo(row: number, column: number): string {
  return `\x1b[${row + 1};${column + 1}H`;
}

function writeRow(frame: Frame, shown: Frame | undefined, row: number): string {
  const { columns, characters, looks } = frame;
  const start = row * columns;
  const isChanged = (index: number) =>
    shown === undefined
      ? characters[index] !== " " || looks[index] !== ""
      : characters[index] !== shown.characters[index] || looks[index] !== shown.looks[index];
  let first = start;
  while (first < start + columns && !isChanged(first)) first++;
  if (first === start + columns) return "";
  let last = start + columns - 1;
  while (!isChanged(last)) last--;
  // Terminals do not agree on how wide a cluster is: behind one every cell is placed anew.
  if (holdsCluster(frame, row) || (shown !== undefined && holdsCluster(shown, row))) {
    return writeCells(frame, start, start + columns - 1, () => true);
  }
  return writeCells(frame, first, last, isChanged);
}

function writeCells(frame: Frame, first: number, last: number, isChanged: (index: number) => boolean): string {
  const { columns, characters, looks } = frame;
  let output = "";
  let look: string | undefined;
  /** The cell that the cursor stands at. */
  let at = -1;
  let width = 1;
  // Half of a wide character comes with the other.
  for (let index = characters[first] === "" ? first - 1 : first; index <= last; index += width) {
    const character = characters[index] ?? " ";
    width = (index + 1) % columns !== 0 && characters[index + 1] === "" ? 2 : 1;
    const isWanted = isChanged(index) || (width === 2 && isChanged(index + 1));
    if (!isWanted && !(at === index && isShortGap(index, last, isChanged))) continue;
    if (at !== index) output += moveTo(Math.floor(index / columns), index % columns);
    const wanted = looks[index] ?? "";
    if (wanted !== look) output += wanted === "" ? PLAIN : `\x1b[0;${wanted}m`;
    look = wanted;
    output += character;
    at = isCluster(character) ? -1 : index + width;
  }
  return output + PLAIN;
}

function isShortGap(index: number, last: number, isChanged: (index: number) => boolean): boolean {
  for (let ahead = index + 1; ahead <= Math.min(last, index + SHORT_GAP); ahead++) if (isChanged(ahead)) return true;
  return false;
}

function holdsCluster({ columns, characters }: Frame, row: number): boolean {
  for (let index = row * columns; index < (row + 1) * columns; index++) {
    if (isCluster(characters[index] ?? "")) return true;
  }
  return false;
}

/** More than one code point, or a picture: what a terminal may show in another width than ours. */
function isCluster(character: string): boolean {
  if (character.length < 2) return false;
  return character.length > 2 || widthOf(character) === 2;
}
