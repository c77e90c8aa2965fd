import { realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { copyIndex } from "./base.ts";
import { type BytePath, readablePath, splitNul, toBytePath } from "./byte-path.ts";
import { readCommit, writeCommit } from "./commit-object.ts";
import { RepositoryError, UnknownPathError } from "./errors.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Reading } from "./reading.ts";
import { isRefusedPath } from "./refused-path.ts";
import type { Repository } from "./repository.ts";
import { scanContext, scanPaths } from "./scan.ts";
import { type TreeEntry, Trees } from "./tree.ts";
import { readWorktreeFile } from "./worktree-file.ts";

/** A file as the user has it now. */
export interface PresentFile {
  readonly path: BytePath;
  readonly content: Buffer;
  /** A commit that holds it so: the user's last one, or one that nobody else sees. Undefined when git knows none of it. */
  readonly commit: string | undefined;
  /** That commit, when it was made for what is not committed. */
  readonly uncommitted: string | undefined;
}

/** Through what the present is looked at. */
export interface Present extends Reading {
  /** Where objects go that are of no use afterwards. */
  readonly throwaway: ObjectStore;
}

const NOBODY = { name: "bough", email: "bough@localhost" };

/**
 * Finds a file that a person names from where they stand, with their uncommitted edits; one that they deleted, or that
 * a sparse checkout lacks, as their last commit has it. Throws an {@link UnknownPathError} when there is none.
 */
export async function presentFile(repository: Repository, present: Present, name: string): Promise<PresentFile> {
  const path = await pathInside(repository, name);
  const { commit } = await repository.head();
  const head = commit === undefined ? undefined : { commit, tree: (await readCommit(present.objects, commit)).tree };
  const entry = head === undefined ? undefined : await new Trees(present.objects).entry(head.tree, path);
  const file = isRefusedPath(path) ? ({ type: "gone" } as const) : await readWorktreeFile(repository.root, path);
  switch (file.type) {
    case "file":
    case "link":
      return { path, content: file.content, ...(await commitOf(repository, present, { path, head, entry })) };
    case "unreadable":
      throw new RepositoryError("unreadable", `Cannot read ${readablePath(path)}: ${file.reason}.`);
    case "folder":
    case "gone": {
      if (file.type === "folder" || entry?.mode === "40000" || entry?.mode === "160000") throw isFolder(path);
      if (entry === undefined) throw await unknownPath(repository, present, path);
      const { content } = await present.objects.read(entry.id);
      return { path, content, commit, uncommitted: undefined };
    }
    default:
      return file satisfies never;
  }
}

/** Takes a path as a shell would, from the folder the person stands in, to one from the root. */
async function pathInside({ root, prefix }: Repository, name: string): Promise<BytePath> {
  const absolute = isAbsolute(name) ? name : join(root, prefix, name);
  const folder = await realpath(dirname(absolute)).catch(() => dirname(absolute));
  const path = relative(root, join(folder, basename(absolute)));
  if (path === "") throw isFolder(toBytePath("."));
  if (path !== ".." && !path.startsWith("../") && !isAbsolute(path)) return toBytePath(path);
  throw new RepositoryError("outside", `${name} is outside the repository at ${root}.`);
}

interface Place {
  readonly path: BytePath;
  readonly head: { readonly commit: string; readonly tree: string } | undefined;
  /** What the last commit has at the path. */
  readonly entry: TreeEntry | undefined;
}

async function commitOf(
  repository: Repository,
  present: Present,
  { path, head, entry }: Place,
): Promise<Pick<PresentFile, "commit" | "uncommitted">> {
  const nothing = { commit: undefined, uncommitted: undefined };
  if (head === undefined) return nothing;
  // A file that is new may be one that was moved.
  const deleted = entry === undefined ? await deletedPaths(repository, present, head.commit) : [];
  if (entry === undefined && deleted.length === 0) return nothing;
  const now = await hashNow(repository, present, { path, entry });
  if (now === undefined) return nothing;
  if (now.id === entry?.id) return { commit: head.commit, uncommitted: undefined };
  const changes = new Map([...deleted.map((gone) => [gone, undefined] as const), [path, now] as const]);
  const commit = await writeCommit(present.throwaway, {
    tree: await new Trees(present.throwaway).apply(head.tree, changes),
    parents: [head.commit],
    author: NOBODY,
    committer: NOBODY,
    committedAt: (await readCommit(present.objects, head.commit)).committedAt,
    message: "What is not committed\n",
  });
  return { commit, uncommitted: commit };
}

async function hashNow(
  { config }: Repository,
  { gitDir, throwaway }: Present,
  { path, entry }: Pick<Place, "path" | "entry">,
): Promise<TreeEntry | undefined> {
  const mode = entry === undefined ? undefined : Number.parseInt(entry.mode, 8);
  const context = scanContext(config, {
    gitDir,
    objects: throwaway,
    tracked: { mode: (asked) => (asked === path ? mode : undefined), gitlinks: () => [] },
  });
  try {
    return (await scanPaths(context, [path])).files.get(path);
  } finally {
    await context.conversions.close();
  }
}

/** Files of the last commit that the index or the checkout has no more. */
async function deletedPaths(
  { gitDir: userGitDir }: Repository,
  { gitDir }: Present,
  head: string,
): Promise<BytePath[]> {
  await copyIndex(join(userGitDir, "index"), gitDir.index);
  const [staged, unstaged] = await Promise.all([
    gitDir.git(["diff-index", "--cached", "-z", "--name-only", "--no-renames", "--diff-filter=D", head]),
    gitDir.git(["ls-files", "-z", "--deleted"]),
  ]);
  return [...splitNul(staged.stdout), ...splitNul(unstaged.stdout)];
}

function isFolder(path: BytePath): RepositoryError {
  return new RepositoryError("unreadable", `${readablePath(path)} is a folder; name a file in it.`);
}

async function unknownPath({ gitDir: userGitDir }: Repository, { gitDir }: Present, path: BytePath) {
  await copyIndex(join(userGitDir, "index"), gitDir.index);
  const { stdout } = await gitDir.git(["ls-files", "-z"]);
  return new UnknownPathError(readablePath(path), splitNul(stdout).map(readablePath));
}
