import { lstat, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Whether a folder and the one it is in are folders and no links: a link may lead to anything of the user's. */
export async function isOwnFolder(path: string): Promise<boolean> {
  const found = await Promise.all([path, dirname(path)].map((each) => lstat(each).catch(() => undefined)));
  return found.every((each) => each?.isDirectory() === true);
}

/** Lists the folders in one of bough's own, and no links. */
export async function foldersIn(path: string): Promise<string[]> {
  if (!(await isOwnFolder(path))) return [];
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Removes a folder of bough's own, if it is still there; resolves to false when it is none, and leaves it alone then. */
export async function removeOwnFolder(path: string): Promise<boolean> {
  if (await isMissing(path)) return true;
  if (!(await isOwnFolder(path))) return false;
  // Another process may be at deleting it.
  await rm(path, { recursive: true, force: true });
  return true;
}

/** Counts the bytes of the files below a folder, following no link. */
export async function folderSize(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map((entry) =>
      lstat(join(entry.parentPath, entry.name)).then(
        (found) => (found.isDirectory() ? 0 : found.size),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Whether nothing is there; what cannot be looked at may be. */
export async function isMissing(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    (error: unknown) => error instanceof Error && "code" in error && error.code === "ENOENT",
  );
}
