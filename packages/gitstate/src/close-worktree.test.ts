import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { closeWorktree } from "./close-worktree.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import { startSession } from "./start-session.ts";

const author = { name: "m (bough)", email: "bough@localhost" };
const files = { "a.txt": "one\n", "b/c.txt": "c\n", ".gitignore": "*.log\nbuild/\n" };

/** A closed session `fix` of one step, and its worktree. */
async function closedSession(path: string) {
  const repository = await Repository.open(path);
  await using session = await startSession(repository, { name: "fix", config: { text: "", extra: {} } });
  await session.ready;
  await writeFile(join(session.worktree, "new.txt"), "new\n");
  await chmod(join(session.worktree, "a.txt"), 0o755);
  const record = { step: 1, turn: 1, blocks: [{ type: "user", text: "do" } as const] };
  await session.commit(record, { subject: "Do", author, changes: "scan" });
  return { repository, worktree: session.worktree };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

const list = (repository: TemporaryRepository) => repository.git("worktree", "list", "--porcelain");

test("a worktree whose files are all committed goes, and comes back with the session", async () => {
  await using temporary = await temporaryRepository({ enter: true, files });
  const { repository, worktree } = await closedSession(temporary.path);
  expect(await closeWorktree(repository, "fix")).toEqual({ type: "removed" });
  expect(await exists(worktree)).toBe(false);
  expect(await list(temporary)).not.toContain("fix");
  expect(await closeWorktree(repository, "fix")).toEqual({ type: "none" });

  await using session = await resumeSession(repository, "fix");
  await session.ready;
  expect(session.worktree).toBe(worktree);
  expect(await readFile(join(worktree, "new.txt"), "utf8")).toBe("new\n");
  expect(await session.commitByHand()).toBeUndefined();
});

test("a session that is closed for good takes its worktree along", async () => {
  await using temporary = await temporaryRepository({ enter: true, files });
  const { repository, worktree } = await closedSession(temporary.path);
  const session = await resumeSession(repository, "fix");
  await session.ready;
  await session.close({ worktree: "remove-when-safe" });
  expect(await exists(worktree)).toBe(false);
});

test("worktrees that are closed at the same time do not take each other along", async () => {
  await using temporary = await temporaryRepository({ enter: true, files });
  const repository = await Repository.open(temporary.path);
  const names = ["one", "two", "three", "four", "five", "six"];
  for (const name of names) {
    await using session = await startSession(repository, { name, config: { text: "", extra: {} } });
    await session.ready;
  }
  const closed = await Promise.all(names.map((name) => closeWorktree(repository, name)));
  expect(closed).toEqual(names.map(() => ({ type: "removed" })));
});

const git = (worktree: string, temporary: TemporaryRepository, ...args: string[]) =>
  temporary.git("-C", worktree, ...args);

test.each<[string, string, (worktree: string, temporary: TemporaryRepository) => Promise<unknown>]>([
  ["a changed file", "only it holds a.txt", (at) => writeFile(join(at, "a.txt"), "two\n")],
  ["a change of the same size", "only it holds a.txt", (at) => writeFile(join(at, "a.txt"), "eno\n")],
  ["a changed mode", "only it holds a.txt", (at) => chmod(join(at, "a.txt"), 0o644)],
  ["a deleted file", "only it holds a.txt", (at) => rm(join(at, "a.txt"))],
  ["an untracked file", "only it holds mine.txt", (at) => writeFile(join(at, "mine.txt"), "")],
  ["a file that git ignores", "only it holds x.log", (at) => writeFile(join(at, "x.log"), "")],
  ["a credential", "only it holds .env", (at) => writeFile(join(at, ".env"), "KEY=1")],
  ["a nested repository", "only it holds n/", (at, temporary) => git(at, temporary, "init", "--quiet", "n")],
  ["one among tracked files", "only it holds b/.git", (at, temporary) => git(at, temporary, "init", "--quiet", "b")],
  [
    "a change that git was told not to see",
    "only it holds a.txt",
    async (at, temporary) => {
      await git(at, temporary, "update-index", "--assume-unchanged", "a.txt");
      await writeFile(join(at, "a.txt"), "two\n");
    },
  ],
  [
    "something staged, whose file is as it was",
    "something is staged there",
    async (at, temporary) => {
      await writeFile(join(at, "a.txt"), "two\n");
      await git(at, temporary, "add", "a.txt");
      await writeFile(join(at, "a.txt"), "one\n");
    },
  ],
  [
    "a revert in progress",
    "git is in the middle of something there (MERGE_MSG)",
    (at, temporary) => git(at, temporary, "revert", "--no-commit", "HEAD"),
  ],
  [
    "commits on no branch",
    "its reflog alone leads to commits",
    async (at, temporary) => {
      await git(at, temporary, "switch", "--quiet", "--detach");
      await git(at, temporary, "commit", "--quiet", "--allow-empty", "-m", "Mine");
      await git(at, temporary, "switch", "--quiet", "bough/fix");
    },
  ],
  [
    "a lock on it",
    "git is in the middle of something there (locked)",
    (at, temporary) => git(at, temporary, "worktree", "lock", at),
  ],
])("a worktree with %s stays as it is", async (_, because, change) => {
  await using temporary = await temporaryRepository({ enter: true, files });
  const { repository, worktree } = await closedSession(temporary.path);
  await change(worktree, temporary);
  const before = [await readdir(worktree, { recursive: true }), await list(temporary)];
  const closed = await closeWorktree(repository, "fix");
  expect([await readdir(worktree, { recursive: true }), await list(temporary)]).toEqual(before);
  const onlyFiles = because.startsWith("only it holds");
  expect(closed).toEqual({ type: "kept", path: worktree, because, onlyFiles });
});

test("a worktree that a person switched to another branch is theirs", async () => {
  await using temporary = await temporaryRepository({ enter: true, files });
  const { repository, worktree } = await closedSession(temporary.path);
  await git(worktree, temporary, "switch", "--quiet", "-c", "mine");
  expect(await closeWorktree(repository, "fix")).toEqual({ type: "none" });
  expect(await exists(worktree)).toBe(true);
});

test.skipIf(process.platform !== "linux")("a worktree that a shell stands in stays", async () => {
  await using temporary = await temporaryRepository({ enter: true, files });
  const { repository, worktree } = await closedSession(temporary.path);
  const shell = spawn("cat", { cwd: join(worktree, "b") });
  await once(shell, "spawn");
  expect(await closeWorktree(repository, "fix")).toMatchObject({
    type: "kept",
    because: "somebody works in it",
    onlyFiles: false,
  });
  shell.stdin.end();
  await once(shell, "close");
  expect(await closeWorktree(repository, "fix")).toEqual({ type: "removed" });
});

test("a link in place of the worktree is not followed: what it leads to stays", async () => {
  await using temporary = await temporaryRepository({ enter: true, files });
  const { repository, worktree } = await closedSession(temporary.path);
  const home = join(temporary.folder, "home", "mine");
  await mkdir(home);
  await writeFile(join(home, "thesis.txt"), "years of work\n");
  await rename(worktree, `${worktree}-before`);
  await symlink(home, worktree);
  const closed = await closeWorktree(repository, "fix");
  expect(closed.type).not.toBe("removed");
  await expect(resumeSession(repository, "fix")).rejects.toThrow("A symbolic link stands where the session's worktree");
  expect(await readdir(home)).toEqual(["thesis.txt"]);
});

test("a link in place of the folder of all worktrees is not followed either", async () => {
  await using temporary = await temporaryRepository({ enter: true, files });
  const { repository, worktree } = await closedSession(temporary.path);
  const elsewhere = join(temporary.folder, "elsewhere");
  await rename(dirname(worktree), elsewhere);
  await symlink(elsewhere, dirname(worktree));
  expect((await closeWorktree(repository, "fix")).type).not.toBe("removed");
  expect(await readFile(join(elsewhere, "fix", "a.txt"), "utf8")).toBe("one\n");
});

test("links in the worktree go as links", async () => {
  await using temporary = await temporaryRepository({ enter: true, files });
  const { repository, worktree } = await closedSession(temporary.path);
  const outside = join(temporary.folder, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "keep.txt"), "keep\n");
  const session = await resumeSession(repository, "fix");
  await session.ready;
  await symlink(outside, join(worktree, "link"));
  await session.commitByHand();
  await session.close({ worktree: "remove-when-safe" });
  expect(await exists(worktree)).toBe(false);
  expect(await readdir(outside)).toEqual(["keep.txt"]);
});
