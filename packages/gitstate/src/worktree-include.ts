import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyIndex } from "./base.ts";
import { asBytePath, type BytePath, readablePath, splitNul, toBytePath } from "./byte-path.ts";
import { copyFiles, type NotCopied } from "./copy-files.ts";
import { GitError } from "./errors.ts";
import { inFolderOf } from "./in-folder.ts";
import { missingNotice } from "./missing-files.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import type { Repository } from "./repository.ts";
import { listUntracked } from "./scan.ts";
import { readWorktreeFile } from "./worktree-file.ts";

/** The file that names, in gitignore syntax, what a worktree gets of the files that are in no commit. */
const INCLUDE_FILE = ".worktreeinclude";

/** What the user's checkout has beside its commits. Of a folder that is named, nothing below it is. */
export interface OtherFiles {
  /** What `.worktreeinclude` names; undefined when there is no such file. */
  readonly included: readonly BytePath[] | undefined;
  /** What git ignores. */
  readonly ignored: readonly BytePath[];
  /** Why what is named could not be found. */
  readonly problem?: string;
}

/** Looks what the user's checkout has beside its commits, and what of it a new worktree is to get. */
export async function findOtherFiles(repository: Repository): Promise<OtherFiles> {
  try {
    return await repository.withGitDir(async (gitDir) => {
      await copyIndex(join(repository.gitDir, "index"), gitDir.index);
      return find(gitDir);
    }, repository.root);
  } catch (error) {
    // A session can do without them.
    if (!(error instanceof GitError)) throw error;
    return { included: [], ignored: [], problem: `git could not list the files that it ignores: ${error.message}` };
  }
}

/**
 * Copies what is named into a new worktree, which a private git dir looks at, and resolves to what a person should
 * know of it, a sentence each.
 */
export async function bringOtherFiles(
  { root }: Repository,
  { included, ignored, problem }: OtherFiles,
  worktree: PrivateGitDir,
): Promise<string[]> {
  if (problem !== undefined) return [`nothing was copied into the worktree: ${problem}`];
  if (included === undefined) return missingNotice(ignored, worktree.workTree);
  if (included.length === 0) return [];
  const { copied, notCopied } = await copyFiles(included.map(withoutSlash), { from: root, to: worktree.workTree });
  const names = [...notCopied, ...(await takeBackCommittable(copied, worktree))];
  if (names.length === 0) return [];
  const some = names.slice(0, NAMED).map(({ path, reason }) => `${path} (${reason})`);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return [`${INCLUDE_FILE} names what was not copied: ${some.join(", ")}${more}`];
}

/** The commit a session starts from may ignore less than the user's checkout does; its next step would commit that. */
async function takeBackCommittable(copied: readonly BytePath[], worktree: PrivateGitDir): Promise<NotCopied[]> {
  const committable = new Set((await listUntracked(worktree)).kept);
  const paths = copied.filter((path) => committable.has(path));
  for (const path of paths) await inFolderOf(worktree.workTree, path, (target) => rm(target, { force: true }));
  return paths.map((path) => ({ path: readablePath(path), reason: "git does not ignore it in this session" }));
}

/** How many files a sentence names. */
const NAMED = 3;

async function find(gitDir: PrivateGitDir): Promise<OtherFiles> {
  const [file, ignored] = await Promise.all([
    readWorktreeFile(gitDir.workTree, toBytePath(INCLUDE_FILE)),
    listOthers(gitDir, "--exclude-standard"),
  ]);
  switch (file.type) {
    case "gone":
      return { included: undefined, ignored };
    case "link":
      return { included: [], ignored, problem: `${INCLUDE_FILE} is a symbolic link, and is not followed` };
    case "folder":
      return { included: [], ignored, problem: `${INCLUDE_FILE} is a folder and not a list of files to copy` };
    case "unreadable":
      return { included: [], ignored, problem: `${INCLUDE_FILE} cannot be read: ${file.reason}` };
    case "file":
      return { included: await included(gitDir, file.content, ignored), ignored };
    default:
      return file satisfies never;
  }
}

async function included(gitDir: PrivateGitDir, rules: Buffer, ignored: readonly BytePath[]): Promise<BytePath[]> {
  // git reads what was looked at here, whatever stands in the checkout by then.
  const copy = join(gitDir.path, "include");
  await writeFile(copy, rules);
  const named = await listOthers(gitDir, `--exclude-from=${copy}`);
  const allIgnored = named.every((path) => isCovered(path, new Set(ignored)));
  const leftOut = allIgnored ? [] : (await listUntracked(gitDir)).leftOut.map(({ path }) => toBytePath(path));
  return overlap(named, topmost([...ignored, ...leftOut]));
}

/** Lists the files that are not tracked and match the rules; a folder of which every file does stands for them all. */
async function listOthers(gitDir: PrivateGitDir, rules: string): Promise<BytePath[]> {
  const { stdout } = await gitDir.git(["ls-files", "-z", "--others", "--ignored", "--directory", rules]);
  return topmost(splitNul(stdout));
}

/** git names some folders and what is in them. */
function topmost(paths: readonly BytePath[]): BytePath[] {
  const all = new Set(paths);
  return [...all].filter((path) => !foldersOver(path).some((folder) => all.has(folder)));
}

/** What both lists name, by itself or with a folder. */
function overlap(a: readonly BytePath[], b: readonly BytePath[]): BytePath[] {
  const [inA, inB] = [new Set(a), new Set(b)];
  return [...new Set([...a, ...b])].filter((path) => isCovered(path, inA) && isCovered(path, inB));
}

function isCovered(path: BytePath, paths: ReadonlySet<BytePath>): boolean {
  return paths.has(path) || foldersOver(path).some((folder) => paths.has(folder));
}

/** The folders on the way to a path, each with the slash that git puts at its end. */
function foldersOver(path: BytePath): BytePath[] {
  const names = withoutSlash(path).split("/").slice(0, -1);
  return names.map((_, i) => asBytePath(`${names.slice(0, i + 1).join("/")}/`));
}

function withoutSlash(path: BytePath): BytePath {
  return asBytePath(path.replace(/\/$/, ""));
}
