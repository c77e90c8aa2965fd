import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { BranchMovedError, LockedError } from "./errors.ts";
import { Repository } from "./repository.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";
import type { Block } from "./step-record.ts";

const author = { name: "m (bough)", email: "bough@localhost" };

function open(options: Parameters<typeof temporaryRepository>[0] = { files: { "a.txt": "one\n" } }) {
  return temporaryRepository({ enter: true, ...options });
}

async function start(repository: TemporaryRepository, name = "fix"): Promise<Session> {
  const session = await startSession(await Repository.open(repository.path), { name, config: { text: "", extra: {} } });
  await session.ready;
  return session;
}

function step(number: number, ...blocks: Block[]) {
  return { step: number, turn: 1, blocks: blocks.length > 0 ? blocks : [{ type: "assistant", text: "ok" } as const] };
}

function said(text: string): Block {
  return { type: "user", text };
}

/** What `git status` says in the session's worktree. */
function status(repository: TemporaryRepository, { worktree }: Session): Promise<string> {
  return repository.git("-C", worktree, "status", "--short");
}

function filesOf(repository: TemporaryRepository, commit: string): Promise<string> {
  return repository.git("show", "--format=", "--name-status", commit);
}

test("a step is a commit on the session's branch, by the model and with the user as committer", async () => {
  await using repository = await open();
  const before = await repository.fingerprint();
  await using session = await start(repository);
  await session.keep({ step: 1, turn: 1, blocks: [said("write b")] });
  await writeFile(join(session.worktree, "b.txt"), "new\n");
  const made = await session.commit(step(1, said("write b"), { type: "assistant", text: "Done." }), {
    subject: "Write b",
    author,
    changes: ["b.txt"],
  });
  expect(made).toMatchObject({ subject: "Write b", files: ["b.txt"] });
  expect(await repository.git("log", "-1", "--format=%an, %cn, %s", "bough/fix")).toBe("m (bough), Ada, Write b");
  expect(await repository.git("log", "--format=%s", "bough/fix")).toBe("Write b\nFirst commit");
  expect(await status(repository, session)).toBe("");
  expect(await repository.fingerprint()).toBe(before);
});

test("of all that changed a step commits the paths it is told, and a scan commits the rest", async () => {
  await using repository = await open({ files: { "a.txt": "one\n", "gone.txt": "x\n" } });
  await using session = await start(repository);
  await writeFile(join(session.worktree, "a.txt"), "two\n");
  await writeFile(join(session.worktree, "b.txt"), "new\n");
  await rm(join(session.worktree, "gone.txt"));
  await session.commit(step(1), { subject: "One", author, changes: ["a.txt"] });
  expect(await filesOf(repository, "bough/fix")).toBe("M\ta.txt");
  expect(await status(repository, session)).toBe(" D gone.txt\n?? b.txt");
  await session.commit(step(2), { subject: "Two", author, changes: "scan" });
  expect(await filesOf(repository, "bough/fix")).toBe("A\tb.txt\nD\tgone.txt");
  expect(await status(repository, session)).toBe("");
});

test("modes, links, files that became folders and folders that became files are committed by path", async () => {
  await using repository = await open({ files: { "dir/x": "x\n", file: "y\n", "a.sh": "a\n" } });
  await using session = await start(repository);
  const at = (path: string) => join(session.worktree, path);
  await rm(at("dir"), { recursive: true });
  await writeFile(at("dir"), "now a file\n");
  await rm(at("file"));
  await mkdir(at("file"));
  await writeFile(at("file/inner"), "now a folder\n");
  await chmod(at("a.sh"), 0o755);
  await symlink("a.sh", at("link"));
  await session.commit(step(1), { subject: "Swap", author, changes: ["dir", "file/inner", "a.sh", "link"] });
  const files = await repository.git("ls-tree", "-r", "--format=%(objectmode) %(path)", "bough/fix");
  expect(files).toBe("100755 a.sh\n100644 dir\n100644 file/inner\n120000 link");
  expect(await status(repository, session)).toBe("");
});

