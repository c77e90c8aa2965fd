import { readCommit } from "./commit-object.ts";
import { RepositoryError } from "./errors.ts";
import { FIRST_STEP } from "./fold.ts";
import { readHistoryCommit } from "./history.ts";
import { rootSession } from "./lineage.ts";
import { mergeCommits } from "./merge-sessions.ts";
import { merge3, writeSide } from "./merge3.ts";
import type { Reading } from "./reading.ts";
import type { Repository } from "./repository.ts";

/** What can be landed: an open session, or one that was found by its refs. */
export interface Landable {
  readonly id: string;
  readonly branch: string;
  readonly tip: string;
  /** Finds the commit the lineage started from; undefined when its first step is gone. */
  base(): Promise<string | undefined>;
}

/** The trailer of a landed commit that names the commit of the session it brought in. */
export const TIP_TRAILER = "Agent-Tip";

/** A session's changes, as a merge of three takes them. */
export interface LandingSides {
  /** The commit of the session, or before it, from which its changes count. */
  readonly since: string;
  /** What they are compared with. */
  readonly base: string;
  /** What has them; the base is its ancestor. */
  readonly theirs: string;
}

/**
 * Finds what a session changed that history leading to `onto` does not hold. What came into the session from there by a
 * merge is not the session's, nor is what a session that came in started from: then the base has it too.
 */
export async function landingSides(
  repository: Repository,
  { gitDir, objects }: Reading,
  { session, onto }: { readonly session: Landable; readonly onto: string | undefined },
): Promise<LandingSides> {
  const [since, common] = await Promise.all([
    landingBase(repository, session, onto),
    onto === undefined ? undefined : mergeBase(repository, onto, session.tip),
  ]);
  const others = await basesThatCameIn(repository, { gitDir, objects }, { session, since });
  let known = since;
  for (const theirs of [...(common === undefined ? [] : [common]), ...others]) {
    if (theirs === known || (await isAncestor(repository, theirs, known))) continue;
    const merged = await mergeCommits({ gitDir, objects }, { ours: known, theirs });
    if (merged.type === "would-merge")
      known = await writeSide(objects, { tree: merged.tree, parents: [known, theirs] });
  }
  if (known === since) return { since, base: since, theirs: session.tip };
  const base = await writeSide(objects, { tree: (await readCommit(objects, known)).tree, parents: [] });
  const { tree } = await readCommit(objects, session.tip);
  return { since, base, theirs: await writeSide(objects, { tree, parents: [base] }) };
}

/** Finds what sessions that came in by a merge started from: it may hold uncommitted work of the user's. */
async function basesThatCameIn(
  repository: Repository,
  { objects }: Reading,
  { session, since }: { readonly session: Landable; readonly since: string },
): Promise<string[]> {
  const args = ["rev-list", `--grep=^step ${FIRST_STEP} `, "--end-of-options", session.tip, `^${since}`];
  const commits = (await repository.git(args)).stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "");
  const found: string[] = [];
  for (const commit of commits) {
    for (const { session: id, step, extra } of (await readHistoryCommit(objects, commit)).records) {
      const base = extra?.base;
      if (step !== FIRST_STEP || rootSession(id) === rootSession(session.id) || typeof base !== "string") continue;
      if (/^[0-9a-f]{40,64}$/.test(base) && (await isAncestor(repository, base, session.tip))) found.push(base);
    }
  }
  return found;
}

/**
 * Whether merging a branch into a session can make its changes go there. Where the session holds all of the branch, they
 * conflict because uncommitted changes that it began with are not there any more.
 */
export async function doesMergingHelp(
  repository: Repository,
  reading: Reading,
  {
    session,
    onto,
    sides,
  }: { readonly session: Landable; readonly onto: string | undefined; readonly sides: LandingSides },
): Promise<boolean> {
  if (onto === undefined || !(await isAncestor(repository, onto, session.tip))) return true;
  const { tree } = await readCommit(reading.objects, onto);
  return (await merge3(reading, { base: sides.base, ours: tree, theirs: sides.theirs })).type === "merged";
}

/**
 * Finds what a session and a branch that it landed on hold in common, when git cannot know: the commit both come from
 * with all that landed since. Undefined where nothing landed in between, or what did is not to be told apart.
 */
export async function landedCommon(
  repository: Repository,
  reading: Reading,
  { session, theirs }: { readonly session: Landable; readonly theirs: string },
): Promise<string | undefined> {
  const [common, base] = await Promise.all([mergeBase(repository, session.tip, theirs), session.base()]);
  if (common === undefined || base === undefined) return undefined;
  for (const landed of await landedTips(repository, { from: common, to: theirs })) {
    if (!(await isAncestor(repository, landed, session.tip))) continue;
    const then = { id: session.id, branch: session.branch, tip: landed, base: async () => base };
    const sides = await landingSides(repository, reading, { session: then, onto: common });
    const { tree } = await readCommit(reading.objects, common);
    const merged = await merge3(reading, { base: sides.base, ours: tree, theirs: sides.theirs });
    return merged.type === "merged" ? merged.tree : undefined;
  }
  return undefined;
}

async function mergeBase(repository: Repository, one: string, other: string): Promise<string | undefined> {
  const { stdout, exitCode } = await repository.git(["merge-base", one, other], { accept: [1] });
  return exitCode === 0 ? stdout.toString().trim() : undefined;
}

/** Whether the first is, or leads to, the second; what is no commit here is neither. */
async function isAncestor(repository: Repository, ancestor: string, commit: string): Promise<boolean> {
  const args = ["merge-base", "--is-ancestor", ancestor, commit];
  return (await repository.git(args, { accept: [1, 128] })).exitCode === 0;
}

/**
 * Finds the state that a session's changes are counted from: the commit of it that was landed last, where history that
 * leads to `onto` says so, else the one its lineage started from.
 */
async function landingBase(repository: Repository, session: Landable, onto: string | undefined): Promise<string> {
  const base = await session.base();
  if (base === undefined) {
    throw new RepositoryError(
      "no-session",
      `The first step of ${session.branch} is gone from its history, so what the session changed cannot be told apart.`,
    );
  }
  if (onto === undefined) return base;
  for (const landed of await landedTips(repository, { from: base, to: onto })) {
    if (await isAncestor(repository, landed, session.tip)) return landed;
  }
  return base;
}

/** The commits of sessions that were landed between two points, the last one first. */
async function landedTips(repository: Repository, { from, to }: { from: string; to: string }): Promise<string[]> {
  const format = `--format=%(trailers:key=${TIP_TRAILER},valueonly)`;
  const args = ["log", `--grep=^${TIP_TRAILER}: `, format, "--end-of-options", to, `^${from}`];
  const { stdout } = await repository.git(args);
  // Anybody may have written the trailer.
  return stdout
    .toString()
    .split("\n")
    .filter((line) => /^[0-9a-f]{40,64}$/.test(line));
}
