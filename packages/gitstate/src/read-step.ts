import { splitNul } from "./byte-path.ts";
import { readCommit } from "./commit-object.ts";
import { type FileChange, parseFileChanges } from "./file-changes.ts";
import { findSession } from "./find-session.ts";
import { parseMessage } from "./message.ts";
import { withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import type { StepRecord } from "./step-record.ts";
import { type StepsUsage, usageOf } from "./step-usage.ts";

/** All that a commit holds of a session. */
export interface StepCommit extends StepsUsage {
  readonly commit: string;
  readonly author: string;
  readonly date: Date;
  readonly subject: string;
  /** What was said and run, oldest first; none when it is no commit of a session's. */
  readonly records: readonly StepRecord[];
  readonly files: readonly FileChange[];
  /** A patch against the first parent; a file that is no text is only named in it. */
  readonly diff: string;
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
    const compared = parents[0] === undefined ? ["--root", commit] : [parents[0], commit];
    const compare = async (...format: string[]) => {
      const args = [
        "diff-tree",
        "-r",
        "-M",
        "--no-commit-id",
        "--no-ext-diff",
        "--no-textconv",
        ...format,
        ...compared,
      ];
      return (await reading.gitDir.git(args)).stdout;
    };
    const [counts, diff] = await Promise.all([compare("--numstat", "-z"), compare("-p", "--no-color")]);
    const { subject, records } = parseMessage(message);
    return {
      commit,
      author,
      date: new Date(committedAt * 1000),
      subject,
      records,
      ...usageOf(records),
      files: parseFileChanges(splitNul(counts)),
      diff: diff.toString(),
    };
  });
}
