import { lstat, readdir } from "node:fs/promises";
import { asBytePath, type BytePath, bytePathOf, pathBytes, readablePath, splitNul } from "./byte-path.ts";
import { Conversions } from "./conversions.ts";
import type { EffectiveConfig } from "./effective-config.ts";
import { GitError } from "./errors.ts";
import { IgnoreRules } from "./ignore-rules.ts";
import { type FileStat, GITLINK } from "./index-file.ts";
import { type LeftOut, leaveOut, mayExceedFolderLimit, type Untracked } from "./left-out.ts";
import type { ObjectStore } from "./object-store.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import { isModulesFile, isRefusedPath } from "./refused-path.ts";
import type { FileMode, TreeEntry } from "./tree.ts";
import { readWorktreeFile } from "./worktree-file.ts";

/** A file as it is now: written to the object store, with the stat it had. `undefined` for gone. */
export type ScannedFile = (TreeEntry & { readonly mode: FileMode; readonly stat: FileStat | undefined }) | undefined;

/** What differs from the index. */
export interface Scan {
  readonly files: ReadonlyMap<BytePath, ScannedFile>;
  readonly leftOut: readonly LeftOut[];
}

/** What the index says of a work tree's files. */
export interface Tracked {
  /** git's mode of a path; it may be undefined where the file system itself can tell. */
  mode(path: BytePath): number | undefined;
  /** The paths of submodules. */
  gitlinks(): readonly BytePath[];
}

/** What a scan needs to know of a worktree. */
export interface ScanContext {
  readonly gitDir: PrivateGitDir;
  readonly objects: ObjectStore;
  readonly conversions: Conversions;
  readonly ignoreRules: IgnoreRules;
  readonly tracked: Tracked;
  /** Whether the file system knows which files are executable. */
  readonly trustsFileMode: boolean;
  /** Whether it knows symbolic links; where it does not, git writes them as files. */
  readonly hasLinks: boolean;
}

const READ_AT_ONCE = 32;
/** What a write of ours leaves that was killed before it could put the file in its place. */
const HALF_WRITTEN = /(?:^|\/)\.bough-[0-9a-f]{16}\.tmp$/;

/** Puts together what a scan needs, by the user's settings. */
export function scanContext(
  config: EffectiveConfig,
  { gitDir, objects, tracked }: Pick<ScanContext, "gitDir" | "objects" | "tracked">,
): ScanContext {
  return {
    gitDir,
    objects,
    tracked,
    conversions: new Conversions(gitDir, config),
    ignoreRules: new IgnoreRules(gitDir),
    trustsFileMode: config.boolean("core.filemode") !== false,
    hasLinks: config.boolean("core.symlinks") !== false,
  };
}

/** Finds all that changed in a work tree since its index was written, and writes the contents to the object store. */
export async function scan(context: ScanContext): Promise<Scan> {
  const { workTree } = context.gitDir;
  // Whatever made a scan necessary may have changed them.
  context.ignoreRules.forget();
  context.conversions.forget();
  const { modified, untracked, pipes } = await listChanges(context.gitDir);
  const files = await expandNested(workTree, untracked);
  const refused = files.filter(isRefusedPath);
  const allowed = refused.length === 0 ? files : files.filter((path) => !isRefusedPath(path));
  const { kept, leftOut } = await partUntracked(context.gitDir, allowed);
  const scanned = await scanPaths(context, [...modified, ...kept]);
  const submodules = await filledFolders(workTree, context.tracked.gitlinks());
  return {
    files: scanned.files,
    leftOut: [
      ...leftOut,
      ...scanned.leftOut,
      ...refused.map((path) => ({ path: readablePath(path), reason: "a name that git refuses" }) as const),
      ...submodules.map((path) => ({ path: `${readablePath(path)}/`, reason: "a submodule" }) as const),
      ...pipesLeftOut(pipes),
    ],
  };
}

