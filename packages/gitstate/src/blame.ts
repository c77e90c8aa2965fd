import { delimiter } from "node:path";
import { asBytePath, type BytePath, bytePathOf, readablePath } from "./byte-path.ts";
import { git } from "./git.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";

/** Lines of a file that stand together, by the first of them and how many there are. */
export interface LineRange {
  readonly line: number;
  readonly count: number;
}

/** Lines that one commit brought in. */
export interface BlamedLines extends LineRange {
  readonly commit: string;
  /** Where that commit has them. */
  readonly origin: { readonly path: BytePath; readonly line: number };
}

/** What is blamed. */
export interface BlameQuestion {
  /** A commit; it may stand in the folder of throwaway objects. */
  readonly commit: string;
  readonly path: BytePath;
  /** All lines, if none are given. */
  readonly ranges?: readonly LineRange[];
  /** A folder of objects to look in beside the repository's own. */
  readonly objects: string;
}

/**
 * Spaces do not count, so that who indents a line does not become its author; lines are followed when they move within
 * a file or come from another file that the same commit changed. More (`-C -C`) takes seconds in a large repository.
 */
const FOLLOW = ["-w", "-M", "-C"];

/** Finds the commits that brought in the lines of a file, in the order of the lines. */
export async function blame(gitDir: PrivateGitDir, question: BlameQuestion): Promise<BlamedLines[]> {
  const { commit, path, ranges = [], objects } = question;
  const limits = ranges.flatMap(({ line, count }) => ["-L", `${line},+${count}`]);
  const { args, cwd, env } = gitDir.command([
    ...["blame", "--incremental", "--no-textconv", ...FOLLOW, ...limits],
    ...[commit, "--", readablePath(path)],
  ]);
  const { stdout } = await git(args, { cwd, env: { ...env, GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(objects) } });
  return parseBlame(stdout).sort((a, b) => a.line - b.line);
}

/** Reads `--incremental` output: for each group of lines its numbers, what is known of the commit, and last the file. */
function parseBlame(output: Buffer): BlamedLines[] {
  const blamed: BlamedLines[] = [];
  let numbers: RegExpExecArray | undefined;
  for (const line of bytePathOf(output).split("\n")) {
    numbers = /^([0-9a-f]{40,64}) (\d+) (\d+) (\d+)$/.exec(line) ?? numbers;
    if (numbers === undefined || !line.startsWith("filename ")) continue;
    const [, commit = "", from, to, count] = numbers;
    const path = unquotePath(line.slice("filename ".length));
    blamed.push({ commit, line: Number(to), count: Number(count), origin: { path, line: Number(from) } });
  }
  return blamed;
}

const ESCAPED: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** git puts a name that holds quotes or control characters between quotes, as in a program in C. */
function unquotePath(text: string): BytePath {
  if (!text.startsWith('"')) return asBytePath(text);
  return asBytePath(
    text
      .slice(1, -1)
      .replace(/\\(?:([0-7]{3})|(.))/g, (_, octal: string | undefined, letter: string) =>
        octal === undefined ? (ESCAPED[letter] ?? letter) : String.fromCharCode(Number.parseInt(octal, 8)),
      ),
  );
}

/** The variable holds several paths; quoted, one may hold what sets them apart. */
function quoted(path: string): string {
  return path.includes(delimiter) ? `"${path.replace(/["\\]/g, "\\$&")}"` : path;
}
