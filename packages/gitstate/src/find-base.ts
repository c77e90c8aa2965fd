import { FIRST_STEP } from "./fold.ts";
import { firstParents } from "./history.ts";
import { isOurs } from "./lineage.ts";
import type { Reading } from "./reading.ts";
import type { StepRecord } from "./step-record.ts";

/** What a session's base is found from. */
export interface BaseSource {
  readonly id: string;
  readonly tip: string;
  /** Records that no commit holds yet. */
  readonly unsaved: readonly StepRecord[];
}

/** Commits by others that are looked through for the base that the first record names. */
const SEARCH_DEPTH = 1000;

/**
 * Finds the commit that a lineage started from: the one that its first record names, when others committed between that
 * and the record, else the one before it. Undefined when somebody dropped the first step.
 */
export async function findBase(reading: Reading, { id, tip, unsaved }: BaseSource): Promise<string | undefined> {
  const findFirst = (records: readonly StepRecord[]) =>
    records.find((record) => record.step === FIRST_STEP && isOurs(id, record));
  const first = findFirst(unsaved);
  if (first !== undefined) return namedBase(reading, first, tip);
  for await (const commit of firstParents(reading, tip)) {
    const record = findFirst(commit.records);
    if (record !== undefined) return commit.parents[0] && namedBase(reading, record, commit.parents[0]);
  }
  return undefined;
}

/** A history that was rewritten has the named commit no more. */
async function namedBase(reading: Reading, { extra }: StepRecord, before: string): Promise<string> {
  const named = extra?.base;
  let depth = 0;
  for await (const { id } of firstParents(reading, before)) {
    if (id === named) return id;
    if (named === undefined || ++depth === SEARCH_DEPTH) break;
  }
  return before;
}
