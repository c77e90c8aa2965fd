import { lstat } from "node:fs/promises";
import { type BytePath, readablePath } from "./byte-path.ts";
import { absolutePath } from "./in-folder.ts";

/** How many are named. */
const NAMED = 5;

/** Names what git ignores at the root of the checkout and a worktree lacks, if there is any. */
export async function missingNotice(ignored: readonly BytePath[], worktree: string): Promise<string[]> {
  const atRoot = ignored.filter((path) => /^[^/]+\/?$/.test(path));
  const missing = await Promise.all(atRoot.map(async (path) => ((await isThere(worktree, path)) ? [] : [path])));
  // Folders first: what a build or an installation made is missed before a file.
  const names = missing.flat().toSorted((a, b) => Number(b.endsWith("/")) - Number(a.endsWith("/")));
  if (names.length === 0) return [];
  const some = names.slice(0, NAMED).map(readablePath).join(", ");
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  const them = names.length === 1 ? "it" : "them";
  return [
    `the worktree has no ${some}${more} (ignored by git); name ${them} in .worktreeinclude to have ${them} copied`,
  ];
}

function isThere(worktree: string, path: BytePath): Promise<boolean> {
  return lstat(absolutePath(worktree, path)).then(
    () => true,
    () => false,
  );
}
