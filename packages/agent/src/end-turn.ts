import type { ModelPrice, Usage } from "@bough/models";
import type { Budget } from "./budget.ts";
import type { Happening, StopReason } from "./events.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { CallResults, Denial } from "./run-calls.ts";
import type { Masker } from "./secrets/masker.ts";
import type { Steering } from "./steering.ts";
import { type EarlyStop, stopNote } from "./stop-note.ts";
import type { TurnSteps } from "./turn-steps.ts";

/** What came of a turn. */
export interface Turn {
  readonly stop: StopReason;
  /** What the model said in its last reply; empty when that had no words. */
  readonly text: string;
  /** The turn's last commit. */
  readonly commit: string;
  readonly usage: Usage;
  /** US dollars that it took, with all agents below; undefined when not all of it is known. */
  readonly cost: number | undefined;
  /** How many replies the model gave. */
  readonly replies: number;
  /** The calls that were not permitted. */
  readonly denials: readonly Denial[];
  /** Why it ended early, in words. */
  readonly why?: string;
  /** What went wrong, when it stopped for an error. */
  readonly error?: Error;
  /** What was sent to it and did not reach the model any more, in order. */
  readonly undelivered: readonly string[];
}

/** What a turn ends with. */
export interface EndOptions {
  readonly steps: TurnSteps;
  readonly denials: readonly Denial[];
  readonly jobs: Jobs;
  readonly budget: Budget;
  readonly price: ModelPrice | undefined;
  readonly steering: Steering;
  readonly masker: Masker;
  emit(happening: Happening): void;
}

/** How a turn ends. */
export interface Ending {
  /** Why before the model was done, if so. */
  readonly early?: EarlyStop | undefined;
  /** Where its last step may have left changes. */
  readonly changes?: CallResults["changes"];
}

/** Ends a turn with a commit of its last step; from then on nobody is heard any more. */
export async function endTurn(
  { early, changes = [] }: Ending,
  { steps, denials, jobs, budget, price, steering, masker, emit }: EndOptions,
): Promise<Turn> {
  const stop = early?.stop ?? "done";
  const undelivered = steering.close();
  const scanned = jobs.takeMayHaveChanged() ? "scan" : changes;
  const said = early && stopNote(early);
  // A refusal may repeat what was sent.
  const note = said && { ...said, text: masker.mask(said.text) };
  const commit = await steps.end(scanned, note);
  jobs.tellTo(undefined);
  emit({ type: "turn-end", stop, ...(note && { text: note.text }) });
  const { text, usage, replies } = steps;
  const cost = price === undefined ? undefined : budget.spent.cost;
  return { stop, text, commit, usage, cost, replies, denials, why: note?.text, error: early?.error, undelivered };
}

/** Why a turn whose signal aborted ends: its time is over, or somebody interrupted it. */
export function whyAborted({ signal, budget }: { readonly signal: AbortSignal; readonly budget: Budget }): EarlyStop {
  const isOver = budget.deadline !== undefined && signal.reason === budget.deadline.reason;
  return isOver ? { stop: "time-limit", reached: budget.check() } : { stop: "interrupted" };
}
