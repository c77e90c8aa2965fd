import { hash, randomBytes } from "node:crypto";
import { constants, existsSync, realpathSync, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openDescriptorAccess } from "./descriptor-access.ts";
import { namesDotGit } from "./dot-git.ts";
import { errorCode, FileAccessFailed, FileChanged, FileMissing, FileTooLarge } from "./file-errors.ts";
import type { FolderAccess, OpenAccess } from "./folder-access.ts";
import { locate, type Place } from "./locate.ts";
import { PathRefused } from "./path-refused.ts";
import { openRealPathAccess } from "./real-path-access.ts";
import { worktreePath } from "./worktree-path.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const mostBytesRead = 64 * 1024 * 1024;

/** The one place where it is chosen how folders are walked. */
const platformAccess: OpenAccess =
  process.platform === "linux" && existsSync("/proc/self/fd") ? openDescriptorAccess : openRealPathAccess;

/** Which folder the files are in, and by what other names it is known. */
export interface WorktreeFilesOptions {
  /** Absolute path of the worktree; it need not exist yet. */
  readonly root: string;
  /** Absolute paths of other folders (the user's checkout) that stand for the worktree when the model names them. */
  readonly aliases?: readonly string[];
  /** The worktree-relative folder that commands start in. */
  readonly cwd?: string;
  /** How folders are walked; what the system does best unless given. */
  readonly openAccess?: OpenAccess;
}

/** What a name in a folder stands for; `other` is a pipe, a socket or a device. */
export type FileKind = "file" | "folder" | "link" | "other";

/** What is at a path once its links are followed. */
export interface FileInfo {
  /** Worktree-relative, with its links followed: where the file really is. */
  readonly path: string;
  readonly kind: Exclude<FileKind, "link">;
  readonly size: number;
  /** The permission bits. */
  readonly mode: number;
  readonly modifiedMs: number;
}

/** A file and its bytes as they were at one moment: all of them, or the first that were asked for. */
export interface FileContent extends FileInfo {
  readonly bytes: Uint8Array;
}

/** A name in a folder and what it stands for, its links not followed. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: FileKind;
  readonly size: number;
  /** Where a link points, as it is written in it. */
  readonly target?: string;
}

/** How a file is written, and what has to be there before. */
export interface WriteOptions {
  /** Permission bits; without it those of the file there, or of a new file. */
  readonly mode?: number;
  /** What has to be there for the write to happen; when it is not, `FileChanged` is thrown. */
  readonly expected?: Uint8Array | "nothing";
}

/** Where a write went. */
export interface WrittenFile {
  /** Worktree-relative, with its links followed. */
  readonly path: string;
  readonly created: boolean;
}

/** The files of one worktree, and no others: whatever its links, names and other processes do. */
export class WorktreeFiles {
  readonly root: string;
  readonly #aliases: readonly string[];
  readonly #cwd: string;
  readonly #openAccess: OpenAccess;
  readonly #seen = new Map<string, string>();

  constructor({ root, aliases = [], cwd = ".", openAccess = platformAccess }: WorktreeFilesOptions) {
    this.root = resolve(root);
    this.#aliases = aliases.map((alias) => resolve(alias));
    this.#cwd = worktreePath(cwd, [this.root, ...this.#aliases]);
    this.#openAccess = openAccess;
  }

