import { constants } from "node:fs";
import { open, readlink, realpath } from "node:fs/promises";
import { asBytePath, type BytePath, pathBytes, readablePath } from "./byte-path.ts";

/** Names what stands in an open folder, in a way that no later swap of a folder can redirect; without a name, itself. */
export type NameInside = (name?: BytePath) => Buffer;

/** Opens a folder, the empty path being the root, and lends names for what stands in it. No link is followed. */
export async function inFolder<Result>(
  root: string,
  folder: BytePath,
  work: (inside: NameInside) => Promise<Result>,
): Promise<Result> {
  const expected = folder === "" ? Buffer.from(root) : absolutePath(root, folder);
  const handle = await open(expected, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const opened = process.platform === "linux" ? Buffer.from(`/proc/self/fd/${handle.fd}`) : expected;
    const actual =
      process.platform === "linux"
        ? await readlink(opened, { encoding: "buffer" })
        : await realpath(expected, { encoding: "buffer" });
    if (!actual.equals(expected)) throw new Error(`${readablePath(folder)} leads out of the checkout`);
    return await work((name) =>
      name === undefined ? opened : Buffer.concat([opened, Buffer.from("/"), pathBytes(name)]),
    );
  } finally {
    await handle.close();
  }
}

/** Opens the folder that holds a path and lends a name for the path that no later swap of a folder can redirect. */
export function inFolderOf<Result>(
  root: string,
  path: BytePath,
  work: (target: Buffer) => Promise<Result>,
): Promise<Result> {
  return inFolder(root, parentFolder(path), (inside) => work(inside(lastName(path))));
}

/** The path as the file system is asked for it. */
export function absolutePath(root: string, path: BytePath): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), pathBytes(path)]);
}

/** The folder a path stands in; empty at the root. */
export function parentFolder(path: BytePath): BytePath {
  return asBytePath(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
}

/** The folders on the way to a path, outermost first. */
export function foldersAbove(path: BytePath): BytePath[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, i) => asBytePath(names.slice(0, i + 1).join("/")));
}

function lastName(path: BytePath): BytePath {
  return asBytePath(path.slice(path.lastIndexOf("/") + 1));
}
