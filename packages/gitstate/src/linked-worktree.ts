import { lstat, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GitError, RepositoryError } from "./errors.ts";
import type { Repository } from "./repository.ts";
import { waitUntilStale } from "./stale-locks.ts";

/** A linked worktree: its folder, and the git dir the repository keeps for it. */
export interface LinkedWorktree {
  readonly path: string;
  readonly gitDir: string;
}

/** How long a lock on the worktree's index is waited for: {@link LOCK_TRIES} times as many milliseconds. */
const LOCK_WAIT = 20;
const LOCK_TRIES = 5;

/**
 * Takes the worktree that is there for a branch, or adds an empty one: then it is `isNew`, and its files are for the
 * caller to put there. Throws a {@link RepositoryError} when the branch is in use elsewhere, or another one here.
 */
export async function openLinkedWorktree(
  repository: Repository,
  path: string,
  branch: string,
): Promise<LinkedWorktree & { readonly isNew: boolean }> {
  const found = await findLinkedWorktree(repository, path);
  if (found !== undefined && !(await removeHalfMade(found))) {
    await refuseOtherBranch(found, branch);
    return { ...found, isNew: await restorePointer(found) };
  }
  await mkdir(dirname(path), { recursive: true });
  try {
    await repository.git(["worktree", "add", "--quiet", "--no-checkout", path, branch]);
  } catch (error) {
    const elsewhere = error instanceof GitError ? /already (?:checked out|used by worktree) at '(.+)'/.exec(error.stderr)?.[1] : undefined;
    if (elsewhere === undefined) throw error;
    throw new RepositoryError(
      "unusable",
      `Branch "${branch}" is checked out in ${elsewhere}. Switch to another branch there, or run "git worktree prune" if that folder is gone.`,
      { cause: error },
    );
  }
  const added = await findLinkedWorktree(repository, path);
  if (added === undefined) throw new Error(`git added no worktree at ${path}.`);
  return { ...added, isNew: true };
}

/**
 * Finds the worktree of a folder by the repository's own records: what stands in the folder anybody may have written,
 * and what is not there somebody may have deleted.
 */
export async function findLinkedWorktree(repository: Repository, path: string): Promise<LinkedWorktree | undefined> {
  const worktrees = join(repository.commonDir, "worktrees");
  const names = await readdir(worktrees).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const gitDir = join(worktrees, name);
      const pointer = await readFile(join(gitDir, "gitdir"), "utf8").catch(() => undefined);
      if (pointer === undefined) return [];
      const folder = dirname(resolve(gitDir, pointer.trimEnd()));
      return (await realpath(folder).catch(() => folder)) === path ? [{ path, gitDir }] : [];
    }),
  );
  return found.flat()[0];
}

/** A git that was killed while it added the worktree leaves it locked. Resolves to whether it was removed. */
async function removeHalfMade({ path, gitDir }: LinkedWorktree): Promise<boolean> {
  const lock = join(gitDir, "locked");
  const isInitializing = async () => (await readFile(lock, "utf8").catch(() => "")).startsWith("initializing");
  if (!(await isInitializing())) return false;
  // It may be at it yet: killing bough does not kill the git it started.
  await waitUntilStale(lock);
  if (!(await isInitializing())) return false;
  await rm(join(path, ".git"), { force: true });
  await rm(gitDir, { recursive: true });
  return true;
}

/** The worktree may stand on another branch, after a person worked there: what is there is not the session's then. */
async function refuseOtherBranch({ path, gitDir }: LinkedWorktree, branch: string): Promise<void> {
  const head = (await readFile(join(gitDir, "HEAD"), "utf8")).trimEnd();
  // Where refs are kept in tables, this file says nothing.
  if (head === `ref: refs/heads/${branch}` || head === "ref: refs/heads/.invalid") return;
  const stands = /^ref: refs\/heads\/(.+)$/.exec(head)?.[1];
  const where = stands === undefined ? "on no branch" : `on "${stands}"`;
  throw new RepositoryError(
    "unusable",
    `The session's worktree ${path} stands ${where}. Run "git switch ${branch}" there, then try again.`,
  );
}

/** Writes the worktree's `.git` where it is gone; resolves to whether all of the files are gone with it. */
async function restorePointer({ path, gitDir }: LinkedWorktree): Promise<boolean> {
  const pointer = join(path, ".git");
  if ((await lstat(pointer).catch(() => undefined)) !== undefined) return false;
  const isEmpty = (await readdir(path)).length === 0;
  await writeFile(pointer, `gitdir: ${gitDir}\n`);
  return isEmpty;
}

/** Removes a worktree and all that is in it. */
export async function removeLinkedWorktree({ path, gitDir }: LinkedWorktree): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await rm(gitDir, { recursive: true, force: true });
}

/**
 * Replaces a linked worktree's index as git does, by way of its lock; resolves to whether that could be had. Where
 * another git holds it for long, the next replacement makes up for this one.
 */
export async function replaceIndex(gitDir: string, content: Uint8Array, tries = LOCK_TRIES): Promise<boolean> {
  const lock = join(gitDir, "index.lock");
  try {
    await writeFile(lock, content, { flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    if (tries === 1) return false;
    await sleep(LOCK_WAIT);
    return replaceIndex(gitDir, content, tries - 1);
  }
  await rename(lock, join(gitDir, "index"));
  return true;
}
