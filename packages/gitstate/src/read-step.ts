import { readCommit } from "./commit-object.ts";
import { compare, type Difference } from "./compare.ts";
import { findSession } from "./find-session.ts";
import { parseMessage } from "./message.ts";
import { withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import type { StepRecord } from "./step-record.ts";
import { type StepsUsage, usageOf } from "./step-usage.ts";

/** All that a commit holds of a session, and what differs from its first parent. */
export interface StepCommit extends StepsUsage, Difference {
  readonly commit: string;
  readonly author: string;
  readonly date: Date;
  readonly subject: string;
  /** What was said and run, oldest first; none when it is no commit of a session's. */
  readonly records: readonly StepRecord[];
  /** The commits that a merge brought in. */
  readonly merged: readonly string[];
}

/**
 * Reads one commit: a session's last one by its branch or id, or any by its revision. Throws a `RepositoryError` when
 * there is no such commit.
 */
export async function readStep(repository: Repository, revision: string): Promise<StepCommit> {
  return withReading(repository, async (reading) => {
    const found = await findSession(repository, reading, revision);
    const commit = "session" in found ? found.session.tip : found.commit;
    const { parents, author, committedAt, message } = await readCommit(reading.objects, commit);
    const { subject, records } = parseMessage(message);
    return {
      commit,
      author,
      date: new Date(committedAt * 1000),
      subject,
      records,
      merged: parents.slice(1),
      ...usageOf(records),
      ...(await compare(reading.gitDir, { from: parents[0], to: commit })),
    };
  });
}
