/** Goes back through what was written before, and forth again to what is being written. */
export class Recall {
  #at: number | undefined;
  #draft = "";

  /** The text before the one that is shown, out of earlier ones, the last of them last; undefined when there is none. */
  earlier(shown: string, texts: readonly string[]): string | undefined {
    const at = Math.min(this.#at ?? texts.length, texts.length) - 1;
    const text = texts[at];
    if (text === undefined) return undefined;
    if (this.#at === undefined) this.#draft = shown;
    this.#at = at;
    return text;
  }

  /** The text after the one that is shown, and at last the one that was being written. */
  later(texts: readonly string[]): string | undefined {
    if (this.#at === undefined) return undefined;
    const text = texts[this.#at + 1];
    this.#at = text === undefined ? undefined : this.#at + 1;
    return text ?? this.#draft;
  }

  /** The text that is shown is a new one. */
  reset(): void {
    this.#at = undefined;
  }
}
