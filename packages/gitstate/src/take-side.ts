import type { BytePath } from "./byte-path.ts";
import type { TreeEntry, Trees } from "./tree.ts";

/** Whose version of a file is taken where two do not go together: the branch's own, or that of what comes in. */
export type Side = "ours" | "theirs";

/** What each side of a merge has at a path at which the two do not go together. */
export type Sides = ReadonlyMap<BytePath, Readonly<Partial<Record<"base" | Side, TreeEntry>>>>;

/**
 * Settles a merge by one side's whole files where the two do not go together; the rest stays merged. Undefined where that
 * is no answer, because a file stands where the other side has a folder.
 */
export async function takeSide(
  trees: Trees,
  { tree, sides }: { readonly tree: string; readonly sides: Sides },
  side: Side,
): Promise<string | undefined> {
  const entries = [...sides.values()];
  // git moves one of them aside then, to a name that neither side has.
  if (entries.some(({ base, ours, theirs }) => base === undefined && (ours === undefined || theirs === undefined))) {
    return undefined;
  }
  return trees.apply(tree, new Map([...sides].map(([path, of]) => [path, of[side]])));
}
