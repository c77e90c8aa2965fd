import type { ArchivedSession } from "./archived-session.ts";
import { BRANCHES, PENDING } from "./branch-name.ts";
import { RefMovedError, RepositoryError } from "./errors.ts";
import type { Repository } from "./repository.ts";
import { lockSession } from "./session-lock.ts";

/**
 * Gives an archived session its branch and its pending ref back, in one move with the end of its archive ref. Throws a
 * {@link RepositoryError} when somebody made a branch of its name since.
 */
export async function bringBack(repository: Repository, session: ArchivedSession): Promise<void> {
  const { name, tip, pending, archived } = session;
  const lock = await lockSession(repository, name);
  const refs = repository.refUpdates();
  try {
    await refs.apply([
      { ref: PENDING + name, from: undefined, to: pending ?? tip },
      { ref: BRANCHES + name, from: undefined, to: tip },
      { ref: archived.ref, from: archived.commit, to: undefined },
    ]);
  } catch (error) {
    const isTaken = error instanceof RefMovedError && error.ref !== archived.ref;
    throw isTaken ? taken(session, error) : error;
  } finally {
    await refs.close();
    await lock.release();
  }
}

function taken({ name, id }: ArchivedSession, cause: Error): RepositoryError {
  return new RepositoryError(
    "name-taken",
    `bough/${name} is another branch by now, so the archived session of that name cannot come back. Rename the branch, or go on with the session on a fork: bough branch --from ${id} --name <name>`,
    { cause },
  );
}
