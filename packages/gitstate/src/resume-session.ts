import { attempt } from "./attempt.ts";
import { forkNames } from "./branch-name.ts";
import { claimName } from "./claim-name.ts";
import { RepositoryError } from "./errors.ts";
import { type FoundSession, findSession, findSessions, lastMoved, newestRecords, sessionOf } from "./find-session.ts";
import { fold } from "./fold.ts";
import { firstParents } from "./history.ts";
import { forkId, isOurs } from "./lineage.ts";
import { PENDING_SUBJECT, writePendingRecords } from "./pending-records.ts";
import { type Reading, withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import type { Session } from "./session.ts";
import { readSessionRefs } from "./session-refs.ts";
import { openClaimed, openSession } from "./start-session.ts";
import type { StepRecord } from "./step-record.ts";

/**
 * Goes on with a session by its branch, its id or a commit; a commit that is no branch's tip is continued on a fork.
 * Steps that a crash left uncommitted are in the conversation; see `Session.recover`.
 */
export function resumeSession(repository: Repository, revision: string): Promise<Session> {
  return attempt(`resume ${JSON.stringify(revision)}`, () =>
    withReading(repository, async (reading) => {
      const found = await findSession(repository, reading, revision);
      return "session" in found
        ? openFound(repository, reading, found.session)
        : forkAt(repository, reading, found.commit, found.sessions);
    }),
  );
}

/** Goes on with the session that moved last and is no sub-agent's; undefined when there is none. */
export async function resumeLast(repository: Repository): Promise<Session | undefined> {
  return withReading(repository, async (reading) => {
    const last = await lastMoved(reading, await findSessions(repository, reading));
    return last === undefined ? undefined : openFound(repository, reading, last);
  });
}

async function openFound(repository: Repository, reading: Reading, found: FoundSession): Promise<Session> {
  const unsaved = await unsavedRecords(reading, found);
  const { lastStep } = await fold(firstParents(reading, found.tip), found.id);
  // The person may have taken commits off the branch: their numbers are used up all the same.
  const written = found.pending === undefined ? [] : await newestRecords(reading, found.pending);
  const steps = [...written, ...unsaved].filter((record) => isOurs(found.id, record)).map(({ step }) => step);
  const state = { ...found, unsaved, lastStep: Math.max(lastStep, ...steps), leftOut: [], isNew: false };
  return openSession(repository, state);
}

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

async function forkAt(
  repository: Repository,
  reading: Reading,
  commit: string,
  sessions: readonly FoundSession[],
): Promise<Session> {
  const parent = await sessionOf(reading, commit);
  if (parent === undefined) {
    throw new RepositoryError(
      "no-session",
      `No session led to ${commit.slice(0, 12)}, so there is no conversation to go on with.`,
    );
  }
  const { lastStep, lastTurn, config } = await fold(firstParents(reading, commit), parent);
  const { taken, archived } = await readSessionRefs(repository);
  const record: StepRecord = {
    session: nextForkId(parent, lastStep, [...archived, ...sessions.map(({ id }) => id)]),
    step: lastStep + 1,
    turn: lastTurn,
    blocks: [config ?? { type: "config", text: "" }],
  };
  const by = repository.identity;
  const pending = await writePendingRecords(reading.objects, { records: [record], parent: commit, by });
  const origin = originName(parent, sessions);
  const claimed = await claimName(repository, { names: forkNames(origin, taken), tip: commit, pending });
  if (claimed === undefined) {
    throw new RepositoryError(
      "name-taken",
      `Other programs keep taking the names for forks of "${origin}". Try again.`,
    );
  }
  const state = { name: claimed.name, tip: commit, pending, lastStep: record.step, leftOut: [], isNew: true };
  return openClaimed(repository, claimed, { ...state, id: record.session, unsaved: [record] });
}

/** The name of the session that is forked; of one that continues it when its own branch is gone. */
function originName(parent: string, sessions: readonly FoundSession[]): string {
  const origin = sessions.find(({ id }) => id === parent) ?? sessions.find(({ id }) => id.startsWith(`${parent}.`));
  return origin?.name ?? "fork";
}

function nextForkId(parent: string, step: number, ids: readonly string[]): string {
  const start = `${parent}.${step}-`;
  const used = ids.filter((id) => id.startsWith(start)).map((id) => Number.parseInt(id.slice(start.length), 10));
  return forkId(parent, step, Math.max(0, ...used) + 1);
}
