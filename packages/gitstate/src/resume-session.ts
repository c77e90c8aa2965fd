import { join } from "node:path";
import { BRANCHES, PENDING, freeName } from "./branch-name.ts";
import { readCommit, writeCommit } from "./commit-object.ts";
import { RepositoryError } from "./errors.ts";
import { findSession, type FoundSession, findSessions, type Reading, sessionOf } from "./find-session.ts";
import { fold } from "./fold.ts";
import { firstParents } from "./history.ts";
import { forkId, isOurs } from "./lineage.ts";
import { formatMessage } from "./message.ts";
import { ObjectStore } from "./object-store.ts";
import { RefUpdates } from "./ref-updates.ts";
import type { Repository } from "./repository.ts";
import type { Session } from "./session.ts";
import { readSessionRefs } from "./session-refs.ts";
import { openSession } from "./start-session.ts";
import type { StepRecord } from "./step-record.ts";

/**
 * Goes on with a session by its branch, its id or a commit; a commit that is no branch's tip is continued on a fork.
 * Steps that a crash left uncommitted are in the conversation; see `Session.recover`.
 */
export async function resumeSession(repository: Repository, revision: string): Promise<Session> {
  return withReading(repository, async (reading) => {
    const found = await findSession(repository, reading, revision);
    return "session" in found
      ? openFound(repository, reading, found.session)
      : forkAt(repository, reading, found.commit, found.sessions);
  });
}

/** Goes on with the session that moved last and is no sub-agent's; undefined when there is none. */
export async function resumeLast(repository: Repository): Promise<Session | undefined> {
  return withReading(repository, async (reading) => {
    const sessions = await findSessions(repository, reading);
    const dated = await Promise.all(
      sessions.map(async (session) => ({
        session,
        at: (await readCommit(reading.objects, session.pending ?? session.tip)).committedAt,
      })),
    );
    const [last] = dated.sort((a, b) => b.at - a.at || (a.session.id < b.session.id ? 1 : -1));
    return last === undefined ? undefined : openFound(repository, reading, last.session);
  });
}

/** Lends a way to read objects that is closed when the work is done. */
export async function withReading<Result>(repository: Repository, work: (reading: Reading) => Promise<Result>): Promise<Result> {
  return repository.withGitDir(async (gitDir) => {
    const objects = new ObjectStore({ folder: join(repository.commonDir, "objects"), format: repository.format, gitDir });
    try {
      return await work({ gitDir, objects });
    } finally {
      await objects.close();
    }
  });
}

async function openFound(repository: Repository, reading: Reading, found: FoundSession): Promise<Session> {
  const unsaved = await unsavedRecords(repository, reading, found);
  const { lastStep } = await fold(firstParents(reading, found.tip), found.id);
  const written = found.pending === undefined ? undefined : await fold(firstParents(reading, found.pending), found.id);
  return openSession(repository, {
    ...found,
    unsaved,
    lastStep: Math.max(lastStep, written?.lastStep ?? -1),
    leftOut: [],
  });
}

/** The records between the branch's tip and the pending ref, each step in its last version. */
async function unsavedRecords(repository: Repository, reading: Reading, { tip, pending, id }: FoundSession): Promise<StepRecord[]> {
  if (pending === undefined || pending === tip) return [];
  const { exitCode } = await repository.git(["merge-base", "--is-ancestor", tip, pending], { accept: [1] });
  if (exitCode !== 0) return [];
  const records = new Map<number, StepRecord>();
  for await (const commit of firstParents(reading, pending)) {
    if (commit.id === tip) break;
    for (const record of commit.records.toReversed()) {
      if (isOurs(id, record) && !records.has(record.step)) records.set(record.step, record);
    }
  }
  return [...records.values()].sort((a, b) => a.step - b.step);
}

async function forkAt(repository: Repository, reading: Reading, commit: string, sessions: readonly FoundSession[]): Promise<Session> {
  const parent = await sessionOf(reading, commit);
  if (parent === undefined) {
    throw new RepositoryError("no-session", `No session led to ${commit.slice(0, 12)}, so there is no conversation to go on with.`);
  }
  const conversation = await fold(firstParents(reading, commit), parent);
  const step = conversation.lastStep;
  const { taken } = await readSessionRefs(repository);
  const origin = sessions.find(({ id }) => id === parent)?.name ?? sessions.find(({ id }) => id.startsWith(parent))?.name ?? "fork";
  const name = nextForkName(origin, taken);
  const id = nextForkId(parent, step, sessions);
  const record: StepRecord = {
    session: id,
    step: step + 1,
    turn: conversation.lastTurn,
    blocks: [conversation.config ?? { type: "config", text: "" }],
  };
  const { tree, committedAt } = await readCommit(reading.objects, commit);
  const pending = await writeCommit(reading.objects, {
    tree,
    parents: [commit],
    author: repository.identity,
    committer: repository.identity,
    committedAt: Math.max(Math.floor(Date.now() / 1000), committedAt),
    message: formatMessage({ subject: "Records that no commit holds yet", records: [record] }),
  });
  const refs = new RefUpdates({
    gitDir: repository.commonDir,
    cwd: repository.commonDir,
    identity: repository.identityVariables(),
  });
  try {
    await refs.apply([
      { ref: BRANCHES + name, from: undefined, to: commit },
      { ref: PENDING + name, from: undefined, to: pending },
    ]);
  } finally {
    await refs.close();
  }
  return openSession(repository, { id, name, tip: commit, pending, unsaved: [record], lastStep: step + 1, leftOut: [] });
}

function nextForkName(origin: string, taken: ReadonlySet<string>): string {
  let n = 1;
  while (taken.has(`${origin}.${n}`)) n++;
  return freeName(`${origin}.${n}`, taken);
}

function nextForkId(parent: string, step: number, sessions: readonly FoundSession[]): string {
  const start = `${parent}.${step}-`;
  const used = sessions.filter(({ id }) => id.startsWith(start)).map(({ id }) => Number.parseInt(id.slice(start.length), 10));
  return forkId(parent, step, Math.max(0, ...used) + 1);
}
