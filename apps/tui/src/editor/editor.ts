import {
  bufferOf,
  emptyBuffer,
  insert,
  lineEnd,
  lineStart,
  paste,
  remove,
  type TextBuffer,
  textOfBuffer,
  wordEnd,
  wordStart,
} from "./text-buffer.ts";

/** What can be done to a text, by the names that keys are bound to. */
export const editorActions = [
  "left",
  "right",
  "word-left",
  "word-right",
  "line-start",
  "line-end",
  "text-start",
  "text-end",
  "delete-left",
  "delete-right",
  "delete-word-left",
  "delete-word-right",
  "kill-to-line-start",
  "kill-to-line-end",
  "yank",
  "yank-before",
  "transpose",
  "undo",
  "redo",
  "new-line",
] as const;

export type EditorAction = (typeof editorActions)[number];

const MOST_UNDONE = 500;
const MOST_KILLED = 30;

/** The text that is being typed. */
export class Editor {
  #buffer: TextBuffer = emptyBuffer;
  readonly #undone: TextBuffer[] = [];
  readonly #redone: TextBuffer[] = [];
  /** What was killed, the last first. */
  readonly #killed: string[] = [];
  /** What was done last, so that what belongs together is undone, killed or yanked as one. */
  #last: "type" | "kill" | { readonly yankedFrom: number; readonly index: number } | undefined;

  get buffer(): TextBuffer {
    return this.#buffer;
  }

  get text(): string {
    return textOfBuffer(this.#buffer);
  }

  get isEmpty(): boolean {
    return this.#buffer.atoms.length === 0;
  }

  /** Writes what was typed. */
  type(text: string): void {
    // A word at a time is undone.
    const isSameWord = this.#last === "type" && !/\s/.test(text);
    this.#set(insert(this.#buffer, text), { isOneWithLast: isSameWord });
    this.#last = "type";
  }

  /** Puts in what was pasted. */
  paste(text: string): void {
    this.#set(paste(this.#buffer, text));
    this.#last = undefined;
  }

  /** Takes another text in the place of this one; an undo brings it back. */
  setText(text: string): void {
    this.#set(bufferOf(text));
    this.#last = undefined;
  }

  /** Replaces what stands between two places, as a completion does. */
  replace(from: number, to: number, text: string): void {
    this.#set(insert({ ...remove(this.#buffer, from, to), cursor: from }, text));
    this.#last = undefined;
  }

  /** Puts the cursor before the nth atom. */
  moveTo(cursor: number): void {
    this.#moveTo(Math.min(Math.max(0, cursor), this.#buffer.atoms.length));
  }

  /** Takes the text out, for it to be sent. */
  take(): string {
    const { text } = this;
    this.setText("");
    return text;
  }

  /** Does what a key is bound to. */
  act(action: EditorAction): void {
    const { cursor, atoms } = this.#buffer;
    switch (action) {
      case "left":
        this.#moveTo(Math.max(0, cursor - 1));
        break;
      case "right":
        this.#moveTo(Math.min(atoms.length, cursor + 1));
        break;
      case "word-left":
        this.#moveTo(wordStart(this.#buffer));
        break;
      case "word-right":
        this.#moveTo(wordEnd(this.#buffer));
        break;
      case "line-start":
        this.#moveTo(lineStart(this.#buffer));
        break;
      case "line-end":
        this.#moveTo(lineEnd(this.#buffer));
        break;
      case "text-start":
        this.#moveTo(0);
        break;
      case "text-end":
        this.#moveTo(atoms.length);
        break;
      case "delete-left":
        this.#delete(Math.max(0, cursor - 1), cursor);
        break;
      case "delete-right":
        this.#delete(cursor, Math.min(atoms.length, cursor + 1));
        break;
      case "delete-word-left":
        this.#kill(wordStart(this.#buffer), cursor);
        break;
      case "delete-word-right":
        this.#kill(cursor, wordEnd(this.#buffer));
        break;
      case "kill-to-line-start": {
        const start = lineStart(this.#buffer);
        this.#kill(start === cursor ? Math.max(0, cursor - 1) : start, cursor);
        break;
      }
      case "kill-to-line-end": {
        const end = lineEnd(this.#buffer);
        this.#kill(cursor, end === cursor ? Math.min(atoms.length, cursor + 1) : end);
        break;
      }
      case "yank":
        this.#yank(0, cursor);
        break;
      case "yank-before":
        this.#yankBefore();
        break;
      case "transpose":
        this.#transpose();
        break;
      case "undo":
        this.#swap(this.#undone, this.#redone);
        break;
      case "redo":
        this.#swap(this.#redone, this.#undone);
        break;
      case "new-line":
        this.#set(insert(this.#buffer, "\n"));
        this.#last = undefined;
        break;
      default:
        action satisfies never;
    }
  }

  #moveTo(cursor: number): void {
    this.#buffer = { ...this.#buffer, cursor };
    this.#last = undefined;
  }

  #delete(from: number, to: number): void {
    if (from === to) return;
    this.#set(remove(this.#buffer, from, to));
    this.#last = undefined;
  }

  /** What is killed one after the other is yanked as one. */
  #kill(from: number, to: number): void {
    if (from === to) return;
    const text = textOfBuffer({ atoms: this.#buffer.atoms.slice(from, to) });
    const isLeft = to === this.#buffer.cursor;
    const [last = "", ...others] = this.#killed;
    if (this.#last === "kill") this.#killed.splice(0, MOST_KILLED, isLeft ? text + last : last + text, ...others);
    else this.#killed.splice(0, MOST_KILLED, ...[text, ...this.#killed].slice(0, MOST_KILLED));
    this.#set(remove(this.#buffer, from, to));
    this.#last = "kill";
  }

  #yank(index: number, at: number): void {
    const text = this.#killed[index];
    if (text === undefined) return;
    this.#set(insert({ ...this.#buffer, cursor: at }, text));
    this.#last = { yankedFrom: at, index };
  }

  /** Puts what was killed earlier in the place of what was yanked. */
  #yankBefore(): void {
    if (typeof this.#last !== "object") return;
    const { yankedFrom, index } = this.#last;
    this.#buffer = remove(this.#buffer, yankedFrom, this.#buffer.cursor);
    this.#undone.pop();
    this.#yank((index + 1) % this.#killed.length, yankedFrom);
  }

  #transpose(): void {
    const { atoms, cursor } = this.#buffer;
    const at = cursor === atoms.length ? cursor - 1 : cursor;
    const [left, right] = [atoms[at - 1], atoms[at]];
    if (left === undefined || right === undefined) return;
    this.#set({ atoms: atoms.toSpliced(at - 1, 2, right, left), cursor: at + 1 });
    this.#last = undefined;
  }

  #set(buffer: TextBuffer, { isOneWithLast = false }: { readonly isOneWithLast?: boolean } = {}): void {
    if (!isOneWithLast) {
      this.#undone.push(this.#buffer);
      if (this.#undone.length > MOST_UNDONE) this.#undone.shift();
    }
    this.#redone.length = 0;
    this.#buffer = buffer;
  }

  #swap(from: TextBuffer[], to: TextBuffer[]): void {
    const buffer = from.pop();
    if (buffer === undefined) return;
    to.push(this.#buffer);
    this.#buffer = buffer;
    this.#last = undefined;
  }
}
