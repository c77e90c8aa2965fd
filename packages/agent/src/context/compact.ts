import type { Session } from "@bough/gitstate";
import { modelPrice } from "@bough/models";
import { Budget } from "../budget.ts";
import { sessionMasker } from "../secrets/session-masker.ts";
import type { Setup } from "../setup.ts";
import type { MadeRoom } from "./make-room.ts";
import { metered } from "./metered.ts";
import { type CompactResult, sessionContext, summarizeAll } from "./session-context.ts";

/** How a conversation is summarized between two turns. */
export interface CompactOptions {
  readonly session: Session;
  readonly setup: Setup;
  /** What the summary is to heed. */
  readonly instructions: string;
  readonly signal: AbortSignal;
}

/** Has all of a session summarized within the limits of a turn; undefined when there is nothing to say. */
export async function compact({
  session,
  setup,
  instructions,
  signal,
}: CompactOptions): Promise<{ readonly made: MadeRoom; readonly result: CompactResult } | undefined> {
  const masker = await sessionMasker(session, setup.options);
  const price = await modelPrice(setup.model.name);
  const context = await sessionContext(session, setup);
  return summarizeAll({
    ...context,
    model: metered(context.model, { budget: new Budget(setup.options.limits), price }),
    price,
    step: session.lastStep + 1,
    instructions: masker.mask(instructions),
    signal,
  });
}
