import { runInNewContext } from "node:vm";

const limitMs = 200;

/** Parses a pattern of a model's; what is wrong with it is said in the error. */
export function parsePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "m");
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new Error(`The pattern is not a regular expression: ${why}.`, { cause: error });
  }
}

/** Whether a text holds the pattern; throws when that takes too long to tell, as some patterns explode on some texts. */
export function holdsPattern(text: string, pattern: RegExp): boolean {
  try {
    // Another context is the only way to stop a regular expression short of a thread of its own.
    return runInNewContext("pattern.test(text)", { pattern, text }, { timeout: limitMs }) === true;
  } catch (cause) {
    throw new Error(`The pattern ${pattern.source} takes too long on what the job printed. Give a simpler one.`, {
      cause,
    });
  }
}
