import { Editor } from "../editor/editor.ts";
import type { PromptHistory } from "../program/prompt-history.ts";
import type { Choice } from "../views/choice-lines.ts";

/** As many are offered; who wants another one types more of it. */
const MOST_FOUND = 50;

/** A search in all that was ever asked, which goes on with each character. */
export class HistorySearch {
  /** What is looked for. */
  readonly editor = new Editor();
  readonly #history: Pick<PromptHistory, "search">;
  readonly #onChange: () => void;
  #sought: string | undefined;
  #found: readonly string[] = [];
  /** The text that was looked for. */
  #foundFor = "";
  #chosen = 0;
  #isMissing = false;

  constructor(history: Pick<PromptHistory, "search">, onChange: () => void) {
    this.#history = history;
    this.#onChange = onChange;
  }

  /** The prompts that hold the text, the newest first. */
  get choices(): readonly Choice[] {
    return this.#found.map((text) => ({ text }));
  }

  get chosen(): number {
    return this.#chosen;
  }

  /** The prompt that is chosen; undefined while none is found that holds the text. */
  get text(): string | undefined {
    return this.#foundFor === this.editor.text ? this.#found[this.#chosen] : undefined;
  }

  /** Whether no prompt holds the text. */
  get isMissing(): boolean {
    return this.#isMissing;
  }

  /** Chooses another one. */
  move(places: 1 | -1): void {
    const { length } = this.#found;
    if (length > 0) this.#chosen = (this.#chosen + places + length) % length;
  }

  /** Follows what became of the text that is looked for. */
  async follow(): Promise<void> {
    const { text } = this.editor;
    if (text === this.#sought) return;
    this.#sought = text;
    const found: string[] = [];
    // Sessions are read as far back as it takes: what is found is shown at once.
    for await (const prompt of this.#history.search(text)) {
      if (this.#sought !== text) return;
      found.push(prompt);
      this.#show(text, found);
      if (found.length === MOST_FOUND) return;
    }
    if (this.#sought === text) this.#show(text, found);
  }

  #show(text: string, found: readonly string[]): void {
    if (this.#found !== found) this.#chosen = 0;
    this.#foundFor = text;
    this.#found = found;
    this.#isMissing = found.length === 0;
    this.#onChange();
  }
}
