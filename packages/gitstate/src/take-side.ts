import type { BytePath } from "./byte-path.ts";
import type { MergeConflict } from "./merge-sessions.ts";
import type { TreeEntry, Trees } from "./tree.ts";

/** Whose version of a file is taken where two do not go together: the branch's own, or that of what comes in. */
export type Side = "ours" | "theirs";

/** What stands at a path at which two sides of a merge do not go together. */
export interface ConflictingEntries {
  readonly base?: TreeEntry;
  readonly ours?: TreeEntry;
  readonly theirs?: TreeEntry;
  /** Where git put one of them, which cannot both stand at the path. */
  readonly aside?: BytePath;
}

/** What each side of a merge has where the two do not go together. */
export type Sides = ReadonlyMap<BytePath, ConflictingEntries>;

/** A merge that left conflicts, in a tree that holds both sides there. */
interface ConflictedTree {
  readonly tree: string;
  readonly sides: Sides;
  readonly conflicts: readonly MergeConflict[];
}

/**
 * Settles a merge by one side's whole files where the two do not go together; the rest stays merged. Undefined where that
 * is no answer: where a file stands in the place of a folder, or each side gave it another name.
 */
export async function takeSide(
  trees: Trees,
  { tree, sides, conflicts }: ConflictedTree,
  side: Side,
): Promise<string | undefined> {
  if (conflicts.some(({ kind }) => kind === "file-and-folder" || kind === "both-renamed")) return undefined;
  const changes = new Map<BytePath, TreeEntry | undefined>();
  for (const [path, { aside, ...entries }] of sides) {
    if (aside !== undefined) changes.set(aside, undefined);
    changes.set(path, entries[side]);
  }
  return trees.apply(tree, changes);
}
