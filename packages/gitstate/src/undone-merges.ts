import { readCommit } from "./commit-object.ts";
import { FIRST_STEP, fold, mergeTold } from "./fold.ts";
import { firstParents } from "./history.ts";
import { isOurs } from "./lineage.ts";
import type { Reading } from "./reading.ts";

/**
 * Finds the tree that a session and another side had in common before merges that a rewind took back since: to git those
 * still count, so what they brought in could never be merged again. Undefined where that makes no difference.
 */
export async function commonBeforeUndone(
  reading: Reading,
  { id, tip }: { readonly id: string; readonly tip: string },
  theirs: string,
): Promise<string | undefined> {
  const kept = await withoutUndone(reading, { id, tip });
  if (kept === undefined) return undefined;
  const { gitDir, objects } = reading;
  // Of one commit with several it is the base it has with a merge of them all.
  const { stdout, exitCode } = await gitDir.git(["merge-base", theirs, ...kept], { accept: [1] });
  const base = stdout.toString().trim();
  return exitCode !== 0 || base === theirs ? undefined : (await readCommit(objects, base)).tree;
}

/** The commits whose histories are all that counts; undefined when no merge was taken back. */
async function withoutUndone(
  reading: Reading,
  { id, tip }: { readonly id: string; readonly tip: string },
): Promise<string[] | undefined> {
  const merges: (readonly string[])[] = [];
  const ids: string[] = [];
  const toldBy = new Map<unknown, number>();
  for await (const commit of firstParents(reading, tip)) {
    const ours = commit.records.filter((record) => isOurs(id, record));
    for (const record of ours) for (const block of record.blocks) toldBy.set(mergeTold(block), record.step);
    if (ours.some(({ step }) => step === FIRST_STEP)) break;
    if (commit.parents.length < 2) continue;
    merges.push(commit.parents);
    ids.push(commit.id);
  }
  if (merges.length === 0) return undefined;
  const { entries } = await fold(firstParents(reading, tip), id);
  const counts = new Set(entries.flatMap((entry) => (entry.type === "step" ? [entry.step] : [])));
  const isUndone = ids.map((merge) => {
    const step = toldBy.get(merge);
    return step !== undefined && !counts.has(step);
  });
  const oldest = isUndone.lastIndexOf(true);
  const [before] = merges[oldest] ?? [];
  if (before === undefined) return undefined;
  const since = merges.slice(0, oldest).filter((_, i) => !isUndone[i]);
  return [before, ...since.flatMap((parents) => parents.slice(1))];
}
