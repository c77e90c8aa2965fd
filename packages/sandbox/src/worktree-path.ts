import { posix } from "node:path";
import { namesDotGit } from "./dot-git.ts";
import { PathRefused } from "./path-refused.ts";

/**
 * Turns what a model gave as a path into a worktree-relative one, `.` for the worktree itself. Absolute paths have to
 * lie under one of `roots`, which all stand for the worktree. Links are not followed here.
 */
export function worktreePath(path: string, roots: readonly string[]): string {
  if (path.includes("\0")) throw new PathRefused(path, "it holds a NUL character");
  if (path === "~" || path.startsWith("~/")) {
    throw new PathRefused(path, "it is in the home folder, and only the worktree can be reached");
  }
  const relative = roots
    .map((root) => pathWithin(root, posix.resolve(root, path)))
    .find((found) => found !== undefined);
  if (relative === undefined) throw new PathRefused(path, "it leads outside the worktree");
  refuseDotGit(path, relative);
  return relative;
}

/** The part of an absolute path below `root`, `.` for the root itself, undefined when it lies elsewhere. */
export function pathWithin(root: string, path: string): string | undefined {
  const folder = root.endsWith("/") ? root : `${root}/`;
  if (`${path}/` === folder || path === folder) return ".";
  return path.startsWith(folder) ? path.slice(folder.length) : undefined;
}

function refuseDotGit(path: string, relative: string): void {
  if (relative.split("/").some(namesDotGit))
    throw new PathRefused(path, "git's own folder is not the agent's to touch");
}
