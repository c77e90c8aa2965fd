import type { BranchWithFiles } from "./branch-with-files.ts";
import { commitByHand } from "./commit-step.ts";
import { mergeSides } from "./merge-into.ts";
import { broughtIn, findOther, type MergeResult, toResult, writeMergeCommit } from "./merge-sessions.ts";
import { type Side, takeSide } from "./take-side.ts";
import { Trees } from "./tree.ts";

/** How another branch is merged in the middle of a turn. */
export interface MergeInTurnOptions {
  /** Whose files are taken where the two do not go together; unless given, nothing is merged then. */
  readonly take?: Side | undefined;
}

/**
 * Merges another session's branch, or any commit, into an open session by the merge commit alone: the step that asked for
 * it, whose record no commit holds yet, tells the conversation.
 */
export async function mergeInTurn(
  session: BranchWithFiles,
  other: string,
  { take }: MergeInTurnOptions,
): Promise<MergeResult> {
  const { branch } = session;
  const { repository, reading } = branch;
  const theirs = await findOther(repository, reading, other);
  await commitByHand(session);
  const merged = await mergeSides(session, theirs);
  if (merged.type === "up-to-date") return merged;
  const isConflict = merged.type === "conflict";
  const settled =
    isConflict && take !== undefined ? await takeSide(new Trees(reading.objects), merged, take) : undefined;
  if (isConflict && settled === undefined) return toResult(merged);
  const tree = settled ?? merged.tree;
  const paths = await broughtIn(reading, branch.tip, tree);
  const ours = { commit: branch.tip, label: branch.branch };
  const merge = await writeMergeCommit(reading, { ours, theirs, merged: { tree, paths }, by: repository.identity });
  await session.switchTo({ tip: merge, tree, unsaved: branch.unsaved });
  return { type: "merged", commit: merge, paths };
}
