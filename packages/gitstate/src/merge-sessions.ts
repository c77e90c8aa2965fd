import { asBytePath, type BytePath, readablePath, sortedForPeople, splitNul } from "./byte-path.ts";
import { readCommit, writeCommit } from "./commit-object.ts";
import { GitError, RepositoryError } from "./errors.ts";
import { findSession } from "./find-session.ts";
import { MERGED } from "./fold.ts";
import { movedAside, NO_RENAMES, writeSide } from "./merge3.ts";
import { formatMessage, formatSubject } from "./message.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Reading } from "./reading.ts";
import type { Identity, Repository } from "./repository.ts";
import { somePaths } from "./some-paths.ts";
import type { StepRecord } from "./step-record.ts";
import type { ConflictingEntries, Sides } from "./take-side.ts";
import { parseMode } from "./tree.ts";
import { readTreeChanges } from "./tree-changes.ts";

/** A path at which two sides do not go together, with the blob of each side that has one. */
export interface MergeConflict {
  readonly path: string;
  readonly kind:
    | "both-changed"
    | "both-added"
    | "deleted-by-us"
    | "deleted-by-them"
    | "both-renamed"
    | "file-and-folder";
  readonly base: string | undefined;
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
}

/** What came of merging into a session. */
export type MergeResult =
  | { readonly type: "merged"; readonly commit: string; readonly paths: readonly string[] }
  /** What a preview says: the paths that would change. */
  | { readonly type: "would-merge"; readonly paths: readonly string[] }
  /** Nothing was merged. */
  | { readonly type: "conflict"; readonly paths: readonly string[]; readonly conflicts: readonly MergeConflict[] }
  /** All of the other side is there already. */
  | { readonly type: "up-to-date" };

/** What is merged in. */
export interface OtherSide {
  readonly commit: string;
  /** What a person calls it. */
  readonly label: string;
}

/** What two sides come to together. */
export interface MergedTree {
  readonly tree: string;
  /** What it brings to our side. */
  readonly paths: readonly string[];
}

type Conflict = Extract<MergeResult, { type: "conflict" }>;

type Merged =
  | ({ readonly type: "would-merge" } & MergedTree)
  /** The tree holds both sides' lines where they do not go together. */
  | (Conflict & { readonly tree: string; readonly sides: Sides })
  | Extract<MergeResult, { type: "up-to-date" }>;

/** Finds what a person means to merge: a session by its branch or id, or any revision. */
export async function findOther(repository: Repository, reading: Reading, other: string): Promise<OtherSide> {
  const found = await findSession(repository, reading, other);
  if ("session" in found) return { commit: found.session.tip, label: `bough/${found.session.name}` };
  return { commit: found.commit, label: other };
}

/** Leaves away what is nobody's business outside. */
export function toResult(merged: Merged): MergeResult {
  switch (merged.type) {
    case "would-merge":
      return { type: merged.type, paths: merged.paths };
    case "conflict":
      return { type: merged.type, paths: merged.paths, conflicts: merged.conflicts };
    default:
      return merged;
  }
}

/** Merges two commits from where their histories parted, or from a given tree; nothing but objects is written. */
export async function mergeCommits(
  { gitDir, objects }: Reading,
  { ours, theirs, common }: { readonly ours: string; readonly theirs: string; readonly common?: string },
): Promise<Merged> {
  const sides = common === undefined ? [ours, theirs] : await writeSides(objects, common, [ours, theirs]);
  const args = [...NO_RENAMES, "merge-tree", "--write-tree", "--no-messages", "-z", ...sides];
  const [{ stdout, exitCode }, contains] = await Promise.all([
    gitDir.git(args, { accept: [1] }).catch(explainUnrelated),
    common === undefined && gitDir.git(["merge-base", "--is-ancestor", theirs, ours], { accept: [1] }),
  ]);
  if (contains && contains.exitCode === 0) return { type: "up-to-date" };
  const [tree = "", ...stages] = splitNul(stdout);
  if (exitCode !== 0) {
    const found = parseSides(stages, sides);
    const conflicts = describeConflicts(found);
    return { type: "conflict", paths: conflicts.map(({ path }) => path), conflicts, tree, sides: found };
  }
  return { type: "would-merge", tree, paths: await broughtIn({ gitDir, objects }, ours, tree) };
}

/** Names the paths at which a merged tree is another than the commit's. */
export async function broughtIn({ gitDir, objects }: Reading, ours: string, tree: string): Promise<readonly string[]> {
  const changes = await readTreeChanges(gitDir, (await readCommit(objects, ours)).tree, tree);
  return sortedForPeople(changes.map(({ path }) => path));
}

/** Writes commits with the trees of the given ones that both come from one tree. */
async function writeSides(objects: ObjectStore, common: string, commits: readonly string[]): Promise<string[]> {
  const base = await writeSide(objects, { tree: common, parents: [] });
  return Promise.all(
    commits.map(async (commit) => {
      const { tree } = await readCommit(objects, commit);
      return writeSide(objects, { tree, parents: [base] });
    }),
  );
}