/** Parts what git neither tracks nor ignores in a work tree into what a scan commits and what it leaves out. */
export async function listUntracked(gitDir: PrivateGitDir): Promise<{ kept: BytePath[]; leftOut: LeftOut[] }> {
  const { stdout } = await gitDir.git(["ls-files", "-z", "--others", "--exclude-standard"]);
  return partUntracked(gitDir, await expandNested(gitDir.workTree, splitNul(stdout)));
}

async function partUntracked(gitDir: PrivateGitDir, untracked: readonly BytePath[]) {
  const found = await sizes(gitDir.workTree, untracked);
  return leaveOut(found, mayExceedFolderLimit(found) ? await untrackedFolders(gitDir) : []);
}

/**
 * Parts paths that were written into those to commit and those to leave out, as a scan of everything would: what git
 * ignores, and of what it does not track what is too large or looks like a credential.
 */
export async function admit(
  { gitDir, tracked, ignoreRules }: ScanContext,
  paths: readonly BytePath[],
): Promise<{ kept: BytePath[]; leftOut: LeftOut[] }> {
  const isTracked = (path: BytePath) => tracked.mode(path) !== undefined;
  const unknown = paths.filter((path) => !isTracked(path));
  if (unknown.length === 0) return { kept: [...paths], leftOut: [] };
  // git does not answer for a path that leads through a link, or out of the work tree; neither is one to commit.
  const there = await Promise.all(unknown.map((path) => isInFolders(gitDir.workTree, path)));
  const untracked = unknown.filter((_, i) => there[i]);
  const ignored = await ignoreRules.among(untracked);
  const allowed = untracked.filter((path) => !ignored.has(path) && !isRefusedPath(path));
  const { kept, leftOut } = leaveOut(await sizes(gitDir.workTree, allowed), []);
  return {
    kept: [...paths.filter(isTracked), ...kept],
    leftOut: [
      ...leftOut,
      ...[...ignored].map((path) => ({ path: readablePath(path), reason: "ignored" }) as const),
      ...untracked
        .filter(isRefusedPath)
        .map((path) => ({ path: readablePath(path), reason: "a name that git refuses" }) as const),
      ...pipesLeftOut(ignoreRules.pipes),
    ],
  };
}

async function isInFolders(root: string, path: BytePath): Promise<boolean> {
  const names = path.split("/");
  if (names.some((name) => name === "" || name === "." || name === "..")) return false;
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const folder = Buffer.concat([Buffer.from(`${root}/`), pathBytes(asBytePath(path.slice(0, slash)))]);
    const isFolder = await lstat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isFolder) return false;
  }
  return true;
}

/** Looks at the given paths only. */
export async function scanPaths(context: ScanContext, paths: readonly BytePath[]): Promise<Scan> {
  const files = new Map<BytePath, ScannedFile>();
  const leftOut: LeftOut[] = [];
  const conversions = await context.conversions.of(paths);
  const remaining = [...new Set(paths)];
  const worker = async () => {
    for (let path = remaining.pop(); path !== undefined; path = remaining.pop()) {
      const result = await scanFile(context, path, conversions.get(path));
      if (result === "skip") continue;
      if (result !== undefined && "reason" in result) leftOut.push(result);
      else files.set(path, result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(READ_AT_ONCE, paths.length) }, worker));
  return { files, leftOut: [...leftOut, ...pipesLeftOut(context.conversions.pipes)] };
}

function pipesLeftOut(paths: Iterable<BytePath>): LeftOut[] {
  return Array.from(paths, (path) => ({ path: readablePath(path), reason: "a pipe, not a file" }));
}

