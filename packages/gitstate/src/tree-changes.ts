import { asBytePath, type BytePath, splitNul } from "./byte-path.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import type { FileMode } from "./tree.ts";

/** A file or link in a tree. */
interface FileEntry {
  readonly mode: FileMode;
  readonly id: string;
}

/** A path that two trees hold otherwise, or that only one of them holds. */
export interface TreeChange {
  readonly path: BytePath;
  readonly before: FileEntry | undefined;
  readonly after: FileEntry | undefined;
}

/** What was compared last: to merge or to land, the same two trees are looked at from several sides. */
const last = new WeakMap<PrivateGitDir, { readonly pair: string; readonly changes: readonly TreeChange[] }>();

/** Compares two trees, file by file. Submodules are left out: their commits are the user's to choose. */
export async function readTreeChanges(gitDir: PrivateGitDir, from: string, to: string): Promise<readonly TreeChange[]> {
  if (from === to) return [];
  const pair = `${from} ${to}`;
  const known = last.get(gitDir);
  if (known?.pair === pair) return known.changes;
  const changes = await compare(gitDir, from, to);
  last.set(gitDir, { pair, changes });
  return changes;
}

async function compare(gitDir: PrivateGitDir, from: string, to: string): Promise<TreeChange[]> {
  const { stdout } = await gitDir.git(["diff-tree", "-r", "-z", "--raw", "--no-renames", from, to]);
  const fields = splitNul(stdout);
  const changes: TreeChange[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [entry = "", path = asBytePath("")] = [fields[i], fields[i + 1]];
    const [beforeMode = "", afterMode = "", beforeId = "", afterId = ""] = entry.slice(1).split(" ");
    if (beforeMode === "160000" || afterMode === "160000") continue;
    changes.push({ path, before: side(beforeMode, beforeId), after: side(afterMode, afterId) });
  }
  return changes;
}

function side(mode: string, id: string): FileEntry | undefined {
  if (mode === "000000") return undefined;
  return { mode: mode === "100755" || mode === "120000" ? mode : "100644", id };
}
