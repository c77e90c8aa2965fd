import type { Atom, TextBuffer } from "./text-buffer.ts";

/** What is typed as whoever completes it is told: in UTF-16 units, with a blank for each block that was pasted. */
export interface TypedText {
  readonly text: string;
  readonly cursor: number;
  /** The place in the buffer that an offset is at. */
  at(offset: number): number;
}

/** Reads what is typed for its completion. */
export function typedText({ atoms, cursor }: TextBuffer): TypedText {
  const texts = atoms.map(shown);
  return {
    text: texts.join(""),
    cursor: texts.slice(0, cursor).join("").length,
    at(offset) {
      let end = 0;
      const past = texts.findIndex((text) => {
        end += text.length;
        return end > offset;
      });
      return past === -1 ? atoms.length : past;
    },
  };
}

function shown({ text, isPaste }: Atom): string {
  return isPaste ? " " : text;
}
