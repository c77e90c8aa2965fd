import { lstat } from "node:fs/promises";
import { RepositoryError } from "./errors.ts";
import { worktreeOf } from "./linked-worktree.ts";
import { makeFolder } from "./make-folder.ts";
import type { Repository } from "./repository.ts";

/**
 * Makes the folder of a session's worktree and resolves to its real path. A link in its place may lead to anything of
 * the user's, which then would be committed, overwritten or removed: it is refused.
 */
export async function makeWorktreeFolder(repository: Repository, name: string): Promise<string> {
  const path = await worktreeOf(repository, name);
  if ((await lstat(path).catch(() => undefined))?.isSymbolicLink()) {
    throw new RepositoryError(
      "unusable",
      `A symbolic link stands where the session's worktree should be: ${path}. Remove the link, then try again.`,
    );
  }
  return makeFolder(path);
}
