import type { Editor } from "../editor/editor.ts";
import { typedText } from "../editor/typed-text.ts";
import type { Candidate } from "../program/complete.ts";
import type { Choice } from "../views/choice-lines.ts";

/** Looks up what the word before the cursor can become. */
type Complete = (text: string, cursor: number) => Promise<readonly Candidate[]>;

/** What is shown of a text that can be completed. */
interface Found {
  readonly text: string;
  readonly cursor: number;
  readonly candidates: readonly Candidate[];
}

/** A word for which candidates are shown without being asked for: a command, or a file behind an @. */
const shownByItself = /^\/[^\s/]*$|(?:^|\s)@\S*$/;

/** Candidates for the word that is being typed: by themselves for a command or a file, else once they are asked for. */
export class Completing {
  readonly #complete: Complete;
  readonly #onChange: () => void;
  #found: Found | undefined;
  #chosen = 0;
  /** What was looked up last; an answer to anything else comes too late. */
  #sought: string | undefined;
  /** Where the word begins for which candidates were asked for, or closed. */
  #asked: number | undefined;
  #closed: number | undefined;

  constructor(complete: Complete, onChange: () => void) {
    this.#complete = complete;
    this.#onChange = onChange;
  }

  /** What is there to be chosen from; while more is looked up it is what was found last. */
  get choices(): readonly Choice[] {
    return this.#found?.candidates.map(({ text, detail }) => ({ text: text.trimEnd(), detail })) ?? [];
  }

  get chosen(): number {
    return this.#chosen;
  }

  /** Whether what is shown fits the text as it is. */
  isFor(editor: Editor): boolean {
    const { text, cursor } = typedText(editor.buffer);
    return this.#found?.text === text && this.#found.cursor === cursor;
  }

  /** Follows what became of the text. */
  follow(editor: Editor): void {
    const { text, cursor } = typedText(editor.buffer);
    const before = text.slice(0, cursor);
    const from = before.search(/\S*$/);
    if (from !== this.#asked) this.#asked = undefined;
    if (from !== this.#closed) this.#closed = undefined;
    const isWanted = this.#asked !== undefined || (this.#closed === undefined && shownByItself.test(before));
    if (isWanted) this.#seek(text, cursor);
    else this.#forget();
  }

  /** Shows what there is for the word before the cursor; what is the only one is taken. */
  async ask(editor: Editor): Promise<void> {
    const { text, cursor } = typedText(editor.buffer);
    const from = text.slice(0, cursor).search(/\S*$/);
    const candidates = await this.#complete(text, cursor);
    const now = typedText(editor.buffer);
    if (now.text !== text || now.cursor !== cursor) return;
    [this.#asked, this.#closed] = [from, undefined];
    this.#find({ text, cursor, candidates });
    if (candidates.length === 1) this.take(editor);
  }

  /** Chooses another one. */
  move(places: 1 | -1): void {
    const { length } = this.choices;
    if (length > 0) this.#chosen = (this.#chosen + places + length) % length;
  }

  /** Puts the one that is chosen in the place of the word. */
  take(editor: Editor): void {
    const candidate = this.#found?.candidates[this.#chosen];
    if (candidate !== undefined && this.isFor(editor)) {
      const { at } = typedText(editor.buffer);
      editor.replace(at(candidate.from), at(candidate.to), candidate.text);
    }
    this.close(editor);
  }

  /** Shows nothing until another word is typed. */
  close(editor: Editor): void {
    const { text, cursor } = typedText(editor.buffer);
    this.#closed = text.slice(0, cursor).search(/\S*$/);
    this.#asked = undefined;
    this.#forget();
  }

  #forget(): void {
    this.#found = undefined;
    this.#sought = undefined;
  }

  #seek(text: string, cursor: number): void {
    const sought = `${cursor} ${text}`;
    if (sought === this.#sought) return;
    this.#sought = sought;
    const find = (candidates: readonly Candidate[]) => {
      if (this.#sought !== sought) return;
      this.#find({ text, cursor, candidates });
      this.#onChange();
    };
    this.#complete(text, cursor).then(find, () => find([]));
  }

  /** What the word is already, it need not become. */
  #find(found: Found): void {
    this.#sought = `${found.cursor} ${found.text}`;
    this.#chosen = 0;
    const [first] = found.candidates;
    const isThere = first !== undefined && found.text.slice(first.from, first.to) === first.text.trimEnd();
    this.#found = first === undefined || isThere ? undefined : found;
  }
}
