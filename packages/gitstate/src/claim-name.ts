import { BRANCHES, PENDING } from "./branch-name.ts";
import { RefMovedError, RepositoryError } from "./errors.ts";
import type { RefUpdates } from "./ref-updates.ts";
import type { Repository } from "./repository.ts";
import { lockSession, type SessionLock } from "./session-lock.ts";

/** Names another bough can take between two looks, before something else is wrong. */
const TRIES = 20;

/** A name that is a session's own, and what its refs were made with. */
export interface ClaimedName {
  readonly name: string;
  readonly refs: RefUpdates;
  readonly lock: SessionLock;
  /** Takes the session's refs away again, and lets go of it, when no session came of it. */
  giveBack(): Promise<void>;
}

interface NewRefs {
  readonly name: string;
  readonly tip: string;
  readonly pending: string;
}

/** Makes a session's refs under the first of the names that nobody else takes; undefined when there was none. */
export async function claimName(
  repository: Repository,
  { names, tip, pending }: { readonly names: Iterable<string>; readonly tip: string; readonly pending: string },
): Promise<ClaimedName | undefined> {
  const refs = repository.refUpdates();
  let tries = 0;
  try {
    for (const name of names) {
      const claimed = await claim(repository, refs, { name, tip, pending });
      if (claimed !== undefined) return claimed;
      if (++tries === TRIES) break;
    }
  } catch (error) {
    await refs.close();
    throw error;
  }
  await refs.close();
  return undefined;
}

/** The lock comes first: as soon as the refs are there, others can find the session and open it. */
async function claim(repository: Repository, refs: RefUpdates, made: NewRefs): Promise<ClaimedName | undefined> {
  const lock = await lockSession(repository, made.name).catch(ignoreHeld);
  if (lock === undefined) return undefined;
  try {
    if (await makeRefs(refs, made)) {
      const giveBack = async () => {
        try {
          await removeRefs(refs, made);
        } finally {
          await lock.release();
        }
      };
      return { name: made.name, refs, lock, giveBack };
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
  await lock.release();
  return undefined;
}

function ignoreHeld(error: unknown): undefined {
  if (error instanceof RepositoryError && error.reason === "session-held") return;
  throw error;
}

async function makeRefs(refs: RefUpdates, { name, tip, pending }: NewRefs): Promise<boolean> {
  try {
    // In this order: who sees the branch can find out whose it is.
    await refs.apply([
      { ref: PENDING + name, from: undefined, to: pending },
      { ref: BRANCHES + name, from: undefined, to: tip },
    ]);
    return true;
  } catch (error) {
    if (error instanceof RefMovedError) return false;
    throw error;
  }
}

async function removeRefs(refs: RefUpdates, { name, tip, pending }: NewRefs): Promise<void> {
  await refs.apply([
    { ref: BRANCHES + name, from: tip, to: undefined },
    { ref: PENDING + name, from: pending, to: undefined },
  ]);
  await refs.close();
}
