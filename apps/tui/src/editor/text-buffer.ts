import { graphemes } from "../text/width.ts";

/** What the cursor passes as one: a character as a person takes it, or a block that was pasted. */
export interface Atom {
  readonly text: string;
  /** Whether it was pasted, and is shown as a token that stands for it. */
  readonly isPaste: boolean;
}

/** A text and where the cursor stands in it, counted in atoms. */
export interface TextBuffer {
  readonly atoms: readonly Atom[];
  readonly cursor: number;
}

/** A block of more lines, or more characters, is shown as a token when it is pasted. */
const LONGEST_SHOWN = { lines: 4, characters: 400 };

export const emptyBuffer: TextBuffer = { atoms: [], cursor: 0 };

/** Makes a buffer of a text, with the cursor at its end. */
export function bufferOf(text: string): TextBuffer {
  const atoms = atomsOf(text);
  return { atoms, cursor: atoms.length };
}

/** The text that is written, with all that was pasted. */
export function textOfBuffer({ atoms }: Pick<TextBuffer, "atoms">): string {
  return atoms.map(({ text }) => text).join("");
}

/** Writes a text at the cursor. */
export function insert(buffer: TextBuffer, text: string): TextBuffer {
  const { atoms, cursor } = buffer;
  // What joins the character before it, as an accent or the next part of a flag, is one with it.
  const before = atoms[cursor - 1];
  const joined = before === undefined || before.isPaste ? text : before.text + text;
  const from = before === undefined || before.isPaste ? cursor : cursor - 1;
  const written = atomsOf(joined);
  return { atoms: atoms.toSpliced(from, cursor - from, ...written), cursor: from + written.length };
}

/** Puts in what was pasted; a long block is one atom. */
export function paste(buffer: TextBuffer, text: string): TextBuffer {
  const isLong = text.length > LONGEST_SHOWN.characters || text.split("\n").length > LONGEST_SHOWN.lines;
  if (!isLong) return insert(buffer, text);
  const { atoms, cursor } = buffer;
  return { atoms: atoms.toSpliced(cursor, 0, { text, isPaste: true }), cursor: cursor + 1 };
}

/** Takes away what stands between two places. */
export function remove({ atoms, cursor }: TextBuffer, from: number, to: number): TextBuffer {
  const count = to - from;
  return { atoms: atoms.toSpliced(from, count), cursor: cursor >= to ? cursor - count : Math.min(cursor, from) };
}

/** Where the line begins that holds a place. */
export function lineStart({ atoms, cursor }: TextBuffer): number {
  return atoms.slice(0, cursor).findLastIndex(isLineEnd) + 1;
}

/** Where the line ends that holds the cursor. */
export function lineEnd({ atoms, cursor }: TextBuffer): number {
  const at = atoms.findIndex((atom, index) => index >= cursor && isLineEnd(atom));
  return at === -1 ? atoms.length : at;
}

/** Where the word begins that the cursor stands in or behind. */
export function wordStart({ atoms, cursor }: TextBuffer): number {
  let at = cursor;
  while (at > 0 && !isWord(atoms[at - 1])) at--;
  while (at > 0 && isWord(atoms[at - 1])) at--;
  return at;
}

/** Where the word ends that the cursor stands in or before. */
export function wordEnd({ atoms, cursor }: TextBuffer): number {
  let at = cursor;
  while (at < atoms.length && !isWord(atoms[at])) at++;
  while (at < atoms.length && isWord(atoms[at])) at++;
  return at;
}

function atomsOf(text: string): Atom[] {
  return graphemes(text).map((grapheme) => ({ text: grapheme.text, isPaste: false }));
}

function isLineEnd({ text, isPaste }: Atom): boolean {
  return text === "\n" && !isPaste;
}

function isWord(atom: Atom | undefined): boolean {
  return atom !== undefined && (atom.isPaste || /^[\p{L}\p{M}\p{N}_]/u.test(atom.text));
}
