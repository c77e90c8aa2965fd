import type { PromptHistory } from "../program/prompt-history.ts";
import type { Tab } from "../program/tab.ts";

/** What was typed before, as a tab goes back through it: what was in the tab, and before that what was in any session. */
export class EarlierPrompts {
  readonly #tab: Tab;
  readonly #history: PromptHistory;
  /** What was sent from here; commands are no part of the transcript. */
  readonly #sent: string[] = [];
  /** What was found in other sessions, the oldest first. */
  readonly #others: string[] = [];
  #looked = 0;

  constructor(tab: Tab, history: PromptHistory) {
    this.#tab = tab;
    this.#history = history;
  }

  /** As far as they are known, the last one last. */
  get texts(): readonly string[] {
    return [...this.#others, ...this.#own];
  }

  /** Adds what is sent. */
  add(text: string): void {
    const at = this.#sent.indexOf(text);
    if (at !== -1) this.#sent.splice(at, 1);
    this.#sent.push(text);
    this.#history.add(text);
  }

  /** Looks further back, and says whether there is another one. */
  async lookBack(): Promise<boolean> {
    for (;;) {
      const text = await this.#history.at(this.#looked);
      if (text === undefined) return false;
      this.#looked += 1;
      if (this.#others.includes(text) || this.#own.includes(text)) continue;
      this.#others.unshift(text);
      return true;
    }
  }

  get #own(): readonly string[] {
    const said = this.#tab.transcript.entries.flatMap(({ entry }) => (entry.type === "prompt" ? [entry.text] : []));
    return [...new Set(said.filter((text) => !this.#sent.includes(text))), ...this.#sent];
  }
}