async function scanFile(
  context: ScanContext,
  path: BytePath,
  conversion: Parameters<Conversions["write"]>[2] | undefined,
): Promise<ScannedFile | LeftOut | "skip"> {
  const { gitDir, objects, conversions } = context;
  const tracked = context.tracked.mode(path);
  // A submodule's commit is the user's to choose.
  if (tracked === GITLINK) return "skip";
  const file = await readWorktreeFile(gitDir.workTree, path);
  switch (file.type) {
    case "gone":
      return undefined;
    case "folder":
      return tracked === undefined ? "skip" : undefined;
    case "unreadable":
      return { path: readablePath(path), reason: "cannot be read" };
    case "link":
      if (isModulesFile(path)) return { path: readablePath(path), reason: "a name that git refuses" };
      return { mode: "120000", id: await objects.write("blob", file.content), stat: file.stat };
    case "file": {
      const mode = fileMode(file.executable, tracked, context);
      const asText = mode === "120000" ? undefined : conversion;
      try {
        const converted = asText === undefined ? undefined : await conversions.write(path, file.content, asText);
        return { mode, id: converted ?? (await objects.write("blob", file.content)), stat: file.stat };
      } catch (error) {
        if (!(error instanceof GitError)) throw error;
        return { path: readablePath(path), reason: "its filter failed" };
      }
    }
    default:
      return file satisfies never;
  }
}

function fileMode(
  executable: boolean,
  tracked: number | undefined,
  { trustsFileMode, hasLinks }: ScanContext,
): FileMode {
  if (!hasLinks && tracked === 0o120000) return "120000";
  const isExecutable = trustsFileMode ? executable : tracked === 0o100755;
  return isExecutable ? "100755" : "100644";
}

async function listChanges(
  gitDir: PrivateGitDir,
): Promise<{ modified: BytePath[]; untracked: BytePath[]; pipes: readonly BytePath[] }> {
  const args = ["ls-files", "-t", "-z", "-m", "-o", "-d", "--exclude-standard"];
  const { stdout, pipes } = await retryWhenKilled(() => gitDir.git(args)).catch((error: unknown) => {
    if (!wasKilled(error)) throw error;
    // Without -m git opens no file: then every tracked one is read here, which is slow and cannot fail.
    return gitDir.git(args.map((arg) => (arg === "-m" ? "-c" : arg)));
  });
  const modified = new Set<BytePath>();
  const untracked: BytePath[] = [];
  for (const line of splitNul(stdout)) {
    const path = asBytePath(line.slice(2));
    if (HALF_WRITTEN.test(path)) continue;
    if (line.startsWith("?")) untracked.push(path);
    // What a sparse checkout leaves away is not deleted.
    else if (!line.startsWith("S")) modified.add(path);
  }
  return { modified: [...modified], untracked, pipes };
}

/** git maps a file into memory to compare it, and dies when a running command shortens the file meanwhile. */
async function retryWhenKilled<Result>(run: () => Promise<Result>, tries = 3): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (tries === 1 || !wasKilled(error)) throw error;
    return retryWhenKilled(run, tries - 1);
  }
}

function wasKilled(error: unknown): boolean {
  return error instanceof GitError && error.exitCode === undefined;
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
      return {
        path,
        size: await lstat(absolute).then(
          (found) => found.size,
          () => 0,
        ),
      };
    }),
  );
}

/** git lists nothing of what lies in a submodule's folder, so that what an agent put there would be lost unsaid. */
async function filledFolders(root: string, folders: readonly BytePath[]): Promise<BytePath[]> {
  const filled = await Promise.all(
    folders.map(async (folder) => {
      const absolute = Buffer.concat([Buffer.from(`${root}/`), pathBytes(folder)]);
      const names = await readdir(absolute).catch(() => []);
      return names.length > 0 ? [folder] : [];
    }),
  );
  return filled.flat();
}

async function untrackedFolders(gitDir: PrivateGitDir): Promise<BytePath[]> {
  const args = ["ls-files", "-z", "-o", "--directory", "--exclude-standard"];
  const { stdout } = await gitDir.git(args);
  return splitNul(stdout).filter((path) => path.endsWith("/"));
}
