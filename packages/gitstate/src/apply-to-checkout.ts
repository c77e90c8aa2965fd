import type { BigIntStats } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { copyIndex, refuseUnmerged, type Snapshot, snapshotTrees } from "./base.ts";
import { asBytePath, type BytePath, bytePathOf, pathBytes, readablePath, splitNul } from "./byte-path.ts";
import { CheckoutWriteError, RepositoryError } from "./errors.ts";
import { merge3 } from "./merge3.ts";
import { refuseOperationInProgress } from "./operation-in-progress.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import { type Reading, withReading } from "./reading.ts";
import { type Replacement, replaceFiles } from "./replace-files.ts";
import type { Repository } from "./repository.ts";
import { scanPaths } from "./scan.ts";
import type { Session } from "./session.ts";

/** What came of applying a session's changes to the user's checkout. */
export type ApplyResult =
  /** The files that were written or removed; with `preview`, those that would be. */
  | { readonly type: "applied"; readonly paths: readonly string[] }
  /** The user changed the same places; nothing was touched. */
  | { readonly type: "conflict"; readonly paths: readonly string[] }
  /** The checkout holds all that the session did. */
  | { readonly type: "up-to-date" };

/**
 * Merges what a session changed since its base into the files of the user's checkout, as uncommitted edits: index and
 * refs are not touched. All of it is written or nothing is. Throws a {@link RepositoryError} when the checkout is in
 * the middle of a merge or the like, or when a file that git does not know stands where a new one has to go, and a
 * {@link CheckoutWriteError} when writing fails.
 */
export async function applyToCheckout(
  repository: Repository,
  session: Session,
  { preview = false }: { preview?: boolean } = {},
): Promise<ApplyResult> {
  await refuseOperationInProgress(repository.gitDir);
  const base = await session.base();
  if (base === undefined) {
    throw new RepositoryError(
      "no-session",
      `The first step of ${session.branch} is gone from its history, so what the session changed cannot be told apart.`,
    );
  }
  const apply = async ({ gitDir: checkout, objects }: Reading): Promise<ApplyResult> => {
    await copyIndex(join(repository.gitDir, "index"), checkout.index);
    await refuseUnmerged(checkout, "Resolve them first.");
    const now = await snapshotTrees(repository, objects, checkout);
    const merged = await merge3({ gitDir: checkout, objects }, { base, ours: now.tree, theirs: session.tip });
    if (merged.type === "conflict") return { type: "conflict", paths: sortedForPeople(merged.paths) };
    const changes = await readChanges(checkout, now.tree, merged.tree);
    const replacements = await planReplacements(repository.root, now, changes);
    if (replacements.length === 0) return { type: "up-to-date" };
    if (!preview) await write(repository, merged.tree, replacements);
    return { type: "applied", paths: sortedForPeople(replacements.map(({ path }) => path)) };
  };
  return withReading(repository, apply, repository.root);
}

/** A file of the merged tree that the user's files lack, or have otherwise. */
interface Change {
  readonly path: BytePath;
  readonly before: { readonly mode: string; readonly id: string } | undefined;
  readonly after: { readonly mode: string; readonly id: string } | undefined;
}

async function readChanges(gitDir: PrivateGitDir, from: string, to: string): Promise<Change[]> {
  const { stdout } = await gitDir.git(["diff-tree", "-r", "-z", "--raw", "--no-renames", from, to]);
  const fields = splitNul(stdout);
  const changes: Change[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [entry = "", path = asBytePath("")] = [fields[i], fields[i + 1]];
    const [beforeMode = "", afterMode = "", beforeId = "", afterId = ""] = entry.slice(1).split(" ");
    // A submodule's commit is the user's to choose.
    if (beforeMode === "160000" || afterMode === "160000") continue;
    changes.push({ path, before: side(beforeMode, beforeId), after: side(afterMode, afterId) });
  }
  return changes;
}

function side(mode: string, id: string): Change["before"] {
  return mode === "000000" ? undefined : { mode, id };
}

/** Looks at each file once more: what git does not know of is in the way, unless it already is what has to go there. */
async function planReplacements(root: string, now: Snapshot, changes: readonly Change[]): Promise<Replacement[]> {
  const stats = new Map<BytePath, BigIntStats | undefined>();
  for (const { path } of changes) stats.set(path, await statInside(root, path));
  const { files } = await scanPaths(now.context, [...stats.keys()]);
  const known = changes.filter(({ before }) => before !== undefined);
  const absent = await sparsePaths(
    now,
    known.map(({ path }) => path).filter((path) => stats.get(path) === undefined),
  );
  const leaving = new Leaving(new Map(known.map(({ path }) => [path, stats.get(path)])));
  const inTheWay: BytePath[] = [];
  const replacements: Replacement[] = [];
  for (const { path, before, after } of changes) {
    const [seen, file] = [stats.get(path), files.get(path)];
    const isThere = (entry: Change["after"]) => file?.id === entry?.id && file?.mode === entry?.mode;
    if (before !== undefined) {
      if (!isThere(before) && !absent.has(path)) throw changedMeanwhile(path);
      replacements.push({ path, seen, replaced: after !== undefined });
    } else if (!isThere(after) || leaving.holds(path, seen)) {
      if (!leaving.holds(path, seen)) inTheWay.push(...(await obstacles(root, path, leaving)));
      replacements.push({ path, seen: undefined, replaced: true });
    }
  }
  if (inTheWay.length > 0) throw refuseObstacles(inTheWay);
  return replacements.filter(({ seen, replaced }) => seen !== undefined || replaced);
}

