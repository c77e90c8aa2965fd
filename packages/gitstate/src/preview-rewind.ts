import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { copyIndex, refuseUnmerged, snapshotTrees } from "./base.ts";
import { readCommit } from "./commit-object.ts";
import { RepositoryError } from "./errors.ts";
import { type FoundSession, findNamed, findSessions } from "./find-session.ts";
import { worktreeOf } from "./linked-worktree.ts";
import { type FilesNow, planFiles } from "./plan-files.ts";
import { type Reading, withReading } from "./reading.ts";
import { Repository } from "./repository.ts";
import { planRewind, type RewindOptions, type RewindResult, toRewindResult } from "./rewind.ts";
import { unsavedRecords } from "./unsaved-records.ts";

/**
 * Says what rewinding a session would come to, and changes nothing: it may be open in another program, and a worktree
 * that was removed stays so.
 */
export async function previewRewind(
  repository: Repository,
  branch: string,
  { only, preview: _, ...target }: RewindOptions,
): Promise<RewindResult> {
  const found = await withReading(repository, async (reading) =>
    findNamed(await findSessions(repository, reading), branch),
  );
  if (found === undefined) {
    throw new RepositoryError("no-session", `${branch} is gone meanwhile. "bough sessions" lists those there are.`);
  }
  const planned = async (reading: Reading, tree: string) => {
    const source = { session: found.id, branch, tip: found.tip, unsaved: await unsavedRecords(reading, found), tree };
    return planRewind(repository, reading, { source, target, only });
  };
  const worktree = await findWorktree(repository, found);
  if (worktree === undefined) {
    return withReading(repository, async (reading) => {
      const plan = await planned(reading, (await readCommit(reading.objects, found.tip)).tree);
      return plan === undefined ? { type: "up-to-date" } : toRewindResult(plan);
    });
  }
  const look = async (reading: Reading): Promise<RewindResult> => {
    const now = await filesNow(worktree, reading);
    const plan = await planned(reading, now.tree);
    if (plan === undefined) return { type: "up-to-date" };
    await planFiles(worktree.root, now, plan.tree);
    return toRewindResult(plan);
  };
  return withReading(worktree, look, worktree.root);
}

/** Opens the session's worktree as it is; undefined where there is none, or something else stands there. */
async function findWorktree(repository: Repository, { name }: FoundSession): Promise<Repository | undefined> {
  const path = await worktreeOf(repository, name);
  const isFolder = await lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const isLinked = await lstat(join(path, ".git")).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFolder || !isLinked) return undefined;
  const worktree = await Repository.open(path);
  return worktree.commonDir === repository.commonDir ? worktree : undefined;
}

async function filesNow(worktree: Repository, { gitDir, objects }: Reading): Promise<FilesNow> {
  await copyIndex(join(worktree.gitDir, "index"), gitDir.index);
  return snapshotTrees(worktree, objects, gitDir).catch(async (error: unknown) => {
    await refuseUnmerged(gitDir, `Resolve them in ${worktree.root} first.`);
    throw error;
  });
}
