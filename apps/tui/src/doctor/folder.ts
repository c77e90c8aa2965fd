import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { blocked, type Check, ready, warning } from "./check.ts";

const GB = 1024 ** 3;
/** Bytes below which a session may well not fit. */
const LOW = GB;
const TOO_LOW = 0.02 * GB;

/** File systems by their number, with what one should know of them. */
const FILE_SYSTEMS: Readonly<Record<number, { readonly name: string; readonly caution?: string }>> = {
  61267: { name: "ext4" },
  1481003842: { name: "xfs" },
  2435016766: { name: "btrfs" },
  2035054128: { name: "overlayfs" },
  801189825: { name: "zfs" },
  16914836: { name: "tmpfs", caution: "which is empty after the next start" },
  26985: { name: "NFS", caution: "where locks and times are not to be relied on" },
  4283649346: { name: "SMB", caution: "where locks and modes are not to be relied on" },
  4266872130: { name: "SMB", caution: "where locks and modes are not to be relied on" },
  16914839: { name: "9p (a Windows drive)", caution: "where git is slow and modes are lost" },
};

/** A folder that bough writes to. */
export interface WrittenFolder {
  /** What is kept in it. */
  readonly name: string;
  readonly path: string;
  /** How to have it elsewhere. */
  readonly move: string;
  /** Whether it may be lost at any time. */
  readonly isCache: boolean;
}

/** Whether a folder, which need not be there yet, can be written to, and on what it lies. */
export async function checkFolder({ name, path, move, isCache }: WrittenFolder): Promise<Check> {
  const existing = await nearestExisting(path);
  try {
    if (!(await stat(existing)).isDirectory()) return blocked(name, `${existing} is not a folder. ${move}`);
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return blocked(name, `${existing} cannot be written to (${why}). ${move}`);
  }
  const { type, bavail, bsize } = await statfs(existing);
  return judgeFileSystem({ name, path, move, isCache }, { type, free: bavail * bsize });
}

/** Says what there is to say of the file system under a folder. */
export function judgeFileSystem(
  { name, path, move, isCache }: WrittenFolder,
  { type, free }: { readonly type: number; readonly free: number },
): Check {
  const system = FILE_SYSTEMS[type];
  const gigabytes = `${(free / GB).toFixed(free < 10 * GB ? 1 : 0)} GB free`;
  const found = `${path}, ${gigabytes}${system === undefined ? "" : ` on ${system.name}`}`;
  if (free < TOO_LOW) return blocked(name, `${found}: too little to work with. Make room there. Or: ${move}`);
  if (free < LOW) return warning(name, `${found}: a session may not fit. Make room there. Or: ${move}`);
  if (system?.caution === undefined || isCache) return ready(name, found);
  return warning(name, `${found}, ${system.caution}. ${move}`);
}

async function nearestExisting(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch {
    const parent = dirname(path);
    return parent === path ? path : nearestExisting(parent);
  }
}
