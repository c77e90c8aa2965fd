import type { Happening } from "./events.ts";
import type { TurnHooks } from "./hooks/turn-hooks.ts";

/** How often hooks can have a turn go on. */
const MOST_CONTINUED = 5;

/** What hooks are asked with when the model is done. */
export interface EndQuestion {
  readonly hooks: TurnHooks;
  readonly signal: AbortSignal;
  /** How often they had this turn go on. */
  readonly continued: number;
  emit(happening: Happening): void;
}

/** What hooks say is still to be done, if the turn is not to end yet. */
export async function whatIsLeft({ hooks, signal, continued, emit }: EndQuestion): Promise<string | undefined> {
  try {
    const { verdict, reason, stop } = await hooks.beforeEnd({ isContinued: continued > 0 });
    if (verdict !== "deny" || stop !== undefined) return undefined;
    if (continued < MOST_CONTINUED) return reason;
    emit({ type: "notice", text: `A hook still says that it is not done, after ${continued} times: ${reason}` });
    return undefined;
  } catch (error) {
    // The answer is there; an interruption only ends the question whether more is to come.
    if (signal.aborted) return undefined;
    throw error;
  }
}
