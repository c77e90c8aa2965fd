import { isArchived } from "./archived-session.ts";
import { attempt } from "./attempt.ts";
import { describeMove, findMove, lastWritten } from "./branch-move.ts";
import { bringBack } from "./bring-back.ts";
import { claimName } from "./claim-name.ts";
import { type FoundSession, findSession, findSessions, newestRecords, sessionAt } from "./find-session.ts";
import { fold } from "./fold.ts";
import { forkCommit } from "./fork-session.ts";
import { lastMoved } from "./last-moved.ts";
import { isOurs } from "./lineage.ts";
import { type Reading, withReading } from "./reading.ts";
import { remoteSessionName } from "./remote-session.ts";
import type { Repository } from "./repository.ts";
import { reviveSession } from "./revive-session.ts";
import type { Session, SessionState } from "./session.ts";
import { lockSession } from "./session-lock.ts";
import { readSessionRefs, stillStands } from "./session-refs.ts";
import { openClaimed, openSession } from "./start-session.ts";
import { unsavedRecords, withUnsaved } from "./unsaved-records.ts";

/**
 * Goes on with a session by its branch, its id or a commit; a commit that is no branch's tip is continued on a fork,
 * but the branch of a session in another clone, as `origin/bough/fix`, becomes one of the same name here. An archived
 * session gets its branch back. Steps that a crash left uncommitted are in the conversation; see `Session.recover`.
 */
export function resumeSession(repository: Repository, revision: string): Promise<Session> {
  return attempt(`resume ${JSON.stringify(revision)}`, () =>
    withReading(repository, (reading) => resume(repository, reading, revision)),
  );
}

async function resume(
  repository: Repository,
  reading: Reading,
  revision: string,
  told: readonly string[] = [],
): Promise<Session> {
  const revived = await reviveSession(repository, reading, revision);
  if (revived !== undefined) return resume(repository, reading, revived.name, [revived.notice]);
  const found = await findSession(repository, reading, revision);
  if ("session" in found) {
    if (isArchived(found.session)) await bringBack(repository, found.session);
    const session = await openFound(repository, reading, found.session, told);
    return session ?? resume(repository, reading, revision, told);
  }
  const remote = await takeRemote(repository, reading, { ...found, revision });
  return remote ?? forkCommit(repository, reading, revision);
}

/** Goes on with the session that moved last and is no sub-agent's; undefined when there is none. */
export async function resumeLast(repository: Repository): Promise<Session | undefined> {
  return withReading(repository, async (reading) => {
    for (;;) {
      const last = await lastMoved(repository, reading, await findSessions(repository, reading));
      if (last === undefined) return undefined;
      const revived = await reviveSession(repository, reading, last.name);
      if (revived !== undefined) return resume(repository, reading, revived.name, [revived.notice]);
      const session = await openFound(repository, reading, last);
      if (session !== undefined) return session;
    }
  });
}

/** Makes the branch here that a session has in another clone; undefined when it is no such branch, or the name is taken. */
async function takeRemote(
  repository: Repository,
  reading: Reading,
  { revision, commit, sessions }: { revision: string; commit: string; sessions: readonly FoundSession[] },
): Promise<Session | undefined> {
  const name = await remoteSessionName(repository, revision);
  if (name === undefined || (await readSessionRefs(repository)).taken.has(name)) return undefined;
  const id = await sessionAt(repository, reading, commit, sessions);
  // One of that lineage is here by another name: two would give out the same numbers.
  if (id === undefined || sessions.some((session) => session.id === id)) return undefined;
  const state = await stateOf(reading, { name, id, tip: commit, pending: commit });
  const claimed = await claimName(repository, { names: [name], tip: commit, pending: commit });
  return claimed === undefined ? undefined : openClaimed(repository, claimed, state);
}

/** Opens a session for writing; undefined when it moved before its lock could be had, so that it is to be found anew. */
async function openFound(
  repository: Repository,
  reading: Reading,
  found: FoundSession,
  told: readonly string[] = [],
): Promise<Session | undefined> {
  const lock = await lockSession(repository, found.name);
  try {
    if (await stillStands(repository, found)) {
      const state = await stateOf(reading, found);
      const notices = [...told, ...(state.notices ?? [])];
      return await openSession(repository, { ...state, notices }, { refs: repository.refUpdates(), lock });
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
  await lock.release();
  return undefined;
}

async function stateOf(reading: Reading, found: FoundSession): Promise<SessionState> {
  const unsaved = await unsavedRecords(reading, found);
  const conversation = await fold(withUnsaved(reading, found, unsaved), found.id);
  // The person may have taken commits off the branch: their numbers are used up all the same.
  const written = found.pending === undefined ? [] : await newestRecords(reading, found.pending);
  const steps = [...written, ...unsaved].filter((record) => isOurs(found.id, record)).map(({ step }) => step);
  const lastStep = Math.max(conversation.lastStep, ...steps);
  const moved = await howMoved(reading, found);
  return { ...found, ...moved, unsaved, lastStep, leftOut: [], isNew: false, conversation };
}

/** Tells from where, and how, somebody else moved the branch. */
async function howMoved(
  reading: Reading,
  { id, name, tip, pending }: FoundSession,
): Promise<Pick<SessionState, "movedFrom" | "notices">> {
  const from = pending === undefined ? tip : await lastWritten(reading, pending);
  const move = await findMove(reading, { id, branch: `bough/${name}`, from, to: tip });
  return move === undefined ? {} : { movedFrom: from, notices: [describeMove(move)] };
}
