import { splitNul } from "./byte-path.ts";
import { type FileChange, parseFileChanges } from "./file-changes.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";

/** Two commits; the first is undefined where the second is compared with nothing. */
export interface Sides {
  readonly from: string | undefined;
  readonly to: string;
}

/** What differs between two commits. */
export interface Difference {
  readonly files: readonly FileChange[];
  /** A patch for people; a file that is no text is only named in it. */
  readonly diff: string;
}

/** Compares two commits; files that were moved are found by what they hold. */
export async function compare(gitDir: PrivateGitDir, sides: Sides): Promise<Difference> {
  const [files, diff] = await Promise.all([compareFiles(gitDir, sides), diffTree(gitDir, sides, ["-p", "--no-color"])]);
  return { files, diff: diff.toString() };
}

/** Tells which files differ between two commits or trees. */
export async function compareFiles(gitDir: PrivateGitDir, sides: Sides): Promise<FileChange[]> {
  return parseFileChanges(splitNul(await diffTree(gitDir, sides, ["--numstat", "-z"])));
}

/** Writes a patch that `git apply` takes, byte for byte, with files that are no text. */
export function patch(gitDir: PrivateGitDir, sides: Sides): Promise<Buffer> {
  return diffTree(gitDir, sides, ["-p", "--no-color", "--binary", "--full-index"]);
}

async function diffTree(gitDir: PrivateGitDir, { from, to }: Sides, format: readonly string[]): Promise<Buffer> {
  const args = ["diff-tree", "-r", "-M", "--no-commit-id", "--no-ext-diff", "--no-textconv", ...format];
  return (await gitDir.git([...args, ...(from === undefined ? ["--root", to] : [from, to])])).stdout;
}
