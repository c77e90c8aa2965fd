import type { Word, WordPart } from "unbash";

/** What the shell will make of a word, as far as its text tells. */
export type ShellWord =
  | { readonly type: "fixed"; readonly text: string }
  /** Names of files, all of which begin with `start`. */
  | { readonly type: "names"; readonly start: string }
  /** Anything: no word, one or several. */
  | { readonly type: "open" };

const open: ShellWord = { type: "open" };

/** Reads what a word stands for once its quotes are gone. */
export function readWord(word: Word): ShellWord {
  let text = "";
  for (const part of word.parts ?? [{ type: "Literal", value: word.value } as const]) {
    if (part.type === "Glob" || part.type === "ExtendedGlob") return { type: "names", start: text };
    const value = fixedValue(part);
    if (value === undefined) return open;
    text += value;
  }
  return { type: "fixed", text };
}

/** The text of a word that the shell leaves as it is; undefined for others. */
export function fixedText(word: ShellWord | undefined): string | undefined {
  return word?.type === "fixed" ? word.text : undefined;
}

/** Whether a word may be an option to the program that gets it. */
export function mayBeOption(word: ShellWord): boolean {
  if (word.type === "open") return true;
  const start = word.type === "fixed" ? word.text : word.start;
  return start.startsWith("-") || (word.type === "names" && start === "");
}

type Part = WordPart | { readonly type: "Literal"; readonly value: string };

function fixedValue(part: Part): string | undefined {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
    case "AnsiCQuoted":
      return part.value;
    case "DoubleQuoted":
    case "LocaleString": {
      const values = part.parts.map((child) => (child.type === "Literal" ? child.value : undefined));
      return values.every((value) => value !== undefined) ? values.join("") : undefined;
    }
    default:
      return undefined;
  }
}
