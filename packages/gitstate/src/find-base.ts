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

/** Finds the commit that a lineage's first step came after; undefined when somebody dropped that step. */
export async function findBase(reading: Reading, { id, tip, unsaved }: BaseSource): Promise<string | undefined> {
  const holdsFirst = (records: readonly StepRecord[]) =>
    records.some((record) => record.step === FIRST_STEP && isOurs(id, record));
  if (holdsFirst(unsaved)) return tip;
  for await (const commit of firstParents(reading, tip)) {
    if (holdsFirst(commit.records)) return commit.parents[0];
  }
  return undefined;
}
