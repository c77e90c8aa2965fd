import { type FoundSession, findNamed, findSessions, resolveOther, sessionAt } from "./find-session.ts";
import { type FoundLandable, findLandable } from "./landable.ts";
import { byLastMove } from "./last-moved.ts";
import { type Reading, withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { holdsMoment } from "./rewind.ts";

/** A session that was found by its refs and not opened, and where a person wants it to go back to. */
export interface Rewindable {
  readonly session: FoundLandable;
  /** The commit that the revision means; undefined when none was given. */
  readonly commit: string | undefined;
}

/**
 * Finds the session to rewind: the one that is named, or whose branch the revision names, or that made its commit; else
 * the one that moved last, of those that can go back to the commit. Throws a `RepositoryError` when there is none.
 */
export function findRewindable(
  repository: Repository,
  { branch, revision }: { readonly branch?: string | undefined; readonly revision?: string | undefined },
): Promise<Rewindable> {
  return withReading(repository, async (reading) => {
    if (revision === undefined) return { session: await findLandable(repository, branch), commit: undefined };
    const sessions = await findSessions(repository, reading);
    const [, name = "", suffix = ""] = /^(.*?)([~^@].*)?$/s.exec(revision) ?? [];
    const named = findNamed(sessions, name);
    const commit = await resolveOther(
      repository,
      reading,
      named === undefined ? revision : `bough/${named.name}${suffix}`,
    );
    const found = branch ?? (named ?? (await findHolder(repository, reading, { commit, sessions })))?.name;
    return { session: await findLandable(repository, found), commit };
  });
}

async function findHolder(
  repository: Repository,
  reading: Reading,
  { commit, sessions }: { readonly commit: string; readonly sessions: readonly FoundSession[] },
): Promise<FoundSession | undefined> {
  const holds = await Promise.all(sessions.map((session) => holdsMoment(reading, session, commit)));
  const holders = sessions.filter((_, i) => holds[i]);
  const owner = await sessionAt(repository, reading, commit, sessions);
  const [last] = await byLastMove(repository, reading, holders);
  return holders.find(({ id }) => id === owner) ?? last?.session;
}