function explainUnrelated(error: unknown): never {
  if (!(error instanceof GitError) || !/unrelated histories/.test(error.stderr)) throw error;
  throw new RepositoryError(
    "unrelated",
    "The two have no commit in common, so there is nothing to tell their changes by. Merge only what began in one history.",
    { cause: error },
  );
}

/** Reads `<mode> <blob> <stage>\t<path>`; the stages are those of an index: the base, ours, theirs. */
function parseSides(lines: readonly BytePath[], commits: readonly string[]): Sides {
  const sides = new Map<BytePath, ConflictingEntries>();
  for (const line of lines) {
    const [, mode = "", id = "", stage, name] = /^(\d+) ([0-9a-f]+) ([123])\t(.*)$/s.exec(line) ?? [];
    if (stage === undefined || name === undefined) continue;
    const aside = movedAside(asBytePath(name), commits);
    const path = aside ?? asBytePath(name);
    const side = stage === "1" ? "base" : stage === "2" ? "ours" : "theirs";
    const entry = { [side]: { mode: parseMode(mode), id } };
    sides.set(path, { ...sides.get(path), ...entry, ...(aside === undefined ? {} : { aside: asBytePath(name) }) });
  }
  return sides;
}

function describeConflicts(sides: Sides): MergeConflict[] {
  return [...sides]
    .map(([path, { aside, ...entries }]) => {
      const blobs = { base: entries.base?.id, ours: entries.ours?.id, theirs: entries.theirs?.id };
      return { path: readablePath(path), kind: kindOf(blobs, aside !== undefined), ...blobs };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function kindOf(
  { base, ours, theirs }: Pick<MergeConflict, "base" | "ours" | "theirs">,
  isAside: boolean,
): MergeConflict["kind"] {
  if (ours !== undefined && theirs !== undefined) return base === undefined ? "both-added" : "both-changed";
  if (isAside) return "file-and-folder";
  // One side at its new name, or neither at the old.
  if (base === undefined || (ours === undefined && theirs === undefined)) return "both-renamed";
  return ours === undefined ? "deleted-by-us" : "deleted-by-them";
}

/** What a merge is written from. */
interface NewMerge {
  readonly ours: OtherSide;
  readonly theirs: OtherSide;
  readonly merged: MergedTree;
  /** Where in the lineage the note stands. */
  readonly place: Omit<StepRecord, "blocks">;
  /** Records that no commit holds yet; the note's commit takes them. */
  readonly unsaved: readonly StepRecord[];
  readonly by: Identity;
}

/** Writes a merge commit, which holds no records: so steps stay linear also when a rebase of the user's drops it. */
export async function writeMergeCommit(
  { objects }: Pick<Reading, "objects">,
  { ours, theirs, merged, by }: Omit<NewMerge, "place" | "unsaved">,
): Promise<string> {
  const parents = [ours.commit, theirs.commit];
  const dates = await Promise.all(parents.map(async (parent) => (await readCommit(objects, parent)).committedAt));
  const committedAt = Math.max(Math.floor(Date.now() / 1000), ...dates);
  const message = `${formatSubject(`Merge ${theirs.label} into ${ours.label}`)}\n`;
  return writeCommit(objects, { tree: merged.tree, author: by, committer: by, committedAt, parents, message });
}

/** Writes a merge commit and on top of it the one that holds the note. */
export async function writeMerge(
  { gitDir, objects }: Reading,
  { ours, theirs, merged, place, unsaved, by }: NewMerge,
): Promise<{ merge: string; tip: string }> {
  const merge = await writeMergeCommit({ objects }, { ours, theirs, merged, by });
  const args = ["log", "--no-merges", "--format=%s", "-n", "20", "--end-of-options", theirs.commit, `^${ours.commit}`];
  const subjects = (await gitDir.git(args)).stdout.toString().split("\n");
  const note: StepRecord = {
    ...place,
    blocks: [
      {
        type: "note",
        text: describeMerge(theirs.label, merged.paths, subjects),
        extra: { [MERGED]: merge },
      },
    ],
  };
  const records = [...unsaved, note];
  const tip = await writeCommit(objects, {
    tree: merged.tree,
    author: by,
    committer: by,
    committedAt: (await readCommit(objects, merge)).committedAt,
    parents: [merge],
    message: formatMessage({ subject: `Tell of the merge of ${theirs.label}`, records }),
  });
  return { merge, tip };
}

function describeMerge(label: string, paths: readonly string[], subjects: readonly string[]): string {
  const files = paths.length === 0 ? "It changed no file here." : `Files it changed here: ${somePaths(paths, 50)}.`;
  const commits = subjects.filter((subject) => subject !== "").map((subject) => `- ${subject}`);
  return [
    `${label} was merged into this branch. ${files}`,
    ...(commits.length === 0 ? [] : ["Its commits:"]),
    ...commits,
  ].join("\n");
}
