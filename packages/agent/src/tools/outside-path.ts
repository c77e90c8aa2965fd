import { relative } from "node:path";
import type { WorktreeFiles } from "@bough/sandbox";

/** An absolute path outside of the worktree, as rules are asked about it: relative to the worktree. */
export function outsidePath(path: string, files: WorktreeFiles): string {
  return relative(files.root, path);
}
