import type { BranchWithFiles } from "./branch-with-files.ts";
import { commitByHand, commitUnsaved } from "./commit-step.ts";
import {
  planRewind,
  type RewindOptions,
  type RewindPlan,
  type RewindResult,
  toRewindResult,
  writeRewind,
} from "./rewind.ts";

/** Brings an open session back to an earlier moment, or says what that would do. */
export async function rewindSession(
  session: BranchWithFiles,
  { only, preview = false, ...target }: RewindOptions,
): Promise<RewindResult> {
  const { branch, checkout } = session;
  const scanned = await session.scan("scan");
  const tree = await session.treeWith(scanned);
  const source = { session: branch.id, branch: branch.branch, tip: branch.tip, unsaved: branch.unsaved, tree };
  const plan = await planRewind(branch.repository, branch.reading, { source, target, only });
  if (plan === undefined) return { type: "up-to-date" };
  await checkout.checkSwitch({ from: tree, to: plan.tree });
  return preview ? toRewindResult(plan) : commitRewind(session, plan);
}

async function commitRewind(session: BranchWithFiles, plan: RewindPlan): Promise<RewindResult> {
  const { branch } = session;
  // The moment before has to be a commit, or the rewind could not be undone.
  await commitUnsaved(session);
  await commitByHand(session);
  const before = branch.tip;
  const { lastTurn } = await branch.conversation();
  const place = { session: branch.id, step: branch.lastStep + 1, turn: lastTurn };
  const by = branch.repository.identity;
  const commit = await writeRewind(branch.reading, plan, { parent: before, place, by });
  await session.switchTo({ tip: commit, tree: plan.tree, step: place.step });
  return toRewindResult(plan, { commit, before });
}
