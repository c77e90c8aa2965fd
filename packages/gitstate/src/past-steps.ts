import { findArchived } from "./archived-session.ts";
import { streamCommits } from "./commit-stream.ts";
import { type FoundSession, findSessions } from "./find-session.ts";
import { FIRST_STEP } from "./fold.ts";
import { isOurs, rootSession } from "./lineage.ts";
import { PENDING_SUBJECT } from "./pending-records.ts";
import type { Reading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { readSessionRefs } from "./session-refs.ts";
import type { StepRecord } from "./step-record.ts";

/** Commits without a record of the lineage that are passed before all of it is taken to be read. */
const SEARCH_DEPTH = 1000;

/** A step that was made at some time in a lineage, whether it still counts or not. */
export interface PastStep extends StepRecord {
  /** Undefined while no commit of a branch holds it. */
  readonly commit: string | undefined;
  readonly date: Date;
  /** Of the session that made it; undefined when it has none here any more. */
  readonly branch: string | undefined;
  /** Whether it is the asking session's own, or of an ancestor before that was left. */
  readonly isOwn: boolean;
}

/** Yields every step of a session's lineage once, in its last version, newest first: rewound ones, those of its forks and of archived sessions too. */
export async function* pastSteps(repository: Repository, reading: Reading, session: string): AsyncGenerator<PastStep> {
  const sessions = await lineageOf(repository, reading, session);
  const branches = new Map(sessions.map(({ id, name }) => [id, `bough/${name}`]));
  const root = rootSession(session);
  const told = new Set<string>();
  for await (const { id, date, subject, records } of commitsOf(reading, sessions, root)) {
    const commit = subject === PENDING_SUBJECT ? undefined : id;
    for (const record of records.toReversed()) {
      const key = `${record.session} ${record.step}`;
      if (rootSession(record.session) !== root || told.has(key)) continue;
      told.add(key);
      yield { ...record, commit, date, branch: branches.get(record.session), isOwn: isOurs(session, record) };
    }
  }
}

async function lineageOf(repository: Repository, reading: Reading, session: string): Promise<FoundSession[]> {
  const root = rootSession(session);
  const refs = await readSessionRefs(repository);
  const archived = refs.archived.filter((each) => rootSession(each.session) === root);
  const found = [...(await findSessions(repository, reading, refs)), ...(await findArchived(reading, archived))];
  return found.filter(({ id }) => rootSession(id) === root);
}

/** Reads no further than the lineage's first step, by one git process. */
async function* commitsOf({ gitDir }: Reading, sessions: readonly FoundSession[], root: string) {
  const tips = new Set(sessions.flatMap(({ tip, pending }) => (pending === undefined ? [tip] : [tip, pending])));
  if (tips.size === 0) return;
  const [wanted, seen] = [new Set(tips), new Set<string>()];
  let passed = 0;
  for await (const commit of streamCommits(gitDir, [...tips], { files: false })) {
    yield commit;
    seen.add(commit.id);
    wanted.delete(commit.id);
    const isFirst = commit.records.some((record) => record.step === FIRST_STEP && record.session === root);
    const [parent] = commit.parents;
    if (!isFirst && parent !== undefined && !seen.has(parent)) wanted.add(parent);
    passed = commit.records.some((record) => rootSession(record.session) === root) ? 0 : passed + 1;
    if (wanted.size === 0 || passed > SEARCH_DEPTH) return;
  }
}
