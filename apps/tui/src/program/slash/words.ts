import { UsageError } from "../../exit-code.ts";

/** A word in pieces: plain, in double quotes, in single quotes. */
const pieces =
  /\\(?<escaped>.)|"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>[^']*)'|(?<plain>[^\s"'\\]+)|(?<space>\s+)|(?<open>.)/gsu;

/** Takes a text apart into words as a shell does, with quotes and backslashes, and nothing else that a shell would do. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const { groups = {} } of text.matchAll(pieces)) {
    const { escaped, double, single, plain, space, open } = groups;
    if (open !== undefined) throw new UsageError(`The quote ${open} is not closed.`);
    if (space === undefined)
      word = (word ?? "") + (escaped ?? double?.replace(/\\(.)/gs, "$1") ?? single ?? plain ?? "");
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}
