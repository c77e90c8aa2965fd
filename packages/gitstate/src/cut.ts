import { type Conversation, FIRST_STEP, fold, type HistoryCommit } from "./fold.ts";
import { firstParents } from "./history.ts";
import { isOurs, rootSession } from "./lineage.ts";
import type { Reading } from "./reading.ts";
import type { StepRecord } from "./step-record.ts";

/** A commit of a session's history. */
export interface LineCommit extends HistoryCommit {
  readonly parents: readonly string[];
}

/** The history of a session in one piece. */
export interface SessionLine {
  readonly session: string;
  readonly tip: string;
  /** Records that no commit holds yet, oldest first. */
  readonly unsaved: readonly StepRecord[];
  /** From the tip back to the lineage's first step. */
  readonly commits: readonly LineCommit[];
}

/** A moment of a session: the commit that holds its files, and the records that had not come into one by then. */
export interface Cut {
  readonly commit: string;
  readonly records: readonly StepRecord[];
  /** The session's commits up to there, newest first. */
  readonly commits: readonly LineCommit[];
}

/** Reads a session's commits. */
export async function readLine(
  reading: Reading,
  { session, tip, unsaved }: Omit<SessionLine, "commits">,
): Promise<SessionLine> {
  const commits: LineCommit[] = [];
  const isFirst = (record: StepRecord) => record.session === rootSession(session) && record.step === FIRST_STEP;
  if (!unsaved.some(isFirst)) {
    for await (const commit of firstParents(reading, tip)) {
      commits.push(commit);
      if (commit.records.some(isFirst)) break;
    }
  }
  return { session, tip, unsaved, commits };
}

/** The present moment. */
export function cutNow({ tip, unsaved, commits }: SessionLine): Cut {
  return { commit: tip, records: unsaved, commits };
}

/** The moment at which a commit was the last one; undefined when it is none of the session's. */
export function cutAt({ commits }: SessionLine, commit: string): Cut | undefined {
  const at = commits.findIndex(({ id }) => id === commit);
  return at === -1 ? undefined : { commit, records: [], commits: commits.slice(at) };
}

/** The moment after a step, also one that was rewound since; undefined when there is no such step. */
export function cutAfter(line: SessionLine, step: number): Cut | undefined {
  return places(line)
    .find((place) => place.record.step === step)
    ?.after();
}

/** The moment before the prompt of a turn, also of one that was rewound since; undefined when there is no such turn. */
export function cutBefore(line: SessionLine, turn: number): Cut | undefined {
  return places(line)
    .findLast(({ record }) => record.turn === turn && record.blocks.some(({ type }) => type === "user"))
    ?.before();
}

/** Reads the conversation as it stood at a moment. */
export function conversationAt({ session }: Pick<SessionLine, "session">, cut: Cut): Promise<Conversation> {
  const unsaved = { id: cut.commit, subject: "", author: "", records: cut.records };
  return fold(cut.records.length === 0 ? cut.commits : [unsaved, ...cut.commits], session);
}

/** Where a record of the session stands. */
interface Place {
  readonly record: StepRecord;
  before(): Cut | undefined;
  after(): Cut | undefined;
}

/** Every record of the session, newest first. */
function places(line: SessionLine): Place[] {
  const { session, unsaved, tip, commits } = line;
  const pending = unsaved.map((record, i) => ({
    record,
    before: () => ({ commit: tip, records: unsaved.slice(0, i), commits }),
    after: () => ({ commit: tip, records: unsaved.slice(0, i + 1), commits }),
  }));
  const committed = commits.flatMap(({ id, parents, records }, at) => {
    const ours = records.filter((record) => isOurs(session, record));
    const cut = (kept: number): Cut | undefined => {
      if (kept === ours.length) return { commit: id, records: [], commits: commits.slice(at) };
      const [parent] = parents;
      if (parent === undefined) return undefined;
      return { commit: parent, records: ours.slice(0, kept), commits: commits.slice(at + 1) };
    };
    return ours.map((record, i) => ({ record, before: () => cut(i), after: () => cut(i + 1) })).toReversed();
  });
  return [...pending.toReversed(), ...committed];
}
