import { type BytePath, bytePathOf, readablePath } from "./byte-path.ts";
import { GitError } from "./errors.ts";
import { type FileChange, isFileChange, parseFileChanges } from "./file-changes.ts";
import { startGit } from "./git.ts";
import { parseMessage } from "./message.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import type { StepRecord } from "./step-record.ts";

/** A commit with the files it changed, compared with its first parent. */
export interface CommitWithFiles {
  readonly id: string;
  readonly parents: readonly string[];
  readonly author: string;
  readonly date: Date;
  readonly subject: string;
  readonly records: readonly StepRecord[];
  readonly files: readonly FileChange[];
}

const FORMAT = "%H%x00%P%x00%an%x00%ct%x00%B%x00";
const HEADER = 5;

/**
 * Yields commits along first parents, newest first, with the files of each unless told: one `git log` for all the tips.
 * Stopping early stops git.
 */
export async function* streamCommits(
  gitDir: PrivateGitDir,
  tips: readonly string[],
  { files: hasFiles = true }: { readonly files?: boolean } = {},
): AsyncGenerator<CommitWithFiles> {
  const { args, cwd, env } = gitDir.command([
    ...["log", "-z", "--no-color", "--no-decorate", "--no-show-signature", "--first-parent", `--format=${FORMAT}`],
    ...(hasFiles ? ["--no-ext-diff", "--no-textconv", "-M", "--diff-merges=first-parent", "--root", "--numstat"] : []),
    "--stdin",
  ]);
  const child = startGit(args, { cwd, env });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exit = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
    child.on("error", (error) => {
      stderr += error.message;
      resolve(null);
    });
  });
  child.stdin.on("error", () => {});
  child.stdin.end(`${tips.join("\n")}\n`);
  try {
    let header: BytePath[] = [];
    let files: BytePath[] = [];
    let names = 0;
    for await (const field of nulFields(child.stdout)) {
      if (header.length < HEADER) header.push(field);
      else if (names > 0) {
        files.push(field);
        names--;
      } else if (isFileChange(field)) {
        files.push(field);
        if (field.endsWith("\t")) names = 2;
      } else if (field !== "") {
        yield parseCommit(header, files);
        [header, files] = [[field], []];
      }
    }
    if (header.length === HEADER) yield parseCommit(header, files);
    const exitCode = await exit;
    if (exitCode !== 0) throw new GitError({ args: ["log"], exitCode: exitCode ?? undefined, stderr });
  } finally {
    child.kill();
  }
}

async function* nulFields(output: AsyncIterable<Buffer>): AsyncGenerator<BytePath> {
  const rest: Buffer[] = [];
  for await (const chunk of output) {
    let start = 0;
    for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, start)) {
      rest.push(chunk.subarray(start, end));
      yield bytePathOf(Buffer.concat(rest.splice(0)));
      start = end + 1;
    }
    rest.push(chunk.subarray(start));
  }
}

function parseCommit(header: readonly BytePath[], files: readonly BytePath[]): CommitWithFiles {
  const [id = "", parents = "", author = "", seconds = "", message = ""] = header.map(readablePath);
  return {
    id,
    parents: parents.split(" ").filter((parent) => parent !== ""),
    author,
    date: new Date(Number(seconds) * 1000),
    ...parseMessage(message),
    files: parseFileChanges(files),
  };
}