  /** The absolute folder that commands start in: the root while the worktree lacks the one they should. */
  get commandFolder(): string {
    const folder = join(this.root, this.#cwd);
    return existsSync(folder) ? folder : this.root;
  }

  /** The worktree-relative form of a path that a model gave, links not followed; throws `PathRefused`. */
  resolve(path: string): string {
    const spelled = [this.root, ...this.#aliases];
    try {
      return worktreePath(path, spelled);
    } catch (error) {
      const real = spelled.map(realPathIfAny).filter((root) => root !== undefined);
      if (!path.startsWith("/") || !(error instanceof PathRefused)) throw error;
      return worktreePath(path, [...spelled, ...real]);
    }
  }

  /** What is at a path, links followed; undefined when nothing is. */
  async stat(path: string): Promise<FileInfo | undefined> {
    return this.#at(path, "look at", {}, async (place) => place?.spot && fileInfo(place.path, place.spot.stats));
  }

  /** Reads a whole regular file of at most 64 MiB; never waits on a pipe or opens a device. */
  async read(path: string): Promise<FileContent> {
    return this.#read(path, (file, stats) => readAll(path, file, stats));
  }

  /** Reads the first bytes of a regular file of any size, which `size` tells. */
  async readStart(path: string, mostBytes: number): Promise<FileContent> {
    return this.#read(path, (file, stats) => readBytes(file, Math.min(stats.size, mostBytes)));
  }

  async #read(path: string, bytesOf: (file: FileHandle, stats: Stats) => Promise<Uint8Array>): Promise<FileContent> {
    return this.#at(path, "read", {}, async (place, access) => {
      if (place?.spot === undefined) throw new FileMissing(path);
      refuseUnlessFile(path, place.spot.stats);
      const file = await access.open(place.spot);
      try {
        const stats = await file.stat();
        refuseUnlessFile(path, stats);
        return { ...fileInfo(place.path, stats), bytes: await bytesOf(file, stats) };
      } finally {
        await file.close();
      }
    });
  }

  /**
   * Replaces or creates a file in one step, with the folders it is in: a reader sees the old bytes or the new ones. A
   * hard link is parted from its other names, which keep the old bytes.
   */
  async write(path: string, bytes: Uint8Array, { mode, expected }: WriteOptions = {}): Promise<WrittenFile> {
    return this.#at(path, "write", { createFolders: true }, async (place, access) => {
      if (place === undefined) throw new FileMissing(path);
      const { folder, name, spot } = place;
      if (spot !== undefined) refuseUnlessFile(path, spot.stats);
      const entry = `${folder.reach}/${name}`;
      const temporary = `${folder.reach}/.bough-${randomBytes(8).toString("hex")}.tmp`;
      access.confirm(folder);
      try {
        await writeNew(temporary, bytes, mode ?? (spot && spot.stats.mode & 0o7777));
        if (expected !== undefined) await refuseUnlessHolding(path, entry, expected);
        access.confirm(folder);
        await rename(temporary, entry);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      return { path: place.path, created: spot === undefined };
    });
  }

  /** The entries of a folder in the order of their names, all but git's own. */
  async list(path: string): Promise<FolderEntry[]> {
    return this.#at(path, "list", {}, async (place, access) => {
      if (place?.spot === undefined) throw new FileMissing(path);
      if (!place.spot.stats.isDirectory()) throw new PathRefused(path, "it is not a folder");
      const { reach } = place.spot;
      access.confirm(place.spot);
      const names = (await readdir(reach)).filter((name) => !namesDotGit(name)).sort(byCodeUnits);
      const entries = await Promise.all(names.map((name) => folderEntry(reach, name)));
      return entries.filter((entry) => entry !== undefined);
    });
  }

  /** Keeps in mind that the agent knows a file with these bytes, for `seen` to compare with. */
  markSeen(path: string, bytes: Uint8Array): void {
    this.#seen.set(path, digestOf(bytes));
  }

  /** Tells whether these bytes of a file are what the agent saw or wrote there last. */
  seen(path: string, bytes: Uint8Array): "never" | "earlier-version" | "this-version" {
    const digest = this.#seen.get(path);
    if (digest === undefined) return "never";
    return digest === digestOf(bytes) ? "this-version" : "earlier-version";
  }

  async #at<Result>(
    path: string,
    action: string,
    options: { createFolders?: boolean },
    use: (place: Place | undefined, access: FolderAccess) => Promise<Result>,
  ): Promise<Result> {
    const relative = this.resolve(path);
    let access: FolderAccess | undefined;
    try {
      access = this.#openAccess(this.root);
      return await use(locate({ ...options, access, root: this.root, path: relative }), access);
    } catch (error) {
      // The system's own message would name the descriptor, which tells nobody anything.
      throw errorCode(error) === undefined || error instanceof FileAccessFailed
        ? error
        : new FileAccessFailed(action, path, error);
    } finally {
      access?.release();
    }
  }
}

function fileInfo(path: string, stats: Stats): FileInfo {
  const kind = stats.isFile() ? "file" : stats.isDirectory() ? "folder" : "other";
  return { path, kind, size: stats.size, mode: stats.mode & 0o7777, modifiedMs: stats.mtimeMs };
}

function refuseUnlessFile(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  throw new PathRefused(path, `it is ${stats.isDirectory() ? "a folder" : specialKind(stats)}, not a file`);
}

function specialKind(stats: Stats): string {
  if (stats.isFIFO()) return "a named pipe";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

async function readAll(path: string, file: FileHandle, stats: Stats): Promise<Uint8Array> {
  refuseUnlessFile(path, stats);
  if (stats.size > mostBytesRead) throw new FileTooLarge(path, stats.size, mostBytesRead);
  // No further than the size it had: a file that something keeps writing to has no end.
  return readBytes(file, stats.size);
}

async function readBytes(file: FileHandle, count: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(count);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function writeNew(path: string, bytes: Uint8Array, mode: number | undefined): Promise<void> {
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
  try {
    await file.writeFile(bytes);
    if (mode !== undefined) await file.chmod(mode);
  } finally {
    await file.close();
  }
}

async function refuseUnlessHolding(path: string, entry: string, expected: Uint8Array | "nothing"): Promise<void> {
  const there = await bytesNow(path, entry);
  const same =
    expected === "nothing" ? there === undefined : there !== undefined && Buffer.compare(there, expected) === 0;
  if (!same) throw new FileChanged(path);
}

async function bytesNow(path: string, entry: string): Promise<Uint8Array | undefined> {
  let file: FileHandle;
  try {
    file = await open(entry, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    if (errorCode(error) === "ELOOP") throw new FileChanged(path, { cause: error });
    throw error;
  }
  try {
    return await readAll(path, file, await file.stat());
  } finally {
    await file.close();
  }
}

async function folderEntry(folder: string, name: string): Promise<FolderEntry | undefined> {
  const entry = `${folder}/${name}`;
  try {
    const stats = await lstat(entry);
    if (stats.isSymbolicLink()) return { name, kind: "link", size: stats.size, target: await readlink(entry) };
    return { name, kind: fileInfo(name, stats).kind, size: stats.size };
  } catch (error) {
    // It was removed, or is no link any more, since the folder was read.
    if (errorCode(error) === "ENOENT" || errorCode(error) === "EINVAL") return undefined;
    throw error;
  }
}

function realPathIfAny(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function digestOf(bytes: Uint8Array): string {
  return hash("sha256", bytes);
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
