import { FileMissing, FileTooLarge } from "./file-errors.ts";
import { PathRefused } from "./path-refused.ts";
import type { WorktreeFiles } from "./worktree-files.ts";

// A file that is named is read to its end, whatever is in it.
const mostBytes = 1024 ** 3;

/** The worktree-relative file or folder to search, its links followed; throws when it cannot be searched. */
export async function searchRoot(files: WorktreeFiles, path = "."): Promise<string> {
  const info = await files.stat(path);
  if (info === undefined) throw new FileMissing(path);
  if (info.kind === "other") throw new PathRefused(path, "it is neither a file nor a folder");
  if (info.kind === "file" && info.size > mostBytes) throw new FileTooLarge(path, info.size, mostBytes);
  return info.path;
}
