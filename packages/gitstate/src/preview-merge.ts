import { compare, type Difference } from "./compare.ts";
import { type Landable, landedCommon } from "./landing-base.ts";
import { findOther, type MergeConflict, type MergeResult, mergeCommits } from "./merge-sessions.ts";
import { readBlob } from "./read-blob.ts";
import { withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { commonBeforeUndone } from "./undone-merges.ts";

/** What merging would come to, with what would change here. */
export type MergePreview =
  | (Extract<MergeResult, { type: "would-merge" }> & Difference)
  | Extract<MergeResult, { type: "conflict" | "up-to-date" }>;

/** Says what merging a session's branch or any commit into a session would come to, and changes nothing. */
export function previewMerge(
  repository: Repository,
  { other, into }: { readonly other: string; readonly into: Landable },
): Promise<MergePreview> {
  return withReading(repository, async (reading) => {
    const { commit: theirs } = await findOther(repository, reading, other);
    const common =
      (await landedCommon(repository, reading, { session: into, theirs })) ??
      (await commonBeforeUndone(reading, into, theirs));
    const merged = await mergeCommits(reading, { ours: into.tip, theirs, common });
    if (merged.type !== "would-merge") return merged;
    const { type, paths, tree } = merged;
    return { type, paths, ...(await compare(reading.gitDir, { from: into.tip, to: tree })) };
  });
}

/** What a path holds on both sides of a conflict; undefined where a side has none, or it is no text to show. */
export interface ConflictSides {
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
}

/** Bytes of a file up to which a person is shown both sides of it. */
const MOST_SHOWN = 1024 * 1024;

/** Reads what a path holds on both sides of a conflict. */
export function readConflict(repository: Repository, { ours, theirs }: MergeConflict): Promise<ConflictSides> {
  return withReading(repository, async (reading) => {
    const read = async (blob: string | undefined) => {
      const content = blob === undefined ? undefined : await readBlob(reading, blob, MOST_SHOWN);
      return content === undefined || content.includes(0) ? undefined : content.toString();
    };
    const [before, after] = await Promise.all([read(ours), read(theirs)]);
    return { ours: before, theirs: after };
  });
}
