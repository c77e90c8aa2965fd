import type { LimitReached } from "./budget.ts";
import type { StopReason } from "./events.ts";

/** Why a turn ends early. */
export interface EarlyStop {
  readonly stop: Exclude<StopReason, "done">;
  /** Which limit it was, when it was one. */
  readonly reached?: LimitReached;
  readonly error?: Error;
  /** Who stopped it and why, as a sentence without its full stop, when somebody did. */
  readonly why?: string;
}

/** The last thing in the record of a turn that ended early. */
export interface StopNote {
  readonly type: "note";
  readonly text: string;
  readonly extra: { readonly stop: StopReason };
}

/** Says to the model, and to who reads the history, why a turn ended before the model was done. */
export function stopNote({ stop, reached, error, why }: EarlyStop): StopNote {
  const cause = error === undefined ? "" : `: ${error.message.split("\n", 1)[0]}`;
  const text = why ?? (reached === undefined ? describe(stop) : describeLimit(reached)) + cause;
  return { type: "note", text, extra: { stop } };
}

function describe(stop: EarlyStop["stop"]): string {
  switch (stop) {
    case "interrupted":
      return "Interrupted by the user";
    case "error":
      return "The model's answer failed";
    case "refused":
      return "The model's provider refused to answer";
    case "loop":
      return "Stopped, because the same calls gave the same results again and again";
    case "stopped":
      return "Stopped by a hook";
    case "turn-limit":
    case "token-limit":
    case "cost-limit":
    case "time-limit":
      return "Stopped at a limit";
    default:
      return stop satisfies never;
  }
}

function describeLimit({ stop, limit, isShared }: LimitReached): string {
  return `Stopped at the limit of ${amount(stop, limit)} ${isShared ? "for several agents together" : "a turn"}`;
}

function amount(stop: LimitReached["stop"], limit: number): string {
  switch (stop) {
    case "turn-limit":
      return `${limit} ${limit === 1 ? "reply" : "replies"}`;
    case "token-limit":
      return `${limit} ${limit === 1 ? "token" : "tokens"}`;
    case "time-limit":
      return `${limit} ${limit === 1 ? "second" : "seconds"}`;
    case "cost-limit":
      return `$${Number.isInteger(limit * 100) ? limit.toFixed(2) : limit}`;
    default:
      return stop satisfies never;
  }
}
