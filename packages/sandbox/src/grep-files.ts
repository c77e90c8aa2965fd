import { posix } from "node:path";
import { compileGlob } from "./glob.ts";
import { inPathOrder } from "./path-order.ts";
import { ripgrep } from "./ripgrep.ts";
import { searchRoot } from "./search-root.ts";
import type { WorktreeFiles } from "./worktree-files.ts";

const mostLineBytes = 500;
const mostBytes = 30_000;

/** What to search for, where, and how much of it to give. */
export interface GrepOptions {
  readonly pattern: string;
  /** File or folder to search; the worktree unless given. */
  readonly path?: string;
  /** Which files to search: a glob over names, or with a slash over paths relative to `path`. */
  readonly glob?: string;
  readonly ignoreCase?: boolean;
  /** Takes the pattern as it stands and not as a regular expression. */
  readonly literal?: boolean;
  /** How many lines to give before and after each match. */
  readonly context?: number;
  /** How many matching lines to give at most. */
  readonly limit: number;
  /** Of which worktree-relative files lines may be given; all unless given. Whether others match makes no difference. */
  readonly mayRead?: (path: string) => boolean;
  readonly signal?: AbortSignal;
}

/** A line that matches, or one of the context around it. */
export interface GrepLine {
  readonly path: string;
  readonly line: number;
  /** Cut, and said to be, when it has more than 500 bytes. */
  readonly text: string;
  readonly isMatch: boolean;
}

/** The lines that were found, and what is to be said of those that are not given. */
export interface GrepResult {
  readonly lines: readonly GrepLine[];
  /** Binary files that match, of which no line is given. */
  readonly binaryFiles: readonly string[];
  /** True when there are more matches than were given. */
  readonly more: boolean;
  /** What could not be searched, if something. */
  readonly warning: string | undefined;
}

/** Searches what git does not ignore, in the order of paths; links are not followed. */
export async function grepFiles(files: WorktreeFiles, options: GrepOptions): Promise<GrepResult> {
  const result = await search(files, options, { sorted: false });
  // Which matches come first can only be told from a search in order; with so many it ends soon.
  return result.more ? search(files, options, { sorted: true }) : inOrder(result);
}

function inOrder({ lines, binaryFiles, ...rest }: GrepResult): GrepResult {
  return {
    ...rest,
    lines: inPathOrder(lines, ({ path }) => path),
    binaryFiles: inPathOrder(binaryFiles, (path) => path),
  };
}

async function search(
  files: WorktreeFiles,
  options: GrepOptions,
  { sorted }: { sorted: boolean },
): Promise<GrepResult> {
  const { path, context = 0, limit, mayRead = () => true, signal } = options;
  const operand = await searchRoot(files, path);
  const isNamed = options.glob === undefined ? () => true : compileGlob(options.glob);
  const isWanted = (found: string) => isNamed(within(operand, found)) && mayRead(found);
  const lines: GrepLine[] = [];
  const binaryFiles: string[] = [];
  let matches = 0;
  let bytes = 0;
  let more = false;
  const { warning } = await ripgrep({
    args: grepArguments(options),
    operand,
    cwd: files.root,
    delimiter: "\n",
    sorted,
    signal,
    onRecord: (record) => {
      const binaryFile = parseBinaryNotice(record);
      if (binaryFile !== undefined && isWanted(binaryFile)) binaryFiles.push(binaryFile);
      const line = parseLine(record);
      if (line === undefined || !isWanted(line.path)) return true;
      bytes += line.path.length + Buffer.byteLength(line.text);
      if (line.isMatch) matches += 1;
      more = matches > limit || bytes > mostBytes;
      if (!more) lines.push(line);
      return !more;
    },
  });
  return { lines: more ? withoutStrayContext(lines, context) : lines, binaryFiles, more, warning };
}

function grepArguments({ pattern, ignoreCase, literal, context = 0 }: GrepOptions): string[] {
  return [
    "--line-number",
    "--with-filename",
    "--no-heading",
    "--null",
    "--crlf",
    // A file that is cut off while it is mapped would kill the search.
    "--no-mmap",
    "--engine=auto",
    `--max-columns=${mostLineBytes}`,
    "--max-columns-preview",
    `--context=${context}`,
    ...(ignoreCase ? ["--ignore-case"] : []),
    ...(literal ? ["--fixed-strings"] : []),
    ...(pattern.includes("\n") || (!literal && pattern.includes("\\n")) ? ["--multiline"] : []),
    "-e",
    pattern,
  ];
}

/** `path NUL line-number : text` for a match, with `-` for a line of context; whatever else is printed is neither. */
function parseLine(record: Buffer): GrepLine | undefined {
  const end = record.indexOf(0);
  if (end < 0) return undefined;
  const [, line, sign, text] = /^(\d+)([:-])(.*?)\r?$/s.exec(record.subarray(end + 1).toString()) ?? [];
  if (line === undefined || text === undefined) return undefined;
  return { path: withoutDot(record.subarray(0, end).toString()), line: Number(line), text, isMatch: sign === ":" };
}

function parseBinaryNotice(record: Buffer): string | undefined {
  if (record.includes(0)) return undefined;
  const [, path] =
    /^(.*?): (?:binary file matches|WARNING: stopped searching binary file)/.exec(record.toString()) ?? [];
  return path === undefined ? undefined : withoutDot(path);
}

function withoutDot(path: string): string {
  return posix.normalize(path);
}

function within(operand: string, path: string): string {
  return path === operand ? posix.basename(path) : posix.relative(operand, path);
}

/** The lines that were to lead to the match that was one too many. */
function withoutStrayContext(lines: GrepLine[], context: number): GrepLine[] {
  const last = lines.findLast((line) => line.isMatch);
  const end = lines.findLastIndex((line) => line.path === last?.path && line.line <= last.line + context);
  return lines.slice(0, end + 1);
}
