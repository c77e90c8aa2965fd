import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { lstat, readdir, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { copyIndex } from "./base.ts";
import { BRANCHES } from "./branch-name.ts";
import { asBytePath, type BytePath, pathBytes, readablePath, splitNul } from "./byte-path.ts";
import { GitError } from "./errors.ts";
import { GITLINK } from "./index-file.ts";
import { detachedWorktree, type LinkedWorktree, linkedWorktreeOf } from "./linked-worktree.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import type { Repository } from "./repository.ts";
import { isStoodIn } from "./standing-in.ts";

/** What came of a worktree that was to go if that loses nothing. */
export type ClosedWorktree =
  | { readonly type: "removed" }
  | { readonly type: "none" }
  | ({ readonly type: "kept"; readonly path: string } & KeptFor);

/** Why a worktree is kept. */
interface KeptFor {
  /** Ends the sentence "The worktree is kept, because …". */
  readonly because: string;
  /** Whether it is for nothing but files that no commit holds, as ignored ones. */
  readonly onlyFiles: boolean;
}

/** How the folder of a worktree is named on its way out; no session's name begins like that. */
const REMOVED = /^\.removed-[0-9a-f]{16}$/;
/** What git and bough put into the git dir of a worktree that nobody is in the middle of something in. */
const USUAL = /^(?:HEAD|ORIG_HEAD|AUTO_MERGE|FETCH_HEAD|COMMIT_EDITMSG|commondir|gitdir|index|logs|refs|bough\.lock)$/;

/**
 * Removes the worktree of a session that nobody has open, when its branch holds all that is in it. Its folder is put
 * aside at once, and a process that outlives this one deletes it.
 */
export async function closeWorktree(repository: Repository, name: string): Promise<ClosedWorktree> {
  const linked = await linkedWorktreeOf(repository, name);
  if (linked === undefined) return { type: "none" };
  const why = await whyKept(repository, linked, name);
  if (why !== undefined) return { type: "kept", path: linked.path, ...why };
  if (await isGone(linked)) {
    await rm(linked.gitDir, { recursive: true });
    return { type: "removed" };
  }
  const aside = join(dirname(linked.path), removedName());
  await rename(linked.path, aside);
  // Somebody may have written there since; by its old path nobody reaches it any more.
  const since = await whyFilesMatter(repository, { path: aside, gitDir: linked.gitDir }, BRANCHES + name);
  if (since !== undefined) {
    await rename(aside, linked.path);
    return { type: "kept", path: linked.path, ...since };
  }
  await rm(linked.gitDir, { recursive: true });
  deleteFolder(aside);
  return { type: "removed" };
}

/**
 * Removes the worktree that was kept when a session was archived, with what only it holds. Resolves to why it has to stay,
 * when somebody works in it.
 */
export async function dropDetachedWorktree(repository: Repository, name: string): Promise<string | undefined> {
  const linked = await detachedWorktree(repository, name);
  if (linked === undefined) return undefined;
  if (!(await isGone(linked))) {
    if (!(await isPlainFolder(repository, linked))) return `${linked.path} is no folder of bough's own`;
    if (await isStoodIn(linked.path)) return `somebody works in ${linked.path}`;
    const aside = join(dirname(linked.path), removedName());
    await rename(linked.path, aside);
    deleteFolder(aside);
  }
  await rm(linked.gitDir, { recursive: true });
  return undefined;
}

/** Finds the worktree that {@link closeWorktree} would remove; undefined when there is none, or it has to stay. */
export async function closableWorktree(repository: Repository, name: string): Promise<string | undefined> {
  const linked = await linkedWorktreeOf(repository, name);
  // With all the others gone too, the disk they are on may just not be mounted.
  if (linked === undefined || (await isGone({ ...linked, path: dirname(linked.path) }))) return undefined;
  return (await whyKept(repository, linked, name)) === undefined ? linked.path : undefined;
}

async function whyKept(repository: Repository, linked: LinkedWorktree, name: string): Promise<KeptFor | undefined> {
  const because = await whyInUse(repository, linked, name);
  if (because !== undefined) return { because, onlyFiles: false };
  return (await isGone(linked)) ? undefined : whyFilesMatter(repository, linked, BRANCHES + name);
}

async function whyInUse(repository: Repository, linked: LinkedWorktree, name: string): Promise<string | undefined> {
  if (!(await isGone(linked))) {
    if (!(await isPlainFolder(repository, linked))) return "it is no folder of bough's own";
    if (linked.path === repository.root || (await isStoodIn(linked.path))) return "somebody works in it";
  }
  return whyGitDirMatters(repository, linked, BRANCHES + name);
}

/** Whether somebody deleted the folder, so that only the repository's record of it is left. */
async function isGone({ path }: LinkedWorktree): Promise<boolean> {
  const error = await lstat(path).then(
    () => undefined,
    (error: unknown) => error,
  );
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Whether it is where bough puts worktrees and nothing on the way is a link: a link may lead to anything of the user's. */
async function isPlainFolder({ folders }: Repository, { path }: LinkedWorktree): Promise<boolean> {
  const all = await realpath(dirname(folders.worktrees)).catch(() => undefined);
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() === true && dirname(dirname(path)) === all && (await realpath(path)) === path;
}

/** An operation in progress, a lock, settings or refs of the worktree's own all show as something unusual. */
async function whyGitDirMatters(
  repository: Repository,
  { gitDir }: LinkedWorktree,
  branch: string,
): Promise<string | undefined> {
  const unusual = (await readdir(gitDir)).sort().find((name) => !USUAL.test(name));
  if (unusual !== undefined) return `git is in the middle of something there (${unusual})`;
  const refs = await readdir(join(gitDir, "refs"), { recursive: true, withFileTypes: true }).catch(() => []);
  if (refs.some((entry) => !entry.isDirectory())) return "it has refs of its own";
  return (await onlyItsReflogKnows(repository, gitDir, branch)) ? "its reflog alone leads to commits" : undefined;
}

/** A person who made commits on no branch finds them by the worktree's own reflog, which would go with it. */
async function onlyItsReflogKnows(repository: Repository, gitDir: string, branch: string): Promise<boolean> {
  const known = new Set(await reflogCommits(join(repository.commonDir, "logs", branch)));
  const others = (await reflogCommits(join(gitDir, "logs", "HEAD"))).filter((commit) => !known.has(commit));
  if (others.length === 0) return false;
  const input = `${others.join("\n")}\n`;
  const args = [
    "rev-list",
    "--max-count=1",
    "--ignore-missing",
    "--stdin",
    "--not",
    "--branches",
    "--tags",
    "--remotes",
  ];
  const { stdout } = await repository.git(args, { input });
  return stdout.length > 0;
}

async function reflogCommits(log: string): Promise<string[]> {
  const content = await readFile(log, "utf8").catch(() => "");
  return [...new Set([...content.matchAll(/^[0-9a-f]+ ([0-9a-f]+) /gm)].map(([, commit = ""]) => commit))];
}

/** Looks at the index and the files as git sees them, through a copy of the worktree's own index. */
function whyFilesMatter(repository: Repository, linked: LinkedWorktree, branch: string): Promise<KeptFor | undefined> {
  const look = async (gitDir: PrivateGitDir): Promise<KeptFor | undefined> => {
    await copyIndex(join(linked.gitDir, "index"), gitDir.index);
    const { stdout } = await repository.git(["rev-parse", "--verify", "--end-of-options", `${branch}^{tree}`]);
    const tree = stdout.toString().trim();
    const staged = await gitDir.git(["diff-index", "--cached", "--quiet", tree], { accept: [1] });
    if (staged.exitCode !== 0) return { because: "something is staged there", onlyFiles: false };
    const [changed, index] = await Promise.all([listChanged(gitDir), listIndex(gitDir)]);
    const [first] = [...changed, ...(await hidden(linked.path, index))];
    return first === undefined ? undefined : { because: `only it holds ${readablePath(first)}`, onlyFiles: true };
  };
  return repository.withGitDir(look, linked.path, linked.gitDir).catch((error: unknown) => {
    // An index that git cannot read, or a command that changes the files just now.
    if (error instanceof GitError) return { because: "git cannot tell what is in it", onlyFiles: false };
    throw error;
  });
}

/** Files that differ from the index, and all that is not in it, be it ignored or a repository of its own. */
async function listChanged(gitDir: PrivateGitDir): Promise<BytePath[]> {
  const args = ["ls-files", "-z", "-m", "-d", "-o", "--directory", "--no-empty-directory"];
  return splitNul((await gitDir.git(args)).stdout);
}

interface IndexLine {
  /** `H` as a rule; another where git was told not to look at the file. */
  readonly tag: string;
  readonly mode: number;
  readonly path: BytePath;
}

async function listIndex(gitDir: PrivateGitDir): Promise<IndexLine[]> {
  const { stdout } = await gitDir.git(["ls-files", "-z", "-v", "-s"]);
  return splitNul(stdout).map((line) => {
    const tab = line.indexOf("\t");
    return { tag: line.slice(0, 1), mode: Number.parseInt(line.slice(2, 8), 8), path: asBytePath(line.slice(tab + 1)) };
  });
}

/** What git would not list: changes it was told not to see, the files of submodules, repositories among tracked files. */
async function hidden(root: string, index: readonly IndexLine[]): Promise<BytePath[]> {
  const unseen = index.filter(({ tag }) => tag !== "H").map(({ path }) => path);
  const submodules = index.filter(({ mode }) => mode === GITLINK).map(({ path }) => path);
  const folders = new Set(index.flatMap(({ path }) => foldersAbove(path)));
  const found = await Promise.all([
    ...unseen.map(async (path) => ((await isThere(root, path)) ? [path] : [])),
    ...submodules.map(async (path) => ((await isFilled(root, path)) ? [path] : [])),
    ...[...folders].map(async (folder) => {
      const path = asBytePath(`${folder}/.git`);
      return (await isThere(root, path)) ? [path] : [];
    }),
  ]);
  return found.flat();
}

function foldersAbove(path: BytePath): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, i) => names.slice(0, i + 1).join("/"));
}

