import type { BigIntStats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import {
  asBytePath,
  type BytePath,
  bytePathOf,
  pathBytes,
  readablePath,
  sortedForPeople,
  splitNul,
} from "./byte-path.ts";
import { CheckoutWriteError, RepositoryError } from "./errors.ts";
import type { Replacement } from "./replace-files.ts";
import { type ScanContext, scanPaths } from "./scan.ts";
import { readTreeChanges, type TreeChange } from "./tree-changes.ts";

/** Files as they were found: their tree, and the means to look at one again. */
export interface FilesNow {
  readonly tree: string;
  readonly context: ScanContext;
}

/**
 * Works out which files of a work tree have to be replaced to bring them from one tree to another. Throws a {@link RepositoryError} when
 * a file that git does not know stands where a new one has to go.
 */
export async function planFiles(root: string, now: FilesNow, tree: string): Promise<Replacement[]> {
  return planReplacements(root, now, await readTreeChanges(now.context.gitDir, now.tree, tree));
}

/** Looks at each file once more: what git does not know of is in the way, unless it already is what has to go there. */
async function planReplacements(root: string, now: FilesNow, changes: readonly TreeChange[]): Promise<Replacement[]> {
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
    const isThere = (entry: TreeChange["after"]) => file?.id === entry?.id && file?.mode === entry?.mode;
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
async function sparsePaths({ context }: FilesNow, missing: readonly BytePath[]): Promise<ReadonlySet<BytePath>> {
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

function absolute(root: string, path: BytePath): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), pathBytes(path)]);
}
