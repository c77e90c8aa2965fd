import { lstat, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { foldersOf } from "./folders.ts";
import type { Garbage } from "./garbage.ts";
import { folderSize, foldersIn, isMissing } from "./own-folder.ts";
import { commonDirOf } from "./private-git-dir.ts";
import type { Repository } from "./repository.ts";
import { isStoodIn } from "./standing-in.ts";

/** Finds caches and worktrees of repositories that exist no more. Nobody knows whether a disk is just not mounted. */
export async function findGoneRepositories({ folders }: Repository, isOld: (at: Date) => boolean): Promise<Garbage[]> {
  const [caches, worktrees] = [dirname(folders.cache), dirname(folders.worktrees)];
  const found: Garbage[] = [];
  for (const key of await foldersIn(caches)) {
    if (key !== basename(folders.cache)) found.push(...(await goneCache(join(caches, key))));
  }
  for (const key of await foldersIn(worktrees)) {
    if (key !== basename(folders.worktrees)) found.push(...(await goneWorktrees(join(worktrees, key), isOld)));
  }
  return found;
}

async function goneCache(path: string): Promise<Garbage[]> {
  for (const name of await foldersIn(path)) {
    const commonDir = await commonDirOf(join(path, name));
    if (commonDir === undefined) continue;
    const isTheirs = basename(foldersOf(commonDir).cache) === basename(path);
    if (!isTheirs || !(await isMissing(commonDir))) return [];
    const why = `a cache for ${commonDir}, which is not there any more`;
    return [{ type: "cache", path, why, size: await folderSize(path), dropsWork: false }];
  }
  return [];
}

/** All of them have to say that they belong to one that is gone: after a move they still serve the repository. */
async function goneWorktrees(path: string, isOld: (at: Date) => boolean): Promise<Garbage[]> {
  const names = (await foldersIn(path)).filter((name) => !name.startsWith("."));
  const commonDirs = new Set(await Promise.all(names.map((name) => pointedAt(join(path, name)))));
  const [commonDir] = commonDirs;
  if (commonDirs.size !== 1 || commonDir === undefined) return [];
  if (basename(foldersOf(commonDir).worktrees) !== basename(path) || !(await isMissing(commonDir))) return [];
  const dates = await Promise.all(names.map(async (name) => (await lstat(join(path, name))).mtime));
  if (!dates.every(isOld) || (await isStoodIn(path))) return [];
  const why = `worktrees of ${commonDir}, which is not there any more; should it have moved, or its disk not be mounted, keep them`;
  return [{ type: "repository-gone", path, why, size: await folderSize(path), dropsWork: true }];
}

/** The repository that a worktree says it belongs to. */
async function pointedAt(worktree: string): Promise<string | undefined> {
  const pointer = await readFile(join(worktree, ".git"), "utf8").catch(() => "");
  return /^gitdir: (\/.+)\/worktrees\/[^/\n]+\n?$/.exec(pointer)?.[1];
}