test("what a scan would leave out is left out of a step's paths too, and named", async () => {
  await using repository = await open({ files: { ".gitignore": "dist/\n" } });
  await using session = await start(repository);
  await mkdir(join(session.worktree, "dist"));
  for (const path of ["dist/x", ".env", "ok.txt"]) await writeFile(join(session.worktree, path), "x\n");
  await session.commit(step(1), { subject: "Write", author, changes: ["dist/x", ".env", "ok.txt"] });
  expect(await filesOf(repository, "bough/fix")).toBe("A\tok.txt");
  expect(session.leftOut).toEqual([
    { path: ".env", reason: "looks like a credential" },
    { path: "dist/x", reason: "ignored" },
  ]);
});

test("a step that changed no file waits for the next commit, and is read back meanwhile", async () => {
  await using repository = await open();
  await using session = await start(repository);
  expect(await session.commit(step(1, said("hi")), { subject: "Hi", author, changes: "scan" })).toBeUndefined();
  expect(await repository.git("log", "--format=%s", "bough/fix")).toBe("First commit");
  const { entries } = await session.conversation();
  expect(entries.map((entry) => entry.type === "step" && entry.step)).toEqual([0, 1]);
  await writeFile(join(session.worktree, "b.txt"), "b\n");
  await session.commit(step(2), { subject: "Write b", author, changes: ["b.txt"] });
  const message = await repository.git("log", "-1", "--format=%B", "bough/fix");
  expect(message.match(/^step \d+/gm)).toEqual(["step 0", "step 1", "step 2"]);
  expect(await repository.git("rev-parse", "refs/bough/pending/fix")).toBe(session.tip);
});

test("a turn of only chat is one empty commit", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await session.keep(step(1, said("what is this?")));
  const answer = step(1, said("what is this?"), { type: "assistant", text: "A test." });
  await session.commit(answer, { subject: "A test.", author, changes: "scan", always: true });
  expect(
    await repository.git("log", "--format=%s%d", "--decorate-refs=refs/heads", "bough/fix"),
  ).toMatchInlineSnapshot(`
    "A test. (bough/fix)
    First commit (main)"
  `);
  expect(await filesOf(repository, "bough/fix")).toBe("");
});

test("the last version of a step that was kept several times is the one that counts", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await session.keep(step(1, said("a")));
  await session.keep(step(1, said("a"), { type: "assistant", text: "b" }));
  const { entries } = await session.conversation();
  expect(entries.at(-1)).toMatchObject({ step: 1, blocks: [said("a"), { type: "assistant", text: "b" }] });
  expect(entries).toHaveLength(2);
});

test("a step is kept before the files are there", async () => {
  await using repository = await open();
  await using session = await startSession(await Repository.open(repository.path), { config: { text: "", extra: {} } });
  let isReady = false;
  const ready = session.ready.then(() => {
    isReady = true;
  });
  await session.keep(step(1, said("hi")));
  expect(isReady).toBe(false);
  await ready;
  await session.keep(step(2, said("again")));
  expect(session.lastStep).toBe(2);
});

test("what the user changes in the worktree is committed in their name, and nothing when they changed nothing", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await session.keep(step(1, said("hi")));
  expect(await session.commitByHand()).toBeUndefined();
  await writeFile(join(session.worktree, "mine.txt"), "mine\n");
  expect(await session.commitByHand()).toMatchObject({ subject: "By hand: mine.txt", files: ["mine.txt"] });
  expect(await repository.git("log", "-1", "--format=%an <%ae>%n%B", "bough/fix")).toBe(
    "Ada <ada@example.com>\nBy hand: mine.txt\n",
  );
  const { entries } = await session.conversation();
  expect(entries.map((entry) => (entry.type === "step" ? entry.step : entry.subject))).toEqual([
    0,
    "By hand: mine.txt",
    1,
  ]);
  expect(await session.base()).toBe(await repository.git("rev-parse", "main"));
});

