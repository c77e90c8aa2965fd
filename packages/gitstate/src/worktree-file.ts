import { type BigIntStats, constants } from "node:fs";
import { lstat, open, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { type BytePath, pathBytes, readablePath } from "./byte-path.ts";
import type { FileStat } from "./index-file.ts";

/** A file of a worktree as it was at one moment. */
export type WorktreeFile =
  | {
      readonly type: "file";
      readonly content: Buffer;
      readonly executable: boolean;
      readonly stat: FileStat | undefined;
    }
  | { readonly type: "link"; readonly content: Buffer; readonly stat: FileStat | undefined }
  | { readonly type: "gone" }
  | { readonly type: "folder" }
  | { readonly type: "unreadable"; readonly reason: string };

/**
 * Reads a file or a symbolic link itself, never through a link that stands for one of its folders. `stat` is left
 * out when the file may yet change within the same tick of the file system's clock, so that git looks again.
 */
export async function readWorktreeFile(root: string, path: BytePath): Promise<WorktreeFile> {
  const absolute = Buffer.concat([Buffer.from(`${root}/`), pathBytes(path)]);
  try {
    const found = await lstat(absolute, { bigint: true });
    if (found.isDirectory()) return { type: "folder" };
    if (found.isSymbolicLink()) {
      const content = await readlink(absolute, { encoding: "buffer" });
      return (await standsWhereItShould(root, path))
        ? { type: "link", content, stat: settled(found) }
        : { type: "gone" };
    }
    if (!found.isFile()) return { type: "unreadable", reason: "it is neither a file nor a link" };
    return await readRegular(root, path, absolute);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return { type: "gone" };
    return { type: "unreadable", reason: error instanceof Error ? error.message : String(error) };
  }
}

async function readRegular(root: string, path: BytePath, absolute: Buffer): Promise<WorktreeFile> {
  const file = await open(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat({ bigint: true });
    if (!stat.isFile()) return { type: "unreadable", reason: "it is not a regular file" };
    if (!(await standsWhereItShould(root, path, file.fd))) return { type: "gone" };
    const content = await file.readFile();
    const unchanged = BigInt(content.length) === stat.size;
    const executable = (stat.mode & 0o100n) !== 0n;
    return { type: "file", content, executable, stat: unchanged ? settled(stat) : undefined };
  } finally {
    await file.close();
  }
}

/** A folder on the way may have been swapped for a link to somewhere else. */
async function standsWhereItShould(root: string, path: BytePath, fd?: number): Promise<boolean> {
  const expected = join(root, readablePath(path));
  if (fd !== undefined && process.platform === "linux") {
    const actual = await readlink(`/proc/self/fd/${fd}`, { encoding: "buffer" });
    return actual.equals(Buffer.concat([Buffer.from(`${root}/`), pathBytes(path)]));
  }
  const folder = expected.slice(0, expected.lastIndexOf("/"));
  return (await realpath(folder)) === folder;
}

function settled(stat: BigIntStats): FileStat | undefined {
  // git compares whole seconds: a file touched in this one could change again and look the same, also where a copy
  // that keeps times gives it an old one.
  const now = BigInt(Date.now()) / 1000n;
  const seconds = (nanoseconds: bigint) => nanoseconds / 1_000_000_000n;
  return seconds(stat.mtimeNs) < now && seconds(stat.ctimeNs) < now ? stat : undefined;
}
