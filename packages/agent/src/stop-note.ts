import type { StopReason } from "./events.ts";
import type { Limits } from "./limits.ts";

/** The last thing in the record of a turn that ended early. */
export interface StopNote {
  readonly type: "note";
  readonly text: string;
  readonly extra: { readonly stop: StopReason };
}

/** How a turn ended. */
export interface TurnStop {
  readonly stop: StopReason;
  readonly limits: Limits;
  readonly error?: Error;
  /** Who stopped it and why. */
  readonly why?: string;
}

/** Says to the model, and to who reads the history, why a turn ended before the model was done. */
export function stopNote({ stop, limits, error, why }: TurnStop): StopNote | undefined {
  const cause = error === undefined ? "" : `: ${error.message.split("\n", 1)[0]}`;
  const text = why ?? describe(stop, limits)?.concat(cause);
  return text === undefined ? undefined : { type: "note", text, extra: { stop } };
}

function describe(stop: StopReason, { replies, seconds }: Limits): string | undefined {
  switch (stop) {
    case "done":
      return undefined;
    case "interrupted":
      return "Interrupted by the user";
    case "error":
      return "The model's answer failed";
    case "refused":
      return "The model's provider refused to answer";
    case "turn-limit":
      return `Stopped at the limit of ${replies} ${replies === 1 ? "reply" : "replies"} a turn`;
    case "time-limit":
      return `Stopped at the limit of ${seconds} ${seconds === 1 ? "second" : "seconds"} a turn`;
    case "cost-limit":
    case "loop":
    case "stopped":
      return `Stopped: ${stop}`;
    default:
      return stop satisfies never;
  }
}
