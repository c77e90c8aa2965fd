import { lstat, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BRANCHES } from "./branch-name.ts";
import { GitError, RepositoryError } from "./errors.ts";
import type { Repository } from "./repository.ts";
import { waitUntilStale } from "./stale-locks.ts";

/** A linked worktree: its folder, and the git dir the repository keeps for it. */
export interface LinkedWorktree {
  readonly path: string;
  readonly gitDir: string;
}

/** How long another git is waited for: {@link LOCK_TRIES} times as many milliseconds. */
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
    await attachAgain(repository, found, branch);
    await refuseOtherBranch(found, branch);
    return { ...found, isNew: await restorePointer(found) };
  }
  await mkdir(dirname(path), { recursive: true });
  await addWorktree(repository, path, branch);
  const added = await findLinkedWorktree(repository, path);
  if (added === undefined) throw new Error(`git added no worktree at ${path}.`);
  return { ...added, isNew: true };
}

/** Stands in the git dir of a worktree that was kept without its branch; holds the commit it was left at. */
const DETACHED = "bough-detached";

/**
 * Takes a worktree off its branch, which goes while `work` is done; its files stay as they are. When that fails, or is
 * killed, whoever opens the worktree next finds it as it was.
 */
export async function detachFor(
  repository: Repository,
  { gitDir }: LinkedWorktree,
  { tip, work }: { readonly tip: string; readonly work: () => Promise<void> },
): Promise<void> {
  await writeFile(join(gitDir, DETACHED), `${tip}\n`);
  await work();
  // Only then, as until then the branch is where it stands.
  await repository.git(["--git-dir", gitDir, "update-ref", "--no-deref", "HEAD", tip]);
}

/** Finds the worktree that was kept when the session of that name was archived, where it was left. */
export async function detachedWorktree(repository: Repository, name: string): Promise<LinkedWorktree | undefined> {
  const path = join(repository.folders.worktrees, name);
  const found = await findLinkedWorktree(repository, await realpath(path).catch(() => path));
  if (found === undefined || (await belongsToAnother(found))) return undefined;
  const [left, head] = await Promise.all(
    [DETACHED, "HEAD"].map((file) => readFile(join(found.gitDir, file), "utf8").catch(() => undefined)),
  );
  return left !== undefined && left === head ? found : undefined;
}

/** Its branch is back. Where somebody went on meanwhile, the worktree is theirs. */
async function attachAgain(repository: Repository, { gitDir }: LinkedWorktree, branch: string): Promise<void> {
  const left = await readFile(join(gitDir, DETACHED), "utf8").catch(() => undefined);
  if (left === undefined) return;
  if ((await readFile(join(gitDir, "HEAD"), "utf8")) === left) {
    await repository.git(["--git-dir", gitDir, "symbolic-ref", "HEAD", `refs/heads/${branch}`]);
  }
  await rm(join(gitDir, DETACHED));
}

async function addWorktree(repository: Repository, path: string, branch: string, tries = LOCK_TRIES): Promise<void> {
  try {
    await repository.git(["worktree", "add", "--quiet", "--no-checkout", path, branch]);
  } catch (error) {
    // git looks at all worktrees first, and stumbles over one that another git is just adding.
    const stumbled = error instanceof GitError && /failed to read .*commondir/.test(error.stderr);
    if (!stumbled || tries === 1) refuseToAdd(branch, error);
    await sleep(LOCK_WAIT);
    await addWorktree(repository, path, branch, tries - 1);
  }
}

/** Finds the folder a session's branch is checked out in, which is another than usual after the repository moved. */
export async function worktreeOf(repository: Repository, name: string): Promise<string> {
  return (await linkedWorktreeOf(repository, name))?.path ?? join(repository.folders.worktrees, name);
}

/** Finds the worktree of bough's own that a session's branch is checked out in; undefined when there is none. */
export async function linkedWorktreeOf(
  { commonDir, folders }: Repository,
  name: string,
): Promise<LinkedWorktree | undefined> {
  const all = dirname(folders.worktrees);
  const ours = `${await realpath(all).catch(() => all)}/`;
  for (const { path, gitDir } of await linkedWorktrees(commonDir)) {
    // Elsewhere it is the user's, and a record that came with the repository may name what is another's.
    if (!path.startsWith(ours) || (await belongsToAnother({ path, gitDir }))) continue;
    if ((await readFile(join(gitDir, "HEAD"), "utf8").catch(() => "")) === `ref: ${BRANCHES}${name}\n`)
      return { path, gitDir };
  }
  return undefined;
}

async function belongsToAnother({ path, gitDir }: LinkedWorktree): Promise<boolean> {
  const pointer = await readFile(join(path, ".git"), "utf8").catch(() => "");
  const named = /^gitdir: (.+)\n?$/.exec(pointer)?.[1];
  const real = named === undefined ? undefined : await realpath(resolve(path, named)).catch(() => undefined);
  return real !== undefined && real !== gitDir;
}

/** Finds the worktree at a real path; undefined when the repository knows of none there. */
export async function findLinkedWorktree({ commonDir }: Repository, path: string): Promise<LinkedWorktree | undefined> {
  return (await linkedWorktrees(commonDir)).find((worktree) => worktree.path === path);
}

/**
 * Lists worktrees by the repository's own records: what stands in a folder anybody may have written, and what is not
 * there somebody may have deleted.
 */
async function linkedWorktrees(commonDir: string): Promise<LinkedWorktree[]> {
  const worktrees = join(commonDir, "worktrees");
  const names = await readdir(worktrees).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const gitDir = join(worktrees, name);
      const pointer = await readFile(join(gitDir, "gitdir"), "utf8").catch(() => undefined);
      if (pointer === undefined) return [];
      const path = dirname(resolve(gitDir, pointer.trimEnd()));
      return [{ path: await realpath(path).catch(() => path), gitDir }];
    }),
  );
  return found.flat();
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

function refuseToAdd(branch: string, error: unknown): never {
  if (!(error instanceof GitError)) throw error;
  const occupied = /^fatal: '(.+)' already exists$/m.exec(error.stderr)?.[1];
  if (occupied !== undefined) {
    throw new RepositoryError(
      "unusable",
      `${occupied} is no worktree of this repository, and that of "${branch}" has to go there. Move it aside, then try again.`,
      { cause: error },
    );
  }
  const elsewhere = /already (?:checked out|used by worktree) at '(.+)'/.exec(error.stderr)?.[1];
  if (elsewhere === undefined) throw error;
  throw new RepositoryError(
    "unusable",
    `Branch "${branch}" is checked out in ${elsewhere}. Switch to another branch there, or run "git worktree prune" if that folder is gone.`,
    { cause: error },
  );
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

/**
 * Writes the worktree's `.git` where it is gone or names another git dir, as after the repository moved; resolves to
 * whether all of the files are gone with it. Where a repository was put in its place, that is left alone.
 */
async function restorePointer({ path, gitDir }: LinkedWorktree): Promise<boolean> {
  const pointer = join(path, ".git");
  const found = await lstat(pointer).catch(() => undefined);
  if (found !== undefined && !found.isFile()) return false;
  const isEmpty = found === undefined && (await readdir(path)).length === 0;
  const content = `gitdir: ${gitDir}\n`;
  if (found === undefined || (await readFile(pointer, "utf8")) !== content) {
    await rm(pointer, { force: true });
    await writeFile(pointer, content);
  }
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
