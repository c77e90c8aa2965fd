import { type CutShort, discardFolder, findCutShort } from "./files-journal.ts";
import { firstParents } from "./history.ts";
import type { LinkedWorktree } from "./linked-worktree.ts";
import type { Reading } from "./reading.ts";
import { readTreeChanges, type TreeChange } from "./tree-changes.ts";
import { type PutBack, undoFiles } from "./undo-files.ts";

/** What became of switches that were cut short. */
export interface RecoveredSwitches {
  /** What a person is to be told, a line each. */
  readonly told: readonly string[];
  /** The changes of each switch that was taken back: what they left in an index is nobody's. */
  readonly unswitched: readonly (readonly TreeChange[])[];
}

/** Commits looked at for the tree that decides, before it is taken that the branch never came to the new one. */
const SEARCH_DEPTH = 1000;

/**
 * Takes back what a killed process was switching in a session's worktree, as a merge or a rewind does before the branch
 * moves; where the branch did move, only the old files go. What somebody changed since stays and is named.
 */
export async function recoverSwitches(
  reading: Reading,
  { linked, tip, isNew }: { readonly linked: LinkedWorktree; readonly tip: string; readonly isNew: boolean },
): Promise<RecoveredSwitches> {
  const told: string[] = [];
  const unswitched: (readonly TreeChange[])[] = [];
  for (const cutShort of await findCutShort(linked.gitDir)) {
    const { trees } = cutShort.journal;
    // Files that are put there anew need nothing of the old ones.
    if (isNew || (trees !== undefined && (await hasMoved(reading, tip, trees)))) {
      await discardFolder(cutShort.folder);
      continue;
    }
    told.push(describeUndone(await undoFiles(cutShort)));
    if (trees !== undefined) unswitched.push(await readTreeChanges(reading.gitDir, trees.from, trees.to));
  }
  return { told, unswitched };
}

/** Whether the branch came to the new tree: it is the nearer one to the tip, on which somebody may have committed since. */
async function hasMoved(
  reading: Reading,
  tip: string,
  { from, to }: NonNullable<CutShort["journal"]["trees"]>,
): Promise<boolean> {
  let depth = 0;
  for await (const { tree } of firstParents(reading, tip)) {
    if (tree === to) return true;
    if (tree === from || ++depth === SEARCH_DEPTH) return false;
  }
  return false;
}

function describeUndone({ left, kept }: PutBack): string {
  const what = "A merge or rewind that was cut short was taken back";
  if (left.length === 0) return `${what}: conversation and files are as they were before it.`;
  const old = kept === undefined ? "" : `; what they replaced is in ${kept}`;
  return `${what}, but for what changed since and stays: ${left.join(", ")}${old}.`;
}
