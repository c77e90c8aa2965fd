import { randomBytes } from "node:crypto";
import { constants, type Dirent, type Stats } from "node:fs";
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  symlink,
  utimes,
} from "node:fs/promises";
import { posix } from "node:path";
import { asBytePath, type BytePath, bytePathOf, readablePath } from "./byte-path.ts";
import { absolutePath, foldersAbove, inFolder, inFolderOf, type NameInside, parentFolder } from "./in-folder.ts";
import { isRefusedPath } from "./refused-path.ts";

/** A file that was not copied, and why. */
export interface NotCopied {
  /** As a person reads it. */
  readonly path: string;
  readonly reason: string;
}

/** What came of copying. */
export interface Copied {
  readonly copied: readonly BytePath[];
  readonly notCopied: readonly NotCopied[];
}

/** How much is copied at most. */
export interface CopyLimits {
  readonly files: number;
  readonly bytes: number;
}

/** Between which work trees files are copied; both have absolute, real paths. */
export interface CopyBetween {
  readonly from: string;
  readonly to: string;
  readonly limits?: CopyLimits;
}

const LIMITS: CopyLimits = { files: 500_000, bytes: 20 * 1024 ** 3 };
const FOLDERS_AT_ONCE = 16;

/**
 * Copies files, links and whole folders from one work tree to another, with their modes and times and, where the file
 * system can, without taking space twice. What stands there already stays. No link is followed; a link is copied when
 * it leads to somewhere inside. What cannot be copied is named, and the rest is.
 */
export async function copyFiles(paths: readonly BytePath[], between: CopyBetween): Promise<Copied> {
  const copying = new Copying(between);
  for (const folder of new Set(paths.flatMap((path) => foldersAbove(path)))) await copying.makeFolder(folder);
  let folders: BytePath[] = [];
  for (const path of paths) folders.push(...(await copying.copy(path)));
  while (folders.length > 0) folders = await copying.fillAll(folders);
  return { copied: copying.copied, notCopied: copying.notCopied };
}

class Copying {
  readonly copied: BytePath[] = [];
  readonly notCopied: NotCopied[] = [];
  readonly #from: string;
  readonly #to: string;
  readonly #limits: CopyLimits;
  #files = 0;
  #bytes = 0;

  constructor({ from, to, limits = LIMITS }: CopyBetween) {
    this.#from = from;
    this.#to = to;
    this.#limits = limits;
  }

