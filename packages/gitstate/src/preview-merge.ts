import { type Landable, landedCommon } from "./landing-base.ts";
import { findOther, type MergeResult, mergeCommits, toResult } from "./merge-sessions.ts";
import { withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { commonBeforeUndone } from "./undone-merges.ts";

/** Says what merging a session's branch or any commit into a session would come to, and changes nothing. */
export function previewMerge(
  repository: Repository,
  { other, into }: { readonly other: string; readonly into: Landable },
): Promise<MergeResult> {
  return withReading(repository, async (reading) => {
    const { commit: theirs } = await findOther(repository, reading, other);
    const common =
      (await landedCommon(repository, reading, { session: into, theirs })) ??
      (await commonBeforeUndone(reading, into, theirs));
    return toResult(await mergeCommits(reading, { ours: into.tip, theirs, common }));
  });
}
