import type { BigIntStats } from "node:fs";
import { lstat, rename, rm, rmdir } from "node:fs/promises";
import { asBytePath, type BytePath, readablePath } from "./byte-path.ts";
import { CheckoutWriteError } from "./errors.ts";
import { absolutePath, foldersAbove, inFolderOf, parentFolder } from "./in-folder.ts";
import { codeOf, makeFolderAt, placeFile } from "./place-file.ts";

/** A file to replace, create or remove. */
export interface Replacement {
  readonly path: BytePath;
  /** The file that stands there and may be replaced; undefined when nothing may stand there. */
  readonly seen: BigIntStats | undefined;
  /** Whether a file of the same path in the folder of new files takes its place. */
  readonly replaced: boolean;
}

/** Where the files of a replacement are. Both folders exist and have absolute, real paths. */
export interface ReplacementFolders {
  /** The work tree. */
  readonly root: string;
  /** Holds each new file at its path. */
  readonly newFiles: string;
  /** Takes the old files. It must outlive a failure that names lost files. */
  readonly oldFiles: string;
}

/**
 * Replaces files in a work tree, all of them or none, and resolves to how to take that back. A file that is no longer the one that was seen, or that appeared
 * since, is not touched, and no path is followed through a link. Throws a {@link CheckoutWriteError} when it cannot be
 * done; by then everything is put back, but for files that the error names as lost.
 */
export async function replaceFiles(
  replacements: readonly Replacement[],
  folders: ReplacementFolders,
): Promise<() => Promise<void>> {
  const done: Undo[] = [];
  let path = asBytePath("");
  try {
    for (const [i, replacement] of replacements.entries()) {
      path = replacement.path;
      if (replacement.seen !== undefined)
        await moveAside(path, replacement.seen, Buffer.from(`${folders.oldFiles}/${i}`), folders, done);
    }
    for (const replacement of replacements) {
      path = replacement.path;
      if (!replacement.replaced && replacement.seen !== undefined) await removeEmptyFolders(path, folders, done);
    }
    for (const replacement of replacements) {
      path = replacement.path;
      if (replacement.replaced) await place(path, folders, done);
    }
  } catch (error) {
    throw failure(path, error, await undoAll(done), folders);
  }
  return async () => {
    const lost = await undoAll(done);
    if (lost.length > 0) throw lostFiles(lost, folders);
  };
}

/** Takes one act back. */
interface Undo {
  readonly path: BytePath;
  readonly undo: () => Promise<unknown>;
}

async function undoAll(done: readonly Undo[]): Promise<BytePath[]> {
  const lost: BytePath[] = [];
  for (const { path, undo } of done.toReversed()) await undo().catch(() => lost.push(path));
  return lost;
}

function failure(path: BytePath, error: unknown, lost: readonly BytePath[], { oldFiles }: ReplacementFolders) {
  // Behind the comma Node names a descriptor of ours.
  const reason = error instanceof Error ? error.message.replace(/, \w+ '.*$/s, "") : String(error);
  const outcome =
    lost.length === 0 ? "Everything is as it was before." : `Of what was done before, ${notPutBack(lost, oldFiles)}`;
  return new CheckoutWriteError(`Cannot write ${readablePath(path)} into the checkout: ${reason}. ${outcome}`, {
    cause: error,
    lost: lost.map(readablePath),
  });
}

function lostFiles(lost: readonly BytePath[], { oldFiles }: ReplacementFolders): CheckoutWriteError {
  return new CheckoutWriteError(`Cannot take back what was written into the checkout: ${notPutBack(lost, oldFiles)}`, {
    lost: lost.map(readablePath),
  });
}

function notPutBack(lost: readonly BytePath[], oldFiles: string): string {
  return `${lost.map(readablePath).join(", ")} could not be put back; the old files are in ${oldFiles}.`;
}

async function moveAside(
  path: BytePath,
  seen: BigIntStats,
  aside: Buffer,
  { root }: ReplacementFolders,
  done: Undo[],
): Promise<void> {
  const renamed = await inFolderOf(root, path, async (target) => {
    if (!isSame(seen, await lstat(target, { bigint: true }))) throw new ChangedError();
    return move(target, aside);
  });
  done.push({ path, undo: () => inFolderOf(root, path, (target) => placeFile(aside, target)) });
  // What was looked at need not be what was moved.
  if (renamed && !isSame(seen, await lstat(aside, { bigint: true }))) throw new ChangedError();
}

async function removeEmptyFolders(path: BytePath, { root }: ReplacementFolders, done: Undo[]): Promise<void> {
  for (let folder = parentFolder(path); folder !== ""; folder = parentFolder(folder)) {
    const empty = folder;
    const mode = await inFolderOf(root, empty, removeEmptyFolder);
    if (mode === undefined) return;
    done.push({ path: empty, undo: () => inFolderOf(root, empty, (target) => makeFolderAt(target, mode)) });
  }
}

/** Resolves to the mode of the folder that was; undefined when it holds something, or is gone already. */
async function removeEmptyFolder(target: Buffer): Promise<number | undefined> {
  try {
    const { mode } = await lstat(target);
    await rmdir(target);
    return mode & 0o7777;
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST", "ENOENT"].includes(codeOf(error))) return undefined;
    throw error;
  }
}

async function place(path: BytePath, { root, newFiles }: ReplacementFolders, done: Undo[]): Promise<void> {
  for (const folder of foldersAbove(path)) {
    if (await inFolderOf(root, folder, (target) => makeFolderAt(target))) {
      done.push({ path: folder, undo: () => inFolderOf(root, folder, (target) => rmdir(target)) });
    }
  }
  await inFolderOf(root, path, (target) => placeFile(absolutePath(newFiles, path), target));
  done.push({ path, undo: () => inFolderOf(root, path, (target) => rm(target, { force: true })) });
}

/** Resolves to whether it still is the same file, not a copy. */
async function move(from: Buffer, to: Buffer): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) !== "EXDEV") throw error;
    await placeFile(from, to);
    await rm(from);
    return false;
  }
}

/** What stands at the path is not what was read there. */
class ChangedError extends Error {
  constructor() {
    super("it changed meanwhile");
  }
}

function isSame(seen: BigIntStats, found: BigIntStats): boolean {
  return seen.size === found.size && seen.mode === found.mode && seen.mtimeNs === found.mtimeNs;
}
