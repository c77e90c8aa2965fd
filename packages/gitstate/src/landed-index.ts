import { copyIndex } from "./base.ts";
import { asBytePath, type BytePath } from "./byte-path.ts";
import type { LandingPlan } from "./landing-folder.ts";
import { merge3, writeSide } from "./merge3.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import type { Reading } from "./reading.ts";
import { readTreeChanges } from "./tree-changes.ts";

/**
 * Writes what becomes of the user's index once a landing is committed. What a hook changed in the commit comes to it
 * too, but where the user has staged the same places otherwise, theirs stays.
 */
export async function writeLandedIndex(
  reading: Reading,
  path: string,
  { plan, committed }: { readonly plan: LandingPlan; readonly committed: string },
): Promise<void> {
  const to = committed === plan.toCommit ? plan.toStage : await withHook(reading, plan, committed);
  await patchIndex(reading.gitDir, path, { from: plan.staged, to });
}

async function withHook({ gitDir, objects }: Reading, plan: LandingPlan, committed: string): Promise<string> {
  const base = await writeSide(objects, { tree: plan.toCommit, parents: [] });
  const theirs = await writeSide(objects, { tree: committed, parents: [base] });
  const merged = await merge3({ gitDir, objects }, { base, ours: plan.toStage, theirs });
  return merged.type === "conflict" ? plan.toStage : merged.tree;
}

/** Writes an index with the differences of two trees in it; what it knows of all other files stays. */
export async function patchIndex(
  gitDir: PrivateGitDir,
  index: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  await copyIndex(gitDir.index, index);
  const changes = await readTreeChanges(gitDir, from, to);
  const gone = "0".repeat(to.length);
  const lines = changes.map(({ path, after }): [string, BytePath] => [
    after === undefined ? `0 ${gone}\t` : `${after.mode} ${after.id}\t`,
    path,
  ]);
  // What goes is taken out first, or a file could not become a folder.
  const sorted = lines.sort(([a], [b]) => Number(b.startsWith("0 ")) - Number(a.startsWith("0 ")));
  const input = Buffer.from(sorted.map(([entry, path]) => `${asBytePath(entry)}${path}\0`).join(""), "latin1");
  await gitDir.git(["update-index", "-z", "--index-info"], { index, input });
}
