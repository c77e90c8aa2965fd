import { join } from "node:path";
import { type ApplyResult, applyToCheckout } from "./apply-to-checkout.ts";
import { copyIndex } from "./base.ts";
import { sortedForPeople } from "./byte-path.ts";
import { readCommit } from "./commit-object.ts";
import { RefMovedError, RepositoryError } from "./errors.ts";
import { IndexLock } from "./index-lock.ts";
import { landMessage } from "./land-message.ts";
import { landOnto } from "./land-onto.ts";
import { patchIndex, writeLandedIndex } from "./landed-index.ts";
import { doesMergingHelp, type Landable } from "./landing-base.ts";
import { LandingFolder, type LandingPlan } from "./landing-folder.ts";
import { lookAtBoth } from "./landing-sides.ts";
import { merge3 } from "./merge3.ts";
import { refuseOperationInProgress } from "./operation-in-progress.ts";
import { planFiles } from "./plan-files.ts";
import { type Reading, withReading } from "./reading.ts";
import { findLanded, tellRecovered } from "./recover-landing.ts";
import type { Replacement } from "./replace-files.ts";
import type { Repository } from "./repository.ts";
import { readTreeChanges } from "./tree-changes.ts";
import { commitAsUser } from "./user-commit.ts";
import { writeFiles } from "./write-files.ts";

/** How a session is landed. */
export interface LandOptions {
  /** As one commit (the default), or as uncommitted edits. */
  readonly mode?: "squash" | "apply";
  /** The branch the commit is made on; without it the one that is checked out. */
  readonly onto?: string;
  /** Whether only to say what would be done. */
  readonly preview?: boolean;
  /** The commit's message; without it what the user asked for. Trailers that name the session follow. */
  readonly message?: string;
  /** Interrupts the user's `git commit` and its hooks: where it made no commit yet, all is put back. */
  readonly signal?: AbortSignal;
  /** Is told in a line what became of a landing that was killed before. */
  onNotice?(text: string): void;
}

/** What came of landing a session. */
export type LandResult =
  | { readonly type: "landed"; readonly commit: string; readonly message: string; readonly paths: readonly string[] }
  /** What a preview says: the commit that would be made. */
  | { readonly type: "would-land"; readonly message: string; readonly paths: readonly string[] }
  | Extract<ApplyResult, { type: "applied" }>
  /** The user changed the same places; nothing was touched. */
  | {
      readonly type: "conflict";
      readonly paths: readonly string[];
      /** Whether the changes go with the files as they are, so that landing them as uncommitted edits is possible. */
      readonly applies: boolean;
      /** Whether it can help to commit what is not committed and merge the branch into the session. */
      readonly mergingHelps: boolean;
    }
  /** All that the session did has landed. */
  | { readonly type: "up-to-date" };

/**
 * Brings what a session changed since its base, or since it was landed last, to the user's branch: as one commit made
 * by their own `git commit`, with index and files following, or as uncommitted edits. All of it is done or nothing is.
 * Throws a {@link RepositoryError} when the checkout is not in a state to land on, and a `CommitRefusedError` when a
 * hook of theirs fails.
 */
export async function landSession(
  repository: Repository,
  session: Landable,
  { mode = "squash", onto, preview = false, message, signal, onNotice }: LandOptions = {},
): Promise<LandResult> {
  if (mode === "apply") {
    if (onto !== undefined) {
      throw new RepositoryError(
        "no-landing-place",
        `Uncommitted edits go into the files that are checked out, so ${onto} cannot take them. Land on it as a commit.`,
      );
    }
    const result = await applyToCheckout(repository, session, { preview, onNotice });
    return result.type === "conflict" ? { ...result, applies: false } : result;
  }
  await tellRecovered(repository, onNotice);
  if (onto !== undefined && onto !== (await repository.head()).branch) {
    return landOnto(repository, session, { onto, preview, message });
  }
  await refuseSessionBranch(repository);
  await refuseOperationInProgress(repository.gitDir);
  if (preview) return withCheckout(repository, (reading) => previewLanding(repository, reading, session, message));
  const folder = await LandingFolder.make(repository.gitDir);
  try {
    const lock = await IndexLock.take(repository.gitDir, folder.holder);
    try {
      return await withCheckout(repository, (reading) =>
        land(repository, reading, { session, message, folder, lock, signal }),
      );
    } finally {
      await lock.release();
    }
  } finally {
    await folder.remove();
  }
}

/** A session's branch is not one to land on: its history is the session's. */
async function refuseSessionBranch(repository: Repository): Promise<void> {
  const { branch } = await repository.head();
  if (branch?.startsWith("bough/") !== true) return;
  throw new RepositoryError(
    "no-landing-place",
    `The checkout at ${repository.root} is on ${branch}, a session's branch. Land from your own checkout, or name a branch of yours: --onto main.`,
  );
}

