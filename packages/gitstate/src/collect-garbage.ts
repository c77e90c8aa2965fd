import { BRANCHES } from "./branch-name.ts";
import { closeWorktree, dropDetachedWorktree } from "./close-worktree.ts";
import { LockedError, RefMovedError, RepositoryError } from "./errors.ts";
import { sessionOf } from "./find-session.ts";
import type { AbandonedGarbage, ArchivedGarbage, Garbage } from "./garbage.ts";
import { withoutGc } from "./gc-hold.ts";
import { keepName } from "./gone-session.ts";
import { removeOwnFolder } from "./own-folder.ts";
import { type Reading, withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { lockSession } from "./session-lock.ts";

/** What became of something that was due; `because` ends the sentence "It is kept, because …". */
export type Collected = { readonly type: "removed" } | { readonly type: "kept"; readonly because: string };

const REMOVED: Collected = { type: "removed" };

/**
 * Removes what {@link findGarbage} found. Each is looked at once more, with its session's lock: what is in use by then
 * stays. Refs go only when they stand where they stood, and git's own objects are left to git's gc.
 */
export async function collectGarbage(repository: Repository, garbage: Garbage): Promise<Collected> {
  try {
    switch (garbage.type) {
      case "archived-session":
      case "deleted-branch":
        return await locked(repository, garbage.name, () => removeRef(repository, garbage));
      case "worktree":
        return await locked(repository, garbage.name, () => removeWorktree(repository, garbage.name));
      case "cache":
        return await removeCache(repository, garbage);
      case "left-over":
      case "repository-gone":
        return await removeFolder(garbage.path);
      default:
        return garbage satisfies never;
    }
  } catch (error) {
    const isInUse = error instanceof RepositoryError || error instanceof RefMovedError || error instanceof LockedError;
    if (isInUse || (error instanceof Error && "syscall" in error)) return kept(error.message);
    throw error;
  }
}

async function locked(repository: Repository, name: string, work: () => Promise<Collected>): Promise<Collected> {
  const lock = await lockSession(repository, name);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function removeRef(repository: Repository, garbage: ArchivedGarbage | AbandonedGarbage): Promise<Collected> {
  const { type, name, ref, commit } = garbage;
  if (type === "deleted-branch" && (await repository.refTip(BRANCHES + name)) !== undefined) return hasBranch(name);
  // First, as its files are found by the session's name.
  const because = type === "archived-session" ? await dropDetachedWorktree(repository, name) : undefined;
  if (because !== undefined) return kept(because);
  const remove = async (reading: Reading) => {
    const session = type === "archived-session" ? garbage.session : await sessionOf(reading, commit);
    const names = session === undefined ? [] : await keepName(repository, reading.objects, { name, session });
    const refs = repository.refUpdates();
    try {
      await refs.apply([...names, { ref, from: commit, to: undefined }]);
    } finally {
      await refs.close();
    }
  };
  await withReading(repository, (reading) => withoutGc(repository.commonDir, () => remove(reading)));
  return REMOVED;
}

async function removeWorktree(repository: Repository, name: string): Promise<Collected> {
  const closed = await closeWorktree(repository, name);
  return closed.type === "kept" ? closed : REMOVED;
}

async function removeCache(
  repository: Repository,
  { path, name }: { readonly path: string; readonly name?: string },
): Promise<Collected> {
  if (name === undefined) return removeFolder(path);
  return locked(repository, name, async () =>
    (await repository.refTip(BRANCHES + name)) === undefined ? removeFolder(path) : hasBranch(name),
  );
}

async function removeFolder(path: string): Promise<Collected> {
  return (await removeOwnFolder(path)) ? REMOVED : kept(`${path} is no folder of bough's own any more`);
}

function hasBranch(name: string): Collected {
  return kept(`bough/${name} is a branch again`);
}

function kept(because: string): Collected {
  return { type: "kept", because };
}
