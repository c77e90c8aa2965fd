import { programName } from "./nested-commands.ts";
import { fixedText, mayBeOption, type ShellWord } from "./shell-word.ts";

/** Which commands a rule's specifier is about: exactly these words, all that begin with them, or with any text for a `*`. */
export interface CommandPattern {
  /** Whether it is surely about the command, whose words are all written out as far as they count. */
  covers(words: readonly ShellWord[]): boolean;
  /** Whether it is about the command, however its program is called and where its options stand. */
  means(words: readonly ShellWord[]): "yes" | "maybe" | "no";
}

/** Compiles `npm run test:*` (these words and any behind), `npm run *` (any text) or `npm test` (just that). */
export function commandPattern(specifier: string): CommandPattern {
  const isPrefix = /:\*$/.test(specifier);
  const text = isPrefix ? specifier.slice(0, -2) : specifier;
  const prefix = text.split(/\s+/).filter((word) => word !== "");
  const told = prefix.slice(0, firstOpen(prefix));
  return {
    covers: (words) => {
      if (!words.every((word, at) => word.type === "fixed" || (at >= prefix.length && !mayBeOption(word))))
        return false;
      const line = words.map(shown).join(" ");
      if (!isPrefix) return matchesStars(text, line);
      return matchesStars(text, line) || matchesStars(`${text} *`, line);
    },
    means: (words) => meaning(told, words),
  };
}

/** Up to here a rule's words say what is meant; a `*` may be anything. */
function firstOpen(words: readonly string[]): number {
  const at = words.findIndex((word) => word.includes("*"));
  return at < 0 ? words.length : at;
}

function shown(word: ShellWord): string {
  if (word.type === "fixed") return word.text;
  return word.type === "names" ? `${word.start}*` : "";
}

/** Beside options the rule's words come first; elsewhere among the others they may be an option's value. */
function meaning(told: readonly string[], words: readonly ShellWord[]): "yes" | "maybe" | "no" {
  const [program, ...operands] = told;
  if (program === undefined) return "yes";
  const name = programName(words[0]);
  if (name === undefined) return "maybe";
  if (name !== programName({ type: "fixed", text: program })) return "no";
  const texts = words.slice(1).map(fixedText);
  const isOption = (text: string | undefined) => text?.startsWith("-") && !operands.includes(text);
  const plain = texts.filter((text) => !isOption(text));
  if (operands.every((operand, at) => operand === plain[at])) return "yes";
  let next = 0;
  for (const text of texts) {
    // What is not written out may be all that is missing.
    if (text === undefined) return "maybe";
    if (text === operands[next]) next++;
  }
  return next === operands.length ? "maybe" : "no";
}

/** Matches a text with `*` for any number of characters; the time grows with the text only. */
function matchesStars(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= text.length - last.length;
}