  /** Makes a folder as the other work tree has it, unless one is there; resolves to whether it can be filled. */
  makeFolder(path: BytePath): Promise<boolean> {
    return this.#guard(path, false, async () => {
      const { mode } = await inFolderOf(this.#from, path, (source) => lstat(source));
      await inFolderOf(this.#to, path, async (target) => {
        if ((await statOf(target))?.isDirectory()) return;
        await mkdir(target);
        // In a folder that its owner may not change nothing could be put, nor could anybody remove the worktree.
        await chmod(target, (mode & 0o777) | 0o700);
      });
      return true;
    });
  }

  /** Copies a file or link, or makes a folder; resolves to the folders that are to be filled. */
  copy(path: BytePath): Promise<BytePath[]> {
    return this.#guard(path, [], () =>
      inFolder(this.#from, parentFolder(path), (source) =>
        inFolder(this.#to, parentFolder(path), async (target) => {
          const name = asBytePath(posix.basename(path));
          const found = await lstat(source(name));
          if (await statOf(target(name))) return found.isDirectory() ? [path] : [];
          return this.#copyOne(path, found, { source, target, name });
        }),
      ),
    );
  }

  /** Fills several folders at once; resolves to those in them. */
  async fillAll(folders: readonly BytePath[]): Promise<BytePath[]> {
    const remaining = [...folders];
    const found: BytePath[] = [];
    const worker = async () => {
      for (let folder = remaining.pop(); folder !== undefined; folder = remaining.pop()) {
        found.push(...(await this.#fill(folder)));
      }
    };
    await Promise.all(Array.from({ length: Math.min(FOLDERS_AT_ONCE, folders.length) }, worker));
    return found;
  }

  #fill(folder: BytePath): Promise<BytePath[]> {
    // What the worktrees are kept in may be ignored, and named.
    if (absolutePath(this.#from, folder).equals(Buffer.from(this.#to))) return Promise.resolve([]);
    return this.#guard(folder, [], () =>
      inFolder(this.#from, folder, (source) =>
        inFolder(this.#to, folder, async (target) => {
          const there = new Set((await readdir(target(), { encoding: "buffer" })).map(bytePathOf));
          const folders: BytePath[] = [];
          for (const entry of await readdir(source(), { encoding: "buffer", withFileTypes: true })) {
            const name = bytePathOf(entry.name);
            const path = asBytePath(`${folder}/${name}`);
            if (there.has(name)) folders.push(...(entry.isDirectory() ? [path] : []));
            else
              folders.push(
                ...(await this.#guard(path, [], () => this.#copyOne(path, entry, { source, target, name }))),
              );
          }
          return folders;
        }),
      ),
    );
  }

  async #copyOne(path: BytePath, found: Stats | Dirent<Buffer>, at: Names): Promise<BytePath[]> {
    const { source, target, name } = at;
    if (isRefusedPath(name)) this.#name(path, "it belongs to a repository of its own");
    else if (found.isDirectory()) return (await this.makeFolder(path)) ? [path] : [];
    else if (found.isSymbolicLink()) await this.#copyLink(path, source(name), target(name));
    else if (found.isFile()) await this.#copyFile(path, at);
    else this.#name(path, "it is neither a file nor a link");
    return [];
  }

  async #copyLink(path: BytePath, source: Buffer, target: Buffer): Promise<void> {
    const link = await readlink(source, { encoding: "buffer" });
    const leads = bytePathOf(link);
    const lexical = posix.normalize(posix.join(parentFolder(path), leads));
    const real = await realpath(absolutePath(this.#from, path), { encoding: "buffer" }).catch(() => undefined);
    const inside = Buffer.from(`${this.#from}/`);
    const isInside = real === undefined || real.subarray(0, inside.length).equals(inside);
    // An absolute one would lead back from the worktree to where it was copied from.
    if (leads.startsWith("/") || lexical.split("/")[0] === ".." || !isInside) {
      this.#name(path, "it is a link that leads out of the worktree");
    } else {
      await symlink(link, target);
      this.copied.push(path);
    }
  }

  async #copyFile(path: BytePath, { source, target, name }: Names): Promise<void> {
    const file = await open(source(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return this.#name(path, "it is neither a file nor a link");
      if (this.#files + 1 > this.#limits.files) return this.#name(path, `over ${this.#limits.files} files`);
      if (this.#bytes + stat.size > this.#limits.bytes) return this.#name(path, `over ${this.#limits.bytes} bytes`);
      this.#files++;
      this.#bytes += stat.size;
      // After a kill it must not be taken for the whole file.
      const draft = target(asBytePath(`.bough-${randomBytes(8).toString("hex")}.tmp`));
      const opened = process.platform === "linux" ? `/proc/self/fd/${file.fd}` : source(name);
      await copyFile(opened, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      await utimes(draft, stat.atime, stat.mtime);
      await rename(draft, target(name));
      this.copied.push(path);
    } finally {
      await file.close();
    }
  }

  #name(path: BytePath, reason: string): void {
    this.notCopied.push({ path: readablePath(path), reason });
  }

  /** What cannot be copied is named, and the rest goes on. */
  async #guard<Result>(path: BytePath, otherwise: Result, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      const reason = error instanceof Error && "code" in error ? error.code : String(error);
      this.#name(path, `it cannot be copied: ${reason}`);
      return otherwise;
    }
  }
}

/** Where a file is copied from and to, in folders that are open. */
interface Names {
  readonly source: NameInside;
  readonly target: NameInside;
  readonly name: BytePath;
}

function statOf(path: Buffer): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}
