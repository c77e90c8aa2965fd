import type { BranchWithFiles } from "./branch-with-files.ts";
import { commitByHand, commitUnsaved } from "./commit-step.ts";
import { landedCommon } from "./landing-base.ts";
import {
  findOther,
  type MergedTree,
  type MergeResult,
  mergeCommits,
  type OtherSide,
  toResult,
  writeMerge,
} from "./merge-sessions.ts";
import { commonBeforeUndone } from "./undone-merges.ts";

/** Merges another session's branch, or any commit, into an open session, or says what that would do. */
export async function mergeInto(
  session: BranchWithFiles,
  other: string,
  { preview }: { readonly preview: boolean },
): Promise<MergeResult> {
  const { branch } = session;
  const { repository, reading } = branch;
  const found = await findOther(repository, reading, other);
  if (!preview) await commitByHand(session);
  const merged = await mergeSides(session, found);
  if (merged.type !== "would-merge" || preview) return toResult(merged);
  return commitMerge(session, found, merged);
}

/** Merges what an open session has with another side, from where the two parted as far as that still counts. */
export async function mergeSides({ branch }: BranchWithFiles, { commit: theirs }: OtherSide) {
  const { repository, reading, tip: ours } = branch;
  const side = { id: branch.id, branch: branch.branch, tip: ours, base: () => branch.base() };
  const common =
    (await landedCommon(repository, reading, { session: side, theirs })) ??
    (await commonBeforeUndone(reading, side, theirs));
  return mergeCommits(reading, { ours, theirs, common });
}

async function commitMerge(
  session: BranchWithFiles,
  other: OtherSide,
  { tree, paths }: MergedTree,
): Promise<MergeResult> {
  const { branch } = session;
  // A moment before the merge is to have the files of before.
  await commitUnsaved(session);
  const { lastTurn } = await branch.conversation();
  const place = { session: branch.id, step: branch.lastStep + 1, turn: lastTurn };
  const { merge, tip } = await writeMerge(branch.reading, {
    ours: { commit: branch.tip, label: branch.branch },
    theirs: other,
    merged: { tree, paths },
    place,
    unsaved: branch.unsaved,
    by: branch.repository.identity,
  });
  await session.switchTo({ tip, tree, step: place.step });
  return { type: "merged", commit: merge, paths };
}
