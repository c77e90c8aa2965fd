import { createHash } from "node:crypto";
import { chmod, copyFile, link, lstat, mkdir, readlink, rename, rm, symlink } from "node:fs/promises";

/** Makes a folder unless one is there; resolves to whether it did. */
export async function makeFolderAt(target: Buffer, mode?: number): Promise<boolean> {
  try {
    await mkdir(target);
  } catch (error) {
    if (codeOf(error) === "EEXIST" && (await lstat(target)).isDirectory()) return false;
    throw error;
  }
  if (mode !== undefined) await chmod(target, mode);
  return true;
}

/** Gives a file or link a second name, which must not be taken. */
export async function placeFile(from: Buffer, to: Buffer): Promise<void> {
  if ((await lstat(from)).isSymbolicLink()) return symlink(await readlink(from, { encoding: "buffer" }), to);
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw error;
    await placeCopy(from, to);
  }
}

/**
 * On another file system, or one without hard links, a copy is made beside first, or a kill would leave half of a file
 * under the name. Scans know its name.
 */
async function placeCopy(from: Buffer, to: Buffer): Promise<void> {
  const copy = copyBeside(to);
  await copyFile(from, copy);
  try {
    await link(copy, to);
  } catch (error) {
    if (codeOf(error) === "EEXIST" || (await isThere(to))) throw error;
    await rename(copy, to);
  } finally {
    await rm(copy, { force: true });
  }
}

/** The name under which a file is copied before it gets its own. */
export function copyBeside(target: Buffer): Buffer {
  const slash = target.lastIndexOf("/");
  const digest = createHash("sha256")
    .update(target.subarray(slash + 1))
    .digest("hex")
    .slice(0, 16);
  return Buffer.concat([target.subarray(0, slash + 1), Buffer.from(`.bough-${digest}.tmp`)]);
}

function isThere(path: Buffer): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** The code of a system error; empty for any other. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