/** The files that go away, or aside for a new one. */
class Leaving {
  readonly #paths: ReadonlySet<BytePath>;
  readonly #byFoldedName: ReadonlyMap<string, BigIntStats | undefined>;

  constructor(stats: ReadonlyMap<BytePath, BigIntStats | undefined>) {
    this.#paths = new Set(stats.keys());
    this.#byFoldedName = new Map([...stats].map(([path, stat]) => [path.toLowerCase(), stat]));
  }

  has(path: BytePath): boolean {
    return this.#paths.has(path);
  }

  /** Whether what stands at a path is one of them by another case of its name, as file systems have it that ignore case. */
  holds(path: BytePath, found: BigIntStats | undefined): boolean {
    const leaving = this.#byFoldedName.get(path.toLowerCase());
    return found !== undefined && leaving?.ino === found.ino && leaving.dev === found.dev;
  }
}

/** Finds those of the tracked paths that a sparse checkout does not have on disk. */
async function sparsePaths({ context }: Snapshot, missing: readonly BytePath[]): Promise<ReadonlySet<BytePath>> {
  if (missing.length === 0) return new Set();
  const { stdout } = await context.gitDir.git(["ls-files", "-z", "-t", "--cached"]);
  const sparse = new Set(splitNul(stdout).filter((line) => line.startsWith("S ")));
  return new Set(missing.filter((path) => sparse.has(asBytePath(`S ${path}`))));
}

function changedMeanwhile(path: BytePath): CheckoutWriteError {
  return new CheckoutWriteError(
    `${readablePath(path)} changed in the checkout while bough looked at it. Nothing was written; try again.`,
    { lost: [] },
  );
}

function refuseObstacles(paths: readonly BytePath[]): RepositoryError {
  const all = sortedForPeople(paths);
  const some = `${all.slice(0, 5).join(", ")}${all.length > 5 ? ` and ${all.length - 5} more` : ""}`;
  return new RepositoryError(
    "in-the-way",
    `Files that git does not track stand where the session's have to go: ${some}. Move them aside, then try again.`,
  );
}

/** Finds what would be lost if a file were put at the path: what stands there, below it, or in place of its folders. */
async function obstacles(root: string, path: BytePath, leaving: Leaving): Promise<BytePath[]> {
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const folder = asBytePath(path.slice(0, slash));
    if (leaving.has(folder)) return [];
    const found = await statInside(root, folder);
    if (found === undefined) return [];
    if (!found.isDirectory()) return [folder];
  }
  const found = await statInside(root, path);
  if (found === undefined || leaving.has(path)) return [];
  if (!found.isDirectory()) return [path];
  const below = await filesBelow(root, path);
  // An empty folder is nothing to git, but it is there, and only what is emptied by this goes.
  return below.length === 0 ? [path] : below.filter((file) => !leaving.has(file));
}

async function filesBelow(root: string, folder: BytePath): Promise<BytePath[]> {
  const entries = await readdir(absolute(root, folder), { encoding: "buffer", withFileTypes: true });
  const below = await Promise.all(
    entries.map((entry) => {
      const path = asBytePath(`${folder}/${bytePathOf(entry.name)}`);
      return entry.isDirectory() ? filesBelow(root, path) : [path];
    }),
  );
  return below.flat();
}

async function statInside(root: string, path: BytePath): Promise<BigIntStats | undefined> {
  try {
    return await lstat(absolute(root, path), { bigint: true });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

async function write(repository: Repository, tree: string, replacements: readonly Replacement[]): Promise<void> {
  // In the git dir: on the file system of the checkout, as a rule, and out of the user's sight.
  const folder = await realpath(await mkdtemp(join(repository.gitDir, "bough-apply-")));
  const [newFiles, oldFiles] = [join(folder, "new"), join(folder, "old")];
  let lost = false;
  try {
    await Promise.all([mkdir(newFiles), mkdir(oldFiles)]);
    const paths = replacements.filter(({ replaced }) => replaced).map(({ path }) => path);
    await checkOut(repository, tree, paths, newFiles);
    await replaceFiles(replacements, { root: repository.root, newFiles, oldFiles });
  } catch (error) {
    lost = error instanceof CheckoutWriteError && error.lost.length > 0;
    throw error;
  } finally {
    if (!lost) await rm(folder, { recursive: true, force: true });
  }
}

/** Writes files of a tree as the checkout would have them: with the line endings and filters that the tree asks for. */
async function checkOut(
  repository: Repository,
  tree: string,
  paths: readonly BytePath[],
  folder: string,
): Promise<void> {
  await repository.withGitDir(async (gitDir) => {
    await gitDir.git(["read-tree", tree]);
    const input = Buffer.concat(paths.flatMap((path) => [pathBytes(path), Buffer.from([0])]));
    await gitDir.git(["checkout-index", "--force", "-z", "--stdin"], { input });
  }, folder);
}

function absolute(root: string, path: BytePath): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), pathBytes(path)]);
}

function sortedForPeople(paths: readonly BytePath[]): string[] {
  return [...new Set(paths.map(readablePath))].sort();
}
