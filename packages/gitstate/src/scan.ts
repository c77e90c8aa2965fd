import { lstat, readdir } from "node:fs/promises";
import { asBytePath, type BytePath, bytePathOf, pathBytes, readablePath } from "./byte-path.ts";
import { type Conversions, splitNul } from "./conversions.ts";
import { GitError } from "./errors.ts";
import type { FileStat } from "./index-file.ts";
import { FOLDER_FILE_LIMIT, FOLDER_SIZE_LIMIT, type LeftOut, leaveOut, type Untracked } from "./left-out.ts";
import type { ObjectStore } from "./object-store.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import type { FileMode, TreeEntry } from "./tree.ts";
import { readWorktreeFile } from "./worktree-file.ts";

/** A file as it is now: written to the object store, with the stat it had. `undefined` for gone. */
export type ScannedFile = (TreeEntry & { readonly mode: FileMode; readonly stat: FileStat | undefined }) | undefined;

/** What differs from the index. */
export interface Scan {
  readonly files: ReadonlyMap<BytePath, ScannedFile>;
  readonly leftOut: readonly LeftOut[];
}

/** What a scan needs to know of a worktree. */
export interface ScanContext {
  readonly gitDir: PrivateGitDir;
  readonly objects: ObjectStore;
  readonly conversions: Conversions;
  /** git's mode of a tracked path, where the file system cannot tell it (no executable bits, no links). */
  trackedMode(path: BytePath): number | undefined;
  readonly trustsFileMode: boolean;
}

const READ_AT_ONCE = 32;

/** Finds all that changed in a work tree since its index was written, and writes the contents to the object store. */
export async function scan(context: ScanContext, index?: string): Promise<Scan> {
  const { modified, untracked } = await listChanges(context.gitDir, index);
  const found = await sizes(context.gitDir.workTree, await expandNested(context.gitDir.workTree, untracked));
  const folders = mayExceed(found) ? await untrackedFolders(context.gitDir, index) : [];
  const { kept, leftOut } = leaveOut(found, folders);
  const scanned = await scanPaths(context, [...modified, ...kept]);
  return { files: scanned.files, leftOut: [...leftOut, ...scanned.leftOut] };
}

/** Looks at the given paths only. */
export async function scanPaths(context: ScanContext, paths: readonly BytePath[]): Promise<Scan> {
  const files = new Map<BytePath, ScannedFile>();
  const leftOut: LeftOut[] = [];
  const converted = await context.conversions.among(paths);
  const remaining = [...new Set(paths)];
  const worker = async () => {
    for (let path = remaining.pop(); path !== undefined; path = remaining.pop()) {
      const result = await scanFile(context, path, converted.has(path));
      if (result === "skip") continue;
      if (result !== undefined && "reason" in result) leftOut.push(result);
      else files.set(path, result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(READ_AT_ONCE, paths.length) }, worker));
  return { files, leftOut };
}

async function scanFile(
  { gitDir, objects, trackedMode, trustsFileMode }: ScanContext,
  path: BytePath,
  converted: boolean,
): Promise<ScannedFile | LeftOut | "skip"> {
  const tracked = trackedMode(path);
  // A submodule's commit is the user's to choose.
  if (tracked === 0o160000) return "skip";
  const file = await readWorktreeFile(gitDir.workTree, path);
  switch (file.type) {
    case "gone":
      return undefined;
    case "folder":
      return tracked === undefined ? "skip" : undefined;
    case "unreadable":
      return { path: readablePath(path), reason: "cannot be read" };
    case "link":
      return { mode: "120000", id: await objects.write("blob", file.content), stat: file.stat };
    case "file": {
      const id = converted ? await hashConverted(gitDir, path, file.content) : await objects.write("blob", file.content);
      return { mode: fileMode(file.executable, trustsFileMode ? undefined : tracked), id, stat: file.stat };
    }
    default:
      return file satisfies never;
  }
}

function fileMode(executable: boolean, tracked: number | undefined): FileMode {
  if (tracked !== undefined) return tracked === 0o100755 ? "100755" : tracked === 0o120000 ? "120000" : "100644";
  return executable ? "100755" : "100644";
}

async function hashConverted(gitDir: PrivateGitDir, path: BytePath, content: Buffer): Promise<string> {
  const { stdout } = await gitDir.git(["hash-object", "-w", "--stdin", `--path=${readablePath(path)}`], { input: content });
  return stdout.toString().trim();
}

async function listChanges(gitDir: PrivateGitDir, index?: string): Promise<{ modified: BytePath[]; untracked: BytePath[] }> {
  const args = ["ls-files", "-t", "-z", "-m", "-o", "-d", "--exclude-standard"];
  const { stdout } = await retryWhenKilled(() => gitDir.git(args, index === undefined ? {} : { index }));
  const modified = new Set<BytePath>();
  const untracked: BytePath[] = [];
  for (const line of splitNul(stdout)) {
    const path = asBytePath(line.slice(2));
    if (line.startsWith("?")) untracked.push(path);
    else modified.add(path);
  }
  return { modified: [...modified], untracked };
}

/** git maps a file into memory to compare it, and dies when a running command shortens the file meanwhile. */
async function retryWhenKilled<Result>(run: () => Promise<Result>, tries = 5): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (tries === 1 || !(error instanceof GitError) || error.exitCode !== undefined) throw error;
    return retryWhenKilled(run, tries - 1);
  }
}

/** git lists a repository inside this one as a folder: its files are taken one by one, its git dir is not. */
async function expandNested(root: string, untracked: readonly BytePath[]): Promise<BytePath[]> {
  const expanded = await Promise.all(untracked.map((path) => (path.endsWith("/") ? filesBelow(root, path) : [path])));
  return expanded.flat();
}

async function filesBelow(root: string, folder: BytePath): Promise<BytePath[]> {
  const absolute = Buffer.concat([Buffer.from(`${root}/`), pathBytes(folder)]);
  const names = await readdir(absolute, { encoding: "buffer", withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    names.map(async (entry) => {
      const name = bytePathOf(entry.name);
      if (name.toLowerCase() === ".git") return [];
      const path = asBytePath(folder + name);
      return entry.isDirectory() ? filesBelow(root, asBytePath(`${path}/`)) : [path];
    }),
  );
  return below.flat();
}

async function sizes(root: string, paths: readonly BytePath[]): Promise<Untracked[]> {
  return Promise.all(
    paths.map(async (path) => {
      const absolute = Buffer.concat([Buffer.from(`${root}/`), pathBytes(path)]);
      return { path, size: await lstat(absolute).then((found) => found.size, () => 0) };
    }),
  );
}

/** Listing whole folders takes git another run, which few work trees need. */
function mayExceed(untracked: readonly Untracked[]): boolean {
  return untracked.length > FOLDER_FILE_LIMIT || untracked.reduce((sum, { size }) => sum + size, 0) > FOLDER_SIZE_LIMIT;
}

async function untrackedFolders(gitDir: PrivateGitDir, index?: string): Promise<BytePath[]> {
  const args = ["ls-files", "-z", "-o", "--directory", "--exclude-standard"];
  const { stdout } = await gitDir.git(args, index === undefined ? {} : { index });
  return splitNul(stdout).filter((path) => path.endsWith("/"));
}
