import { mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Repository } from "./repository.ts";

/** A linked worktree: its folder, and the git dir the repository keeps for it. */
export interface LinkedWorktree {
  readonly path: string;
  readonly gitDir: string;
}

/** Adds an empty worktree on a branch, or takes the one that is there; its files are for the caller to put there. */
export async function openLinkedWorktree(repository: Repository, path: string, branch: string): Promise<LinkedWorktree & { readonly isNew: boolean }> {
  const found = await findLinkedWorktree(repository, path);
  if (found !== undefined) return { ...found, isNew: false };
  await mkdir(dirname(path), { recursive: true });
  // Twice: a worktree whose folder was deleted stays registered, and may have been locked.
  await repository.git(["worktree", "add", "--quiet", "--force", "--force", "--no-checkout", path, branch]);
  const added = await findLinkedWorktree(repository, path);
  if (added === undefined) throw new Error(`git added no worktree at ${path}.`);
  return { ...added, isNew: true };
}

/** Finds the worktree in a folder, if it is one of this repository's. */
export async function findLinkedWorktree(repository: Repository, path: string): Promise<LinkedWorktree | undefined> {
  try {
    const pointer = /^gitdir: (.+)\n?$/.exec(await readFile(join(path, ".git"), "utf8"))?.[1];
    if (pointer === undefined) return undefined;
    const gitDir = await realpath(pointer);
    const real = await realpath(path);
    // The pointer stands in the worktree, where anybody may have written it: the repository's own record decides.
    if (dirname(gitDir) !== join(repository.commonDir, "worktrees")) return undefined;
    const back = (await readFile(join(gitDir, "gitdir"), "utf8")).trim();
    return (await realpath(dirname(back))) === real ? { path: real, gitDir } : undefined;
  } catch {
    return undefined;
  }
}

/** Removes a worktree and all that is in it. */
export async function removeLinkedWorktree({ path, gitDir }: LinkedWorktree): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await rm(gitDir, { recursive: true, force: true });
}

/** Replaces a linked worktree's index as git does, by way of its lock; resolves to whether nobody else held that. */
export async function replaceIndex(gitDir: string, content: Uint8Array): Promise<boolean> {
  const lock = join(gitDir, "index.lock");
  try {
    await writeFile(lock, content, { flag: "wx" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
  await rename(lock, join(gitDir, "index"));
  return true;
}
