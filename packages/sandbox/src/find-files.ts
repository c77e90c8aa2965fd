import { posix } from "node:path";
import { compileGlob } from "./glob.ts";
import { inPathOrder } from "./path-order.ts";
import { ripgrep } from "./ripgrep.ts";
import { searchRoot } from "./search-root.ts";
import type { WorktreeFiles } from "./worktree-files.ts";

/** How many paths beyond the limit are kept before the last of them are dropped. */
const mostUnsorted = 2_000;

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
  const first = (paths: readonly string[]) => inPathOrder(paths, (path) => path).slice(0, limit);
  let found: string[] = [];
  let total = 0;
  let hidden = 0;
  const add = (path: string, end: "" | "/") => {
    if (!isWanted(posix.relative(operand, path) || posix.basename(path))) return;
    if (!mayRead(path)) {
      hidden += 1;
      return;
    }
    total += 1;
    found.push(path + end);
    if (found.length >= limit + mostUnsorted) found = first(found);
  };
  const folders = new Set<string>();
  const { warning } = await ripgrep({
    args: ["--files", "--null"],
    operand,
    cwd: files.root,
    delimiter: "\0",
    sorted: false,
    signal,
    onRecord: (record) => {
      const file = posix.normalize(record.toString());
      if (type !== "file" && file !== operand) addFolders(folders, operand, posix.dirname(file));
      if (type !== "directory") add(file, "");
      return true;
    },
  });
  for (const folder of folders) add(folder, "/");
  return { paths: first(found), total, hidden, warning };
}

/** Adds a folder and those that it is in, up to `operand`. */
function addFolders(folders: Set<string>, operand: string, folder: string): void {
  for (let each = folder; each !== operand && each !== "." && !folders.has(each); each = posix.dirname(each)) {
    folders.add(each);
  }
}