test("without user.name the committer is bough", async () => {
  await using repository = await open();
  await writeFile(join(repository.env["HOME"] ?? "", ".gitconfig"), "");
  await using session = await start(repository);
  await session.commit(step(1), {
    subject: "Hi",
    author: { name: "a <b>\nparent x", email: "" },
    changes: [],
    always: true,
  });
  expect(await repository.git("log", "-1", "--format=%an <%ae>, %cn <%ce>", "bough/fix")).toBe(
    "a bparent x <unknown>, bough <bough@localhost>",
  );
  expect(await repository.git("fsck", "--strict")).toBe("");
});

test("a commit is never older than its parent", async () => {
  await using repository = await open();
  await repository.git("-c", "user.name=x", "commit", "--amend", "--no-edit", "--date=2099-01-01T00:00:00Z");
  const future = await repository.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "x");
  await repository.git("reset", "--soft", future);
  await using session = await start(repository);
  await session.commit(step(1), { subject: "Hi", author, changes: [], always: true });
  const [own, parent] = (await repository.git("log", "-2", "--format=%ct", "bough/fix")).split("\n").map(Number);
  expect(own).toBeGreaterThanOrEqual(parent ?? Number.NaN);
});

test("a branch that somebody else moved is not forced, and the session can be told from what git knows", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await writeFile(join(session.worktree, "a.txt"), "by the user\n");
  await repository.git("-C", session.worktree, "commit", "--all", "--amend", "--message", "Mine");
  const mine = await repository.git("rev-parse", "bough/fix");
  await writeFile(join(session.worktree, "b.txt"), "b\n");
  const commit = session.commit(step(1), { subject: "Write b", author, changes: ["b.txt"] });
  await expect(commit).rejects.toThrow(BranchMovedError);
  await expect(commit).rejects.toThrow('Branch "bough/fix" was moved by another program');
  expect(await repository.git("rev-parse", "bough/fix")).toBe(mine);
  expect(await status(repository, session)).toBe("?? b.txt");
});

test("what is committed in the worktree beside the session is taken along", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await writeFile(join(session.worktree, "a.txt"), "by a command\n");
  await repository.git("-C", session.worktree, "commit", "--all", "--message", "By a command");
  await writeFile(join(session.worktree, "b.txt"), "b\n");
  const made = await session.commit(step(1), { subject: "Write b", author, changes: ["b.txt"] });
  expect(made?.files).toEqual(["b.txt"]);
  expect(await repository.git("log", "--format=%s", "main..bough/fix")).toBe("Write b\nBy a command");
  expect(await status(repository, session)).toBe("");
  expect(await session.base()).toBe(await repository.git("rev-parse", "main"));
  await repository.git("-C", session.worktree, "commit", "--allow-empty", "--message", "And again");
  await session.commit(step(2), { subject: "Done", author, changes: "scan", always: true });
  const { entries } = await session.conversation();
  expect(entries.map((entry) => (entry.type === "step" ? entry.step : entry.subject))).toEqual([0, 1, "And again", 2]);
});

test("while another git holds the branch nothing is lost, and the next commit has it all", async () => {
  await using repository = await open();
  await using session = await start(repository);
  const lock = join(repository.path, ".git/refs/heads/bough/fix.lock");
  await writeFile(lock, "");
  await writeFile(join(session.worktree, "b.txt"), "b\n");
  const options = { subject: "Write b", author, changes: "scan" } as const;
  const error: unknown = await session.commit(step(1), options).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(LockedError);
  expect(String(error)).toContain(`it holds ${lock}`);
  await rm(lock);
  expect(await session.commit(step(1), options)).toMatchObject({ files: ["b.txt"] });
  expect(await status(repository, session)).toBe("");
});

test("while another git holds the worktree's index steps are committed, and the next one makes up for it", async () => {
  await using repository = await open();
  await using session = await start(repository);
  const lock = join((await session.ready).linked.gitDir, "index.lock");
  await writeFile(lock, "");
  await writeFile(join(session.worktree, "b.txt"), "b\n");
  await session.commit(step(1), { subject: "Write b", author, changes: "scan" });
  await rm(lock);
  await writeFile(join(session.worktree, "c.txt"), "c\n");
  await session.commit(step(2), { subject: "Write c", author, changes: "scan" });
  expect(await status(repository, session)).toBe("");
});

