import { StringDecoder } from "node:string_decoder";
import { styleSequences } from "./styles.ts";
import { escapeAfter } from "./terminal-text.ts";

/** What only the next part tells the meaning of: half a style, line end, joined character, surrogate pair. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const UNDECIDED = /(?:\x1b(?:\[\d{0,2})?|\r|[\u200c\u200d]?[\ud800-\udbff]|[\u200c\u200d])$/;
/** As far back as the meaning of a character can depend on those before it. */
const CONTEXT = 16;

/**
 * Makes what is written to a terminal safe, in whatever parts it comes: of controls only line feeds, tabs and our own
 * styles are let through, and what else a terminal would obey or hide is written out.
 */
export class TerminalStream {
  readonly #decoder = new StringDecoder("utf8");
  /** What was let through since the last style. */
  #before = "";
  #held = "";

  /** Takes the next part, UTF-8 or text, and returns what can be shown by now. */
  push(part: string | Uint8Array): string {
    const text = this.#held + this.#decode(part);
    const held = UNDECIDED.exec(text)?.[0] ?? "";
    this.#held = held;
    return this.#escape(text.slice(0, text.length - held.length));
  }

  /** Returns what was held back, when no more comes. */
  end(): string {
    const held = this.#held + this.#decoder.end();
    this.#held = "";
    return this.#escape(held);
  }

  #decode(part: string | Uint8Array): string {
    return typeof part === "string" ? this.#decoder.end() + part : this.#decoder.write(part);
  }

  #escape(text: string): string {
    const pieces = text.split(styleSequences);
    return pieces
      .map((piece, index) => {
        const isStyle = index % 2 === 1;
        const shown = isStyle ? piece : escapeAfter(this.#before, piece).replaceAll("\r\n", "\n");
        this.#before = isStyle ? "" : (this.#before + piece).slice(-CONTEXT);
        return shown;
      })
      .join("");
  }
}
