import { readCommit } from "./commit-object.ts";
import { GitError } from "./errors.ts";
import { startGit } from "./git.ts";
import { parseMessage } from "./message.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Reading } from "./reading.ts";

/** How many of the listed commits are asked for before the first is looked at. */
const READ_AHEAD = 64;

/** How many commits are read one by one, in no more time than it takes to start a git that lists them. */
const NEAR = 16;

/** A commit as the fold sees it, and where it stands. */
type PlacedCommit = Awaited<ReturnType<typeof readHistoryCommit>>;

/** Yields commits newest first along first parents. */
export async function* firstParents(reading: Reading, from: string): AsyncGenerator<PlacedCommit> {
  let last: string | undefined;
  let next: string | undefined = from;
  for (let count = 0; next !== undefined && count < NEAR; count++) {
    // What is not there was lost, or lies beyond the end of a shallow clone: git knows.
    const commit: PlacedCommit | undefined = await readHistoryCommit(reading.objects, next).catch(() => undefined);
    if (commit === undefined) break;
    yield commit;
    [last, next] = [next, commit.parents[0]];
  }
  if (next !== undefined)
    yield* listFirstParents(reading, last === undefined ? { from, skip: 0 } : { from: last, skip: 1 });
}

/** Has git list them; stopping early stops it. */
async function* listFirstParents(
  { gitDir, objects }: Reading,
  { from, skip }: { readonly from: string; readonly skip: number },
): AsyncGenerator<PlacedCommit> {
  const list = ["rev-list", "--first-parent", `--skip=${skip}`, "--end-of-options", from];
  const { args, cwd, env } = gitDir.command(list);
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
  const ahead: Promise<PlacedCommit>[] = [];
  try {
    for await (const id of lines(child.stdout)) {
      const read = readHistoryCommit(objects, id);
      read.catch(() => {});
      ahead.push(read);
      const next = ahead.length > READ_AHEAD ? ahead.shift() : undefined;
      if (next !== undefined) yield await next;
    }
    const exitCode = await exit;
    if (exitCode !== 0) throw new GitError({ args: ["rev-list"], exitCode: exitCode ?? undefined, stderr });
    for (const next of ahead) yield await next;
  } finally {
    child.kill();
  }
}

async function* lines(output: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of output) {
    const complete = (rest + chunk.toString("latin1")).split("\n");
    rest = complete.pop() ?? "";
    yield* complete;
  }
}

/** Reads one commit as the fold sees it. */
export async function readHistoryCommit(objects: ObjectStore, id: string) {
  const commit = await readCommit(objects, id);
  const { subject, records } = parseMessage(commit.message);
  return { id, subject, records, author: commit.author, tree: commit.tree, parents: commit.parents };
}
