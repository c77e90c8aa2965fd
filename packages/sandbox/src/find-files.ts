import { posix } from "node:path";
import { compileGlob } from "./glob.ts";
import { ripgrep } from "./ripgrep.ts";
import { searchRoot } from "./search-root.ts";
import type { WorktreeFiles } from "./worktree-files.ts";

/** What to find, where, and how much of it to give. */
export interface FindOptions {
  /** A glob over names, or with a slash over paths relative to `path`; everything unless given. */
  readonly pattern?: string;
  /** Folder to look in; the worktree unless given. */
  readonly path?: string;
  /** What to give; both unless given. */
  readonly type?: "file" | "directory";
  /** How many paths to give at most. */
  readonly limit: number;
  /** Which worktree-relative paths may be given; all unless given. */
  readonly mayRead?: (path: string) => boolean;
  readonly signal?: AbortSignal;
}

/** The paths that were found, and how many there are in all. */
export interface FindResult {
  /** Worktree-relative, in order, folders with a slash at the end. */
  readonly paths: readonly string[];
  /** How many there are, those beyond the limit included. */
  readonly total: number;
  /** How many were left out because they may not be read. */
  readonly hidden: number;
  readonly warning: string | undefined;
}

/** Finds files that git does not ignore, and the folders they are in; links are neither followed nor given. */
export async function findFiles(files: WorktreeFiles, options: FindOptions): Promise<FindResult> {
  const { pattern, path, type, limit, mayRead = () => true, signal } = options;
  const operand = await searchRoot(files, path);
  const isWanted = pattern === undefined ? () => true : compileGlob(pattern);
  const paths: string[] = [];
  let total = 0;
  let hidden = 0;
  const add = (found: string, end: "" | "/") => {
    if (!isWanted(posix.relative(operand, found) || posix.basename(found))) return;
    if (!mayRead(found)) {
      hidden += 1;
      return;
    }
    total += 1;
    if (total <= limit) paths.push(found + end);
  };
  let before: string[] = [];
  const { warning } = await ripgrep({
    args: ["--files", "--null"],
    operand,
    cwd: files.root,
    delimiter: "\0",
    sorted: true,
    signal,
    onRecord: (record) => {
      const file = posix.normalize(record.toString());
      const folders = foldersBelow(operand, file);
      // Files come folder by folder, so a folder that is not the one before is new.
      if (type !== "file") for (const folder of folders.filter((each) => !before.includes(each))) add(folder, "/");
      if (type !== "directory") add(file, "");
      before = folders;
      return true;
    },
  });
  return { paths, total, hidden, warning };
}

/** The folders that `file` is in, from the one directly in `operand` inwards. */
function foldersBelow(operand: string, file: string): string[] {
  const names = posix.relative(operand, posix.dirname(file)).split("/");
  if (names[0] === "" || names[0] === "..") return [];
  return names.map((_, index) => posix.join(operand, ...names.slice(0, index + 1)));
}
