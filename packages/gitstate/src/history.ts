import { createInterface } from "node:readline";
import { readCommit } from "./commit-object.ts";
import { GitError } from "./errors.ts";
import type { HistoryCommit } from "./fold.ts";
import { startGit } from "./git.ts";
import { parseMessage } from "./message.ts";
import type { ObjectStore } from "./object-store.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";

/** How many commits are asked for before the first is looked at. */
const READ_AHEAD = 64;

/** Yields commits newest first along first parents; stopping early stops git. */
export async function* firstParents(
  { gitDir, objects }: { gitDir: PrivateGitDir; objects: ObjectStore },
  from: string,
): AsyncGenerator<HistoryCommit & { readonly tree: string; readonly parents: readonly string[] }> {
  const { args, cwd, env } = gitDir.command(["rev-list", "--first-parent", "--end-of-options", from]);
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
  const ahead: ReturnType<typeof readHistoryCommit>[] = [];
  try {
    for await (const id of createInterface({ input: child.stdout })) {
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

/** Reads one commit as the fold sees it. */
export async function readHistoryCommit(objects: ObjectStore, id: string) {
  const commit = await readCommit(objects, id);
  const { subject, records } = parseMessage(commit.message);
  return { id, subject, records, author: commit.author, tree: commit.tree, parents: commit.parents };
}
