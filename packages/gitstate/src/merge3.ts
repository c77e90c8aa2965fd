import { asBytePath, type BytePath, splitNul } from "./byte-path.ts";
import { type NewCommit, readCommit, writeCommit } from "./commit-object.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Reading } from "./reading.ts";

/** What came of a merge: a tree, or the paths at which the two sides do not go together. */
export type Merged =
  | { readonly type: "merged"; readonly tree: string }
  | { readonly type: "conflict"; readonly paths: readonly BytePath[] };

/**
 * Rename detection is off: what it guesses would move the user's edits to files they never touched. Before 2.50 git's
 * merge does not heed the first of the two, and an edit follows a renamed file there.
 */
export const NO_RENAMES = ["-c", "merge.renames=false", "-c", "merge.directoryRenames=false"];

const NOBODY = { name: "bough", email: "bough@localhost" };

/** Writes a commit for no eyes but those of git's merge. */
export function writeSide(
  objects: ObjectStore,
  { tree, parents, committedAt = 0 }: Pick<NewCommit, "tree" | "parents"> & { readonly committedAt?: number },
): Promise<string> {
  const message = "One side of a merge\n";
  return writeCommit(objects, { tree, parents, author: NOBODY, committer: NOBODY, committedAt, message });
}

/**
 * Merges a tree with a commit, from a base that is an ancestor of the commit. No merge driver of anybody's runs, and
 * nothing but objects is written.
 */
export async function merge3(
  { gitDir, objects }: Reading,
  { base, ours, theirs }: { readonly base: string; readonly ours: string; readonly theirs: string },
): Promise<Merged> {
  // Before 2.40 git takes no base for a merge of trees: it finds this one as the commit that both sides come from.
  // An older date would send git through the whole history in search of the base.
  const { committedAt } = await readCommit(objects, base);
  const side = await writeSide(objects, { tree: ours, parents: [base], committedAt });
  const args = [...NO_RENAMES, "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", side, theirs];
  const { stdout, exitCode } = await gitDir.git(args, { accept: [1] });
  const [tree = "", ...names] = splitNul(stdout);
  const paths = names.map((name) => movedAside(name, [side, theirs]) ?? name);
  return exitCode === 0 ? { type: "merged", tree } : { type: "conflict", paths: [...new Set(paths)] };
}

/**
 * The path of a file that git's merge put aside, as `x~<commit>`, because the other side has a folder there, or something
 * else than a file; undefined when it stands where it stood.
 */
export function movedAside(path: BytePath, sides: readonly string[]): BytePath | undefined {
  const end = sides.map((side) => path.lastIndexOf(`~${side}`)).find((at) => at > 0);
  return end === undefined ? undefined : asBytePath(path.slice(0, end));
}
