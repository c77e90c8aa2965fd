import { readHistoryCommit } from "./history.ts";
import { isOurs } from "./lineage.ts";
import { PENDING_SUBJECT } from "./pending-records.ts";
import type { Reading } from "./reading.ts";

/** How somebody else moved a session's branch since the session last wrote to it. */
export interface BranchMove {
  readonly branch: string;
  readonly to: string;
  /** Commits that the branch no longer has. */
  readonly dropped: number;
  /** Commits that it has now. */
  readonly added: number;
  /** Steps that went with those that were dropped. */
  readonly steps: readonly number[];
}

/** Commits that are read for their steps: a branch may be moved to any other. */
const SEARCH_DEPTH = 1000;

/** Finds out what became of a branch between two of its tips; undefined when nothing did. */
export async function findMove(
  reading: Reading,
  {
    id,
    branch,
    from,
    to,
  }: { readonly id: string; readonly branch: string; readonly from: string; readonly to: string },
): Promise<BranchMove | undefined> {
  if (from === to) return undefined;
  const list = ["rev-list", "--first-parent", "--left-right", "--end-of-options", `${from}...${to}`];
  const commits = (await reading.gitDir.git(list)).stdout.toString().split("\n");
  const side = (mark: string) => commits.filter((line) => line.startsWith(mark)).map((line) => line.slice(1));
  const [dropped, added] = [side("<"), side(">")];
  const [before, after] = await Promise.all([dropped, added].map((ids) => stepsOf(reading, id, ids)));
  const steps = [...(before ?? [])].filter((step) => after?.has(step) !== true).sort((a, b) => a - b);
  return { branch, to, dropped: dropped.length, added: added.length, steps };
}

async function stepsOf({ objects }: Reading, session: string, commits: readonly string[]): Promise<Set<number>> {
  const read = commits.slice(0, SEARCH_DEPTH).map((commit) => readHistoryCommit(objects, commit));
  const records = (await Promise.all(read)).flatMap((commit) => commit.records);
  return new Set(records.filter((record) => isOurs(session, record)).map(({ step }) => step));
}

/** Says in a line how a branch was moved. */
export function describeMove({ branch, to, dropped, added, steps }: BranchMove): string {
  const counts = [
    ...(dropped === 0 ? [] : [`${count(dropped, "commit")} dropped`]),
    ...(added === 0 ? [] : [`${dropped === 0 ? count(added, "commit") : added} added`]),
  ].join(", ");
  const gone = steps.length === 0 ? "" : `; ${count(steps.length, "step")} left the conversation: ${steps.join(", ")}`;
  return `${branch} was moved by someone to ${to.slice(0, 9)} (${counts}${gone}); going on from there.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** The branch's commit on which the records stand that no commit of it holds. */
export async function lastWritten({ objects }: Reading, pending: string): Promise<string> {
  for (let commit = pending; ; ) {
    const { subject, parents } = await readHistoryCommit(objects, commit);
    const [parent] = parents;
    if (subject !== PENDING_SUBJECT || parent === undefined) return commit;
    commit = parent;
  }
}
