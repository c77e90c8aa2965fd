import { copyFile, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { asBytePath, type BytePath, readablePath, splitNul } from "./byte-path.ts";
import { readCommit, writeCommit } from "./commit-object.ts";
import { RepositoryError } from "./errors.ts";
import { GITLINK } from "./index-file.ts";
import type { LeftOut } from "./left-out.ts";
import type { ObjectStore } from "./object-store.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import type { Head, Repository } from "./repository.ts";
import { type ScanContext, scan, scanContext, type Tracked } from "./scan.ts";
import { Trees } from "./tree.ts";

/** The state a session starts from. */
export interface Base {
  readonly commit: string;
  readonly tree: string;
  readonly leftOut: readonly LeftOut[];
}

/** Takes the last commit as it is, leaving uncommitted work aside. */
export async function cleanBase(repository: Repository, objects: ObjectStore): Promise<Base> {
  const head = await repository.head();
  if (head.commit !== undefined) {
    return { commit: head.commit, tree: (await readCommit(objects, head.commit)).tree, leftOut: [] };
  }
  const tree = await objects.write("tree", Buffer.alloc(0));
  return {
    commit: await commitBase(repository, objects, { tree, parents: [], where: whereIs(head) }),
    tree,
    leftOut: [],
  };
}

/**
 * Takes the user's present state, staged and unstaged and untracked, without touching their index: the commit they
 * stand on when nothing differs from it, else a snapshot on top, with what is staged as a second parent.
 */
export async function snapshotBase(
  repository: Repository,
  objects: ObjectStore,
  checkout: PrivateGitDir,
): Promise<Base> {
  await copyIndex(join(repository.gitDir, "index"), checkout.index);
  const [{ staged, tree, leftOut }, head] = await Promise.all([
    snapshotTrees(repository, objects, checkout).catch(async (error: unknown) => {
      await refuseUnmerged(checkout, "Resolve them, or start from the last commit with --clean.");
      throw error;
    }),
    readHead(repository, objects),
  ]);
  if (head.commit !== undefined && head.tree === tree && staged === tree) return { commit: head.commit, tree, leftOut };
  const where = whereIs(head);
  const parents = head.commit === undefined ? [] : [head.commit];
  if (staged !== head.tree && head.commit !== undefined) {
    parents.push(await commitBase(repository, objects, { tree: staged, parents, where, what: "Staged changes" }));
  }
  return { commit: await commitBase(repository, objects, { tree, parents, where }), tree, leftOut };
}

async function readHead(repository: Repository, objects: ObjectStore): Promise<Head & { tree: string | undefined }> {
  const head = await repository.head();
  return { ...head, tree: head.commit === undefined ? undefined : (await readCommit(objects, head.commit)).tree };
}

/** What the user has: the tree that is staged, the tree of all their files, and the means to look at a file again. */
export interface Snapshot {
  readonly staged: string;
  readonly tree: string;
  readonly leftOut: readonly LeftOut[];
  readonly context: ScanContext;
}

/** Writes the trees of the user's present state, seen through a private git dir that has a copy of their index. */
export async function snapshotTrees(
  repository: Repository,
  objects: ObjectStore,
  checkout: PrivateGitDir,
): Promise<Snapshot> {
  const tracked = await trackedModes(repository, checkout);
  const context = scanContext(repository.config, { gitDir: checkout, objects, tracked });
  const [staged, { files, leftOut }] = await Promise.all([
    checkout.git(["write-tree"]).then(({ stdout }) => stdout.toString().trim()),
    scan(context),
  ]);
  await context.conversions.close();
  return { staged, tree: await new Trees(objects).apply(staged, files), leftOut, context };
}

/** An index with unresolved conflicts has no tree. */
export async function refuseUnmerged(checkout: PrivateGitDir, advice: string): Promise<void> {
  const { stdout } = await checkout.git(["ls-files", "-z", "--unmerged"]);
  const paths = [...new Set(splitNul(stdout).map((line) => readablePath(line).replace(/^[^\t]*\t/, "")))];
  if (paths.length === 0) return;
  const some = `${paths.slice(0, 5).join(", ")}${paths.length > 5 ? ` and ${paths.length - 5} more` : ""}`;
  throw new RepositoryError("unmerged", `The checkout has unresolved conflicts in ${some}. ${advice}`);
}

async function commitBase(
  repository: Repository,
  objects: ObjectStore,
  base: { readonly tree: string; readonly parents: readonly string[]; readonly where: string; readonly what?: string },
): Promise<string> {
  const { tree, parents, where, what = parents.length === 0 ? "Files" : "Uncommitted changes" } = base;
  const parent = parents[0] === undefined ? undefined : await readCommit(objects, parents[0]);
  return writeCommit(objects, {
    tree,
    parents,
    author: repository.identity,
    committer: repository.identity,
    committedAt: Math.max(Math.floor(Date.now() / 1000), parent?.committedAt ?? 0),
    message: `${what} on ${where}, where a session starts\n`,
  });
}

function whereIs({ branch, commit }: Head): string {
  return branch ?? commit?.slice(0, 12) ?? "no commit";
}

/** Submodules, and what the file system cannot say of a path's mode. */
async function trackedModes({ config, root }: Repository, checkout: PrivateGitDir): Promise<Tracked> {
  const modes = new Map<BytePath, number>();
  const isPlain = config.boolean("core.filemode") !== false && config.boolean("core.symlinks") !== false;
  // Elsewhere only submodules matter, and as a rule they come with a .gitmodules.
  if (!isPlain || (await hasSubmodules(root))) {
    const { stdout } = await checkout.git(["ls-files", "-z", "--stage"]);
    for (const line of splitNul(stdout)) {
      modes.set(asBytePath(line.slice(line.indexOf("\t") + 1)), Number.parseInt(line.slice(0, 6), 8));
    }
  }
  const gitlinks = [...modes].filter(([, mode]) => mode === GITLINK).map(([path]) => path);
  return { mode: (path) => modes.get(path), gitlinks: () => gitlinks };
}

function hasSubmodules(root: string): Promise<boolean> {
  return stat(join(root, ".gitmodules")).then(
    () => true,
    () => false,
  );
}

/** Copies an index with a time no later than its own, or git would miss an edit that kept a file's size. */
export async function copyIndex(from: string, to: string): Promise<void> {
  const found = await stat(from).catch(() => undefined);
  if (found === undefined) return;
  await copyFile(from, to);
  const seconds = Math.floor(found.mtimeMs / 1000);
  await utimes(to, seconds, seconds);
}
