import type { StopReason } from "./events.ts";
import { HookStop } from "./hooks/hook-stop.ts";
import type { Limits } from "./limits.ts";

/** The last thing in the record of a turn that ended early. */
export interface StopNote {
  readonly type: "note";
  readonly text: string;
  readonly extra: { readonly stop: StopReason };
}

/** Says to the model, and to who reads the history, why a turn ended before the model was done. */
export function stopNote(stop: StopReason, limits: Limits, error?: Error): StopNote | undefined {
  if (error instanceof HookStop) return { type: "note", text: error.message, extra: { stop } };
  const why = error === undefined ? "" : `: ${error.message.split("\n", 1)[0]}`;
  const text = describe(stop, limits)?.concat(why);
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
      return `Stopped: ${stop}`;
    default:
      return stop satisfies never;
  }
}
