import type { FoundSession } from "./find-session.ts";
import type { HistoryCommit } from "./fold.ts";
import { firstParents } from "./history.ts";
import { isOurs } from "./lineage.ts";
import { PENDING_SUBJECT } from "./pending-records.ts";
import type { Reading } from "./reading.ts";
import type { StepRecord } from "./step-record.ts";

/**
 * Reads the records that no commit of the branch holds, oldest first, each step in its last version. They are there
 * also when somebody else moved the branch since.
 */
export async function unsavedRecords(reading: Reading, { tip, pending, id }: FoundSession): Promise<StepRecord[]> {
  if (pending === undefined || pending === tip) return [];
  const records = new Map<number, StepRecord>();
  for await (const commit of firstParents(reading, pending)) {
    if (commit.id === tip || commit.subject !== PENDING_SUBJECT) break;
    for (const record of commit.records.toReversed()) {
      if (isOurs(id, record) && !records.has(record.step)) records.set(record.step, record);
    }
  }
  return [...records.values()].sort((a, b) => a.step - b.step);
}

/** Yields a session's commits, newest first, after the records that none of them holds. */
export async function* withUnsaved(
  reading: Reading,
  { tip, pending }: Omit<FoundSession, "id" | "name">,
  records: readonly StepRecord[],
): AsyncGenerator<HistoryCommit> {
  if (records.length > 0) yield { id: pending ?? tip, subject: "", author: "", records };
  yield* firstParents(reading, tip);
}
