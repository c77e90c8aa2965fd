import { createHash } from "node:crypto";
import type { CallBlock, ResultBlock } from "@bough/models";

/** The longest round of steps that is looked for: A B C D E F A B C D E F … */
const LONGEST_ROUND = 6;
/** Rounds with the same results after which the model is told. */
const ROUNDS_TO_WARN = 3;
/** Rounds after which the turn ends. */
const ROUNDS_TO_STOP = 6;

/** What is to be done about a loop: what the model is told, or that the turn ends. */
export type LoopVerdict =
  | { readonly type: "none" }
  | { readonly type: "warn"; readonly text: string }
  | { readonly type: "stop" };

/**
 * Finds steps that call the same tools with the same input and get the same results, one by one or in rounds of several.
 * What differs in a result, as the output of a job that goes on, is no loop.
 */
export class LoopDetector {
  /** What the last steps did, oldest first. */
  #steps: string[] = [];
  #isWarned = false;

  /** Takes in a step and says whether it goes on with a loop; of each loop the model is told once. */
  observe(calls: readonly CallBlock[], results: readonly ResultBlock[]): LoopVerdict {
    this.#steps = [...this.#steps, fingerprint(calls, results)].slice(-LONGEST_ROUND * ROUNDS_TO_STOP);
    const lengths = Array.from({ length: LONGEST_ROUND }, (_, index) => index + 1);
    const round = lengths.find((length) => roundsAtEnd(this.#steps, length) >= ROUNDS_TO_WARN);
    if (round === undefined) {
      this.#isWarned = false;
      return { type: "none" };
    }
    if (lengths.some((length) => roundsAtEnd(this.#steps, length) >= ROUNDS_TO_STOP)) return { type: "stop" };
    if (this.#isWarned) return { type: "none" };
    this.#isWarned = true;
    return { type: "warn", text: warning(round) };
  }

  /** Forgets what was done: somebody said something new. */
  reset(): void {
    this.#steps = [];
    this.#isWarned = false;
  }
}

/** Counts how often the last steps of this number stand there in a row. */
function roundsAtEnd(steps: readonly string[], length: number): number {
  let same = 0;
  while (same + length < steps.length && steps.at(-1 - same) === steps.at(-1 - same - length)) same++;
  return Math.floor(same / length) + 1;
}

function warning(round: number): string {
  const what =
    round === 1
      ? `The last ${ROUNDS_TO_WARN} steps made the same calls and got the same results`
      : `The same ${round} steps were made ${ROUNDS_TO_WARN} times, with the same results`;
  return `${what}. Once more will change nothing, and the turn ends when it goes on like this: try something else, or say what you need.`;
}

function fingerprint(calls: readonly CallBlock[], results: readonly ResultBlock[]): string {
  const asked = calls.map(({ name, input, malformed }) => [name, malformed ?? sorted(input)]);
  const answered = results.map(({ text, isError, image }) => [text, isError === true, image?.data]);
  return createHash("sha256")
    .update(JSON.stringify([asked, answered]))
    .digest("base64");
}

/** The order in which a model writes the fields of an object means nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, sorted(each)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