function isThere(root: string, path: BytePath): Promise<boolean> {
  return lstat(absolute(root, path)).then(
    () => true,
    () => false,
  );
}

async function isFilled(root: string, folder: BytePath): Promise<boolean> {
  return (await readdir(absolute(root, folder)).catch(() => [])).length > 0;
}

function absolute(root: string, path: BytePath): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), pathBytes(path)]);
}

/** As {@link REMOVED} says. */
function removedName(): string {
  return `.removed-${randomBytes(8).toString("hex")}`;
}

/** Finds folders that were put aside, of worktrees whose deletion may have been cut short. */
export async function findRemoved(worktrees: string): Promise<string[]> {
  const names = await readdir(worktrees).catch(() => []);
  return names.filter((name) => REMOVED.test(name)).map((name) => join(worktrees, name));
}

/** Has a process of its own delete what was put aside, as that takes seconds where there are many files. */
function deleteFolder(path: string): void {
  const program = 'require("node:fs").rmSync(process.argv[1], { recursive: true, force: true })';
  const child = spawn(process.execPath, ["-e", program, path], { cwd: "/", env: {}, detached: true, stdio: "ignore" });
  // What it leaves, `gc` finds. Others that are aside may still be looked at by those who put them there.
  child.on("error", () => {});
  child.unref();
}
