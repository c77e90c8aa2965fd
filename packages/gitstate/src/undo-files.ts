import { lstat, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { type BytePath, sortedForPeople } from "./byte-path.ts";
import { describeFile } from "./describe-file.ts";
import { type CutShort, describeStat, discardFolder, keepOldFiles } from "./files-journal.ts";
import { inFolderOf } from "./in-folder.ts";
import { codeOf, copyBeside, makeFolderAt, placeFile } from "./place-file.ts";

/** What came of putting files back. */
export interface PutBack {
  /** Files that somebody changed since, which were left as they are. */
  readonly left: readonly string[];
  /** Where the old files are that have those in their place. */
  readonly kept: string | undefined;
}

/**
 * Puts back what a killed process replaced, byte for byte, however far it came. What is neither the old file nor the
 * new one is somebody's since, and stays.
 */
export async function undoFiles({ folder, journal }: CutShort): Promise<PutBack> {
  const { root, files } = journal;
  const left = new Set<BytePath>();
  const toRestore: { readonly path: BytePath; readonly aside: Buffer }[] = [];
  for (const [i, { path, old, placed }] of files.entries()) {
    const aside = Buffer.from(join(folder, "old", String(i)));
    const before = await describeFile(aside);
    const found = await look(root, path);
    if (found === "unreachable") left.add(path);
    else if (found.stat !== undefined && (found.stat === old || found.is === before)) continue;
    else if (found.is === placed && placed !== undefined && (old === undefined || before !== undefined)) {
      await inFolderOf(root, path, (target) => rm(target));
    } else if (found.is !== undefined && found.is !== "folder") left.add(path);
    if (before !== undefined && !left.has(path)) toRestore.push({ path, aside });
  }
  await restoreFolders(journal);
  for (const { path, aside } of toRestore) {
    await inFolderOf(root, path, (target) => placeFile(aside, target)).catch(() => left.add(path));
  }
  const isKept = files.some(({ path, old }) => old !== undefined && left.has(path));
  await (isKept ? keepOldFiles(folder) : discardFolder(folder));
  return { left: sortedForPeople(left), kept: isKept ? join(folder, "old") : undefined };
}

/** What stands at a path now; nothing of it is read through a link. */
async function look(root: string, path: BytePath): Promise<"unreachable" | { stat?: string; is?: string }> {
  try {
    return await inFolderOf(root, path, async (target) => {
      await rm(copyBeside(target), { force: true });
      const is = await describeFile(target);
      return is === undefined ? {} : { stat: describeStat(await lstat(target, { bigint: true })), is };
    });
  } catch (error) {
    return ["ENOENT", "ENOTDIR"].includes(codeOf(error)) ? {} : "unreachable";
  }
}

/** Removes the folders that were made, and makes those that were removed. */
async function restoreFolders({ root, folders }: CutShort["journal"]): Promise<void> {
  for (const { path, mode } of folders.toReversed()) {
    if (mode === undefined) await inFolderOf(root, path, (target) => rmdir(target)).catch(() => {});
  }
  for (const { path, mode } of folders) {
    if (mode !== undefined) await inFolderOf(root, path, (target) => makeFolderAt(target, mode)).catch(() => {});
  }
}
