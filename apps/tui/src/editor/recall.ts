/** Goes back through what was written before, and forth again to what is being written. */
export class Recall {
  /** How far back it is; texts that turn up before all others do not change that. */
  #back = 0;
  #draft = "";

  /** The text before the one that is shown, out of earlier ones, the last of them last; undefined when there is none. */
  earlier(shown: string, texts: readonly string[]): string | undefined {
    const text = texts.at(-this.#back - 1);
    if (text === undefined) return undefined;
    if (this.#back === 0) this.#draft = shown;
    this.#back += 1;
    return text;
  }

  /** The text after the one that is shown, and at last the one that was being written. */
  later(texts: readonly string[]): string | undefined {
    if (this.#back === 0) return undefined;
    this.#back -= 1;
    return this.#back === 0 ? this.#draft : texts.at(-this.#back);
  }

  /** The text that is shown is a new one. */
  reset(): void {
    this.#back = 0;
  }
}
