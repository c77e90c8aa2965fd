import * as z from "zod";
import type { Extra, StepRecord } from "./step-record.ts";

/** Tokens that model replies took. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

const count = z.number().nonnegative().catch(0);

/** Records are text that anybody may have written: what is not of this form counts as not recorded. */
const recorded = z.object({
  model: z.string().optional().catch(undefined),
  usage: z
    .object({
      input: count,
      output: count,
      cacheRead: count,
      cacheWrite: count,
      cost: z.number().nonnegative().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/** Where a step says what it took: in its own extra, and in those of the summaries it holds, each of them a reply too. */
export function usageExtras({ extra = {}, blocks }: StepRecord): Extra[] {
  const summaries = blocks.filter(({ type }) => type === "summary");
  return [extra, ...summaries.map((summary) => summary.extra ?? {})];
}

/** What steps took together. */
export interface StepsUsage {
  /** The model of the last of them that names one. */
  readonly model: string | undefined;
  /** Undefined when no step recorded any. */
  readonly usage: Usage | undefined;
  /** US dollars; undefined unless each reply's cost is known. */
  readonly cost: number | undefined;
}

/** Sums up what steps recorded of their model, tokens and cost. */
export function usageOf(steps: readonly StepRecord[]): StepsUsage {
  const read = steps.flatMap((step) => usageExtras(step).map((extra) => recorded.parse(extra)));
  const replies = read.flatMap(({ usage }) => (usage === undefined ? [] : [usage]));
  const sum = (key: keyof Usage) => replies.reduce((total, usage) => total + usage[key], 0);
  const costs = replies.map(({ cost }) => cost).filter((cost) => cost !== undefined);
  return {
    model: steps.map(({ extra }) => recorded.parse(extra ?? {}).model).findLast((model) => model !== undefined),
    usage:
      replies.length === 0
        ? undefined
        : { input: sum("input"), output: sum("output"), cacheRead: sum("cacheRead"), cacheWrite: sum("cacheWrite") },
    cost:
      costs.length === 0 || costs.length < replies.length ? undefined : costs.reduce((total, cost) => total + cost, 0),
  };
}
