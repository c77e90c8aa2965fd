import type { Block } from "@bough/gitstate";
import * as z from "zod";

type Summary = Extract<Block, { type: "user" | "summary" }> & { readonly type: "summary" };

/** What a `summary` of a record does to what the model is shown from then on. */
export type SummaryRecord =
  /** All that was said before counts no more. */
  | { readonly kind: "clear"; readonly text: string }
  /** Its text takes the place of these steps, both included. */
  | { readonly kind: "steps"; readonly from: number; readonly to: number; readonly text: string; readonly hard: number }
  /** Results up to step `hard` are shortened, the last ones and those of failures too. */
  | { readonly kind: "shorten"; readonly hard: number };

const number = z.int().nonnegative();
const steps = z.object({ from: number, to: number, hard: number.optional() }).refine(({ from, to }) => from <= to);
const shortened = z.object({ hard: number, from: z.undefined(), to: z.undefined() });

/** Whether a block is a summary, of whichever kind. */
export function isSummary(block: Block): block is Summary {
  return block.type === "summary";
}

/**
 * Reads a summary out of step `at`. A record may have been written by anybody: one that stands for its own step or later
 * ones, or says something else, does nothing.
 */
export function readSummary({ text, extra }: Summary, at: number): SummaryRecord | undefined {
  if (extra === undefined) return { kind: "clear", text };
  const range = steps.safeParse(extra).data;
  if (range !== undefined) {
    const { from, to, hard = -1 } = range;
    return to < at && hard < at ? { kind: "steps", from, to, text, hard } : undefined;
  }
  const hard = shortened.safeParse(extra).data?.hard;
  return hard !== undefined && hard < at ? { kind: "shorten", hard } : undefined;
}
