import type { Block, Extra } from "@bough/gitstate";
import * as z from "zod";

/** The block of a record that holds a summary. */
export interface SummaryBlock {
  readonly type: "summary";
  readonly text: string;
  readonly extra?: Extra;
}

/** What a `summary` of a record does to what the model is shown from then on. */
export type SummaryRecord =
  /** All that was said before counts no more. */
  | { readonly kind: "clear"; readonly text: string }
  /** Its text takes the place of these steps, both included. */
  | ({ readonly kind: "steps"; readonly from: number; readonly to: number; readonly text: string } & Found)
  | ({ readonly kind: "shorten" } & Found);

interface Found {
  /** Results up to this step are shortened, the last ones and those of failures too; -1 when none are. */
  readonly hard: number;
  /** How many tokens were more than this model took. */
  readonly overflow?: { readonly model: string; readonly tokens: number };
}

const number = z.int().nonnegative();
const extraSchema = z.object({
  from: number.optional(),
  to: number.optional(),
  hard: number.optional(),
  overflow: z.number().optional(),
  model: z.string().optional(),
});
/** No model reads less: a record that says so is not believed. */
const SMALLEST_WINDOW = 2_000;

/** Whether a block is a summary, of whichever kind. */
export function isSummary(block: Block): block is Block & SummaryBlock {
  return block.type === "summary";
}

/**
 * Reads a summary out of step `at`. A record may have been written by anybody: one that stands for its own step or later
 * ones, or says something else, does nothing.
 */
export function readSummary({ text, extra }: SummaryBlock, at: number): SummaryRecord | undefined {
  if (extra === undefined) return { kind: "clear", text };
  const read = extraSchema.safeParse(extra).data;
  if (read === undefined) return undefined;
  const { from, to, hard = -1, overflow: tokens = 0, model } = read;
  const overflow = model === undefined || tokens < SMALLEST_WINDOW ? {} : { overflow: { model, tokens } };
  if (hard >= at) return undefined;
  if (from === undefined && to === undefined) return hard < 0 ? undefined : { kind: "shorten", hard, ...overflow };
  const isRange = from !== undefined && to !== undefined && from <= to && to < at;
  return isRange ? { kind: "steps", from, to, text, hard, ...overflow } : undefined;
}
