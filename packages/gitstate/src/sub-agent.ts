import { FIRST_STEP } from "./fold.ts";
import { firstParents } from "./history.ts";
import { rootSession } from "./lineage.ts";
import type { Reading } from "./reading.ts";
import type { StepRecord } from "./step-record.ts";

/** The key by which a fork's first record is known: no two forks have the same value. */
const FORK = "fork";
/** The key by which that record says that the fork is a sub-agent's. */
const SUB_AGENT = "subAgent";

/** What is kept with the first record of a fork. */
export function forkMark({ fork, subAgent }: { readonly fork: string; readonly subAgent: boolean }) {
  return { [FORK]: fork, ...(subAgent ? { [SUB_AGENT]: true } : {}) };
}

/** Whether a record says that the fork it begins is a sub-agent's. */
export function beginsSubAgent({ extra }: Pick<StepRecord, "extra">): boolean {
  return extra?.[FORK] !== undefined && extra[SUB_AGENT] === true;
}

/**
 * Whether a session was forked for a sub-agent, as its first record says. It is looked for in what the session wrote, so a
 * rewind changes nothing of it, nor does a branch that somebody moved; a fork of a sub-agent's session is nobody's.
 */
export async function isSubAgent(
  reading: Reading,
  { id, tip, pending = tip }: { readonly id: string; readonly tip: string; readonly pending: string | undefined },
): Promise<boolean> {
  const root = rootSession(id);
  if (root === id) return false;
  for await (const { records } of firstParents(reading, pending)) {
    const first = records.find((record) => record.session === id && record.extra?.[FORK] !== undefined);
    if (first !== undefined) return beginsSubAgent(first);
    if (records.some((record: StepRecord) => record.session === root && record.step === FIRST_STEP)) return false;
  }
  return false;
}