test("what the user staged in the worktree stays staged beside the steps", async () => {
  await using repository = await open({ files: { "a.txt": "one\n", "b.txt": "one\n" } });
  await using session = await start(repository);
  await writeFile(join(session.worktree, "a.txt"), "staged\n");
  await repository.git("-C", session.worktree, "add", "--verbose", "a.txt");
  await writeFile(join(session.worktree, "b.txt"), "two\n");
  await session.commit(step(1), { subject: "Edit b", author, changes: ["b.txt"] });
  expect(await status(repository, session)).toBe("M  a.txt");
  await session.commit(step(2), { subject: "Edit a", author, changes: ["a.txt"] });
  expect(await status(repository, session)).toBe("");
});

test("a refresh by git status is not taken for staging", async () => {
  await using repository = await open();
  await using session = await start(repository);
  for (const n of [1, 2, 3]) {
    await writeFile(join(session.worktree, "a.txt"), `${n}\n`);
    await session.commit(step(n), { subject: `Edit ${n}`, author, changes: "scan" });
    expect(await status(repository, session)).toBe("");
  }
});

test("a git that ends while it is asked is started again", async () => {
  await using repository = await open();
  const bin = join(repository.folder, "bin");
  await mkdir(bin);
  // The first of each kind dies before it has answered.
  const script = `#!/bin/sh
for kind in cat-file update-ref; do
  case " $* " in *" $kind "*) if mkdir "${bin}/$kind" 2>/dev/null; then head -c 1 >/dev/null; exit 1; fi;; esac
done
PATH="${process.env["PATH"]}" exec git "$@"
`;
  await writeFile(join(bin, "git"), script, { mode: 0o755 });
  const path = process.env["PATH"];
  process.env["PATH"] = `${bin}:${path}`;
  try {
    await using session = await start(repository);
    await writeFile(join(session.worktree, "b.txt"), "b\n");
    await session.commit(step(1), { subject: "Write b", author, changes: "scan" });
    expect(await repository.git("log", "--format=%s", "bough/fix")).toBe("Write b\nFirst commit");
  } finally {
    process.env["PATH"] = path;
  }
});

test("a session works in a repository of SHA-256 objects", async () => {
  await using repository = await open({ objectFormat: "sha256", files: { "a.txt": "one\n" } });
  await repository.write({ "a.txt": "two\n", "b.txt": "new\n" });
  await using session = await start(repository);
  await writeFile(join(session.worktree, "c.txt"), "c\n");
  await session.commit(step(1), { subject: "Write c", author, changes: ["c.txt"] });
  await writeFile(join(session.worktree, "a.txt"), "three\n");
  await session.commit(step(2), { subject: "Edit a", author, changes: "scan", always: true });
  expect(session.tip).toMatch(/^[0-9a-f]{64}$/);
  expect(await status(repository, session)).toBe("");
  expect(await repository.git("fsck", "--strict")).toBe("");
});

test("a session that did nothing is discarded without a trace", async () => {
  await using repository = await open();
  const session = await start(repository);
  await session.discard();
  expect(await repository.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
  expect((await repository.git("worktree", "list")).split("\n")).toHaveLength(1);
  await using again = await start(repository);
  expect(again.branch).toBe("bough/fix");
});

test("the diffstat counts from the base, the user's uncommitted work not included", async () => {
  await using repository = await open();
  await repository.write({ "mine.txt": "1\n2\n3\n" });
  await using session = await start(repository);
  const base = await session.base();
  expect(base).toBe(session.tip);
  await writeFile(join(session.worktree, "b.txt"), "b\n");
  await session.commit(step(1), { subject: "Write b", author, changes: "scan" });
  expect(await session.base()).toBe(base);
  expect(await session.diffstat(base ?? "")).toBe("1 file changed, 1 insertion(+)");
});

test("an unforeseen failure of git says what was attempted", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await writeFile(join(session.repository.folders.cache, "fix", "config"), "[");
  const commit = session.commit(step(1), { subject: "Hi", author, changes: "scan", always: true });
  await expect(commit).rejects.toThrow(/^Cannot commit step 1 on bough\/fix: git ls-files /);
});