function withCheckout<Result>(repository: Repository, work: (reading: Reading) => Promise<Result>): Promise<Result> {
  const prepared = async (reading: Reading) => {
    await copyIndex(join(repository.gitDir, "index"), reading.gitDir.index);
    return work(reading);
  };
  return withReading(repository, prepared, repository.root);
}

/** What landing changes, worked out before anything is. */
interface Plan extends Omit<LandingPlan, "tip"> {
  readonly type: "plan";
  /** The tree of what becomes of the files. */
  readonly files: string;
  readonly paths: readonly string[];
  readonly replacements: readonly Replacement[];
  readonly message: string;
}

async function planLanding(
  repository: Repository,
  reading: Reading,
  session: Landable,
  text: string | undefined,
): Promise<Plan | LandResult> {
  const { gitDir, objects } = reading;
  const { commit: head } = await repository.head();
  const { now, sides } = await lookAtBoth(repository, reading, { session, onto: head });
  const { since, base, theirs } = sides;
  const headTree =
    head === undefined ? await objects.write("tree", Buffer.alloc(0)) : (await readCommit(objects, head)).tree;
  // As a rule they are one tree.
  const merges = new Map<string, ReturnType<typeof merge3>>();
  const mergeInto = (ours: string) => {
    const merge = merges.get(ours) ?? merge3(reading, { base, ours, theirs });
    merges.set(ours, merge);
    return merge;
  };
  const [commit, staged, files] = await Promise.all([headTree, now.staged, now.tree].map(mergeInto));
  if (commit?.type !== "merged" || staged?.type !== "merged" || files?.type !== "merged") {
    const conflicts = [commit, staged, files].flatMap((merged) => (merged?.type === "conflict" ? merged.paths : []));
    const mergingHelps = await doesMergingHelp(repository, reading, { session, onto: head, sides });
    return { type: "conflict", paths: sortedForPeople(conflicts), applies: files?.type === "merged", mergingHelps };
  }
  if (commit.tree === headTree) return { type: "up-to-date" };
  const changes = await readTreeChanges(gitDir, headTree, commit.tree);
  return {
    type: "plan",
    head,
    staged: now.staged,
    toStage: staged.tree,
    toCommit: commit.tree,
    files: files.tree,
    paths: sortedForPeople(changes.map(({ path }) => path)),
    replacements: await planFiles(repository.root, now, files.tree),
    message: await landMessage(reading, session, { since, text }),
  };
}

async function previewLanding(
  repository: Repository,
  reading: Reading,
  session: Landable,
  text: string | undefined,
): Promise<LandResult> {
  const plan = await planLanding(repository, reading, session, text);
  return plan.type === "plan" ? { type: "would-land", message: plan.message, paths: plan.paths } : plan;
}

interface Means {
  readonly session: Landable;
  readonly message: string | undefined;
  readonly folder: LandingFolder;
  readonly lock: IndexLock;
  readonly signal: AbortSignal | undefined;
}

async function land(
  repository: Repository,
  reading: Reading,
  { session, message, folder, lock, signal }: Means,
): Promise<LandResult> {
  const plan = await planLanding(repository, reading, session, message);
  if (plan.type !== "plan") return plan;
  const { gitDir } = reading;
  const { head, staged, toStage, toCommit } = plan;
  const told: LandingPlan = { head, tip: session.tip, staged, toStage, toCommit };
  await patchIndex(gitDir, folder.toCommit, { from: staged, to: toCommit });
  // As a rule nothing was staged, and no hook changes the commit.
  if (toStage === toCommit) await copyIndex(folder.toCommit, folder.index);
  else await patchIndex(gitDir, folder.index, { from: staged, to: toStage });
  await folder.write(told);
  const written = await writeFiles(repository, plan.files, plan.replacements, {
    root: repository.root,
    gitDir: repository.gitDir,
    landing: folder.path,
  });
  try {
    if ((await repository.head()).commit !== head) throw new RefMovedError("HEAD");
    const { toCommit: index, committer } = folder;
    await commitAsUser(repository, { index, message: plan.message, committer, signal });
  } catch (error) {
    // An interrupted git may have come to its commit.
    if ((await findLanded(repository, told)) === undefined) {
      await written.undo();
      throw error;
    }
  }
  await written.keep();
  const { commit = "" } = await repository.head();
  const { tree } = await readCommit(reading.objects, commit);
  if (tree !== toCommit) await writeLandedIndex(reading, folder.index, { plan: told, committed: tree });
  await lock.replace(folder.index);
  return { type: "landed", commit, message: plan.message, paths: plan.paths };
}
