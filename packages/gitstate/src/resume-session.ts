import { attempt } from "./attempt.ts";
import { claimName } from "./claim-name.ts";
import { type FoundSession, findSession, findSessions, lastMoved, newestRecords, sessionAt } from "./find-session.ts";
import { fold } from "./fold.ts";
import { forkCommit } from "./fork-session.ts";
import { firstParents } from "./history.ts";
import { isOurs } from "./lineage.ts";
import { type Reading, withReading } from "./reading.ts";
import type { RefUpdates } from "./ref-updates.ts";
import { remoteSessionName } from "./remote-session.ts";
import type { Repository } from "./repository.ts";
import type { Session } from "./session.ts";
import { readSessionRefs } from "./session-refs.ts";
import { openSession } from "./start-session.ts";
import { unsavedRecords } from "./unsaved-records.ts";

/**
 * Goes on with a session by its branch, its id or a commit; a commit that is no branch's tip is continued on a fork,
 * but the branch of a session in another clone, as `origin/bough/fix`, becomes one of the same name here. Steps that a crash left uncommitted are in the conversation; see `Session.recover`.
 */
export function resumeSession(repository: Repository, revision: string): Promise<Session> {
  return attempt(`resume ${JSON.stringify(revision)}`, () =>
    withReading(repository, async (reading) => {
      const found = await findSession(repository, reading, revision);
      if ("session" in found) return openFound(repository, reading, found.session);
      const remote = await takeRemote(repository, reading, { ...found, revision });
      return remote ?? forkCommit(repository, reading, revision);
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
  const claimed = await claimName(repository, { names: [name], tip: commit, pending: commit });
  if (claimed === undefined) return undefined;
  return openFound(repository, reading, { name, id, tip: commit, pending: commit }, claimed.refs);
}

async function openFound(
  repository: Repository,
  reading: Reading,
  found: FoundSession,
  refs?: RefUpdates,
): Promise<Session> {
  const unsaved = await unsavedRecords(reading, found);
  const { lastStep } = await fold(firstParents(reading, found.tip), found.id);
  // The person may have taken commits off the branch: their numbers are used up all the same.
  const written = found.pending === undefined ? [] : await newestRecords(reading, found.pending);
  const steps = [...written, ...unsaved].filter((record) => isOurs(found.id, record)).map(({ step }) => step);
  const state = { ...found, unsaved, lastStep: Math.max(lastStep, ...steps), leftOut: [], isNew: false };
  return openSession(repository, state, refs);
}
