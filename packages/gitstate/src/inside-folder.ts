import { constants } from "node:fs";
import { open, readlink, realpath } from "node:fs/promises";
import { asBytePath, type BytePath, pathBytes, readablePath } from "./byte-path.ts";

/** Opens the folder that holds a path and lends a name for the path that no later swap of a folder can redirect. */
export async function inFolderOf<Result>(
  root: string,
  path: BytePath,
  work: (target: Buffer) => Promise<Result>,
): Promise<Result> {
  const folder = parent(path);
  const expected = folder === "" ? Buffer.from(root) : absolute(root, folder);
  const handle = await open(expected, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const opened = process.platform === "linux" ? Buffer.from(`/proc/self/fd/${handle.fd}`) : expected;
    const actual =
      process.platform === "linux"
        ? await readlink(opened, { encoding: "buffer" })
        : await realpath(expected, { encoding: "buffer" });
    if (!actual.equals(expected)) throw new Error(`${readablePath(folder)} leads out of the checkout`);
    return await work(Buffer.concat([opened, Buffer.from("/"), pathBytes(lastName(path))]));
  } finally {
    await handle.close();
  }
}

/** A path of the work tree as the file system takes it. */
export function absolute(root: string, path: BytePath): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), pathBytes(path)]);
}

/** The folder a path is in; empty for the root. */
export function parent(path: BytePath): BytePath {
  return asBytePath(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
}

function lastName(path: BytePath): BytePath {
  return asBytePath(path.slice(path.lastIndexOf("/") + 1));
}

/** The folders on the way to a path, outermost first. */
export function foldersOf(path: BytePath): BytePath[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, i) => asBytePath(names.slice(0, i + 1).join("/")));
}
