import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Conversation } from "./fold.ts";
import { Repository } from "./repository.ts";
import { resumeLast, resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";

const author = { name: "m (bough)", email: "bough@localhost" };

function open(options: Parameters<typeof temporaryRepository>[0] = { files: { "a.txt": "one\n", "b/c.txt": "c\n" } }) {
  return temporaryRepository({ enter: true, ...options });
}

async function start(repository: TemporaryRepository, name = "fix"): Promise<Session> {
  const config = { text: "be good", extra: { model: "m" } };
  return startSession(await Repository.open(repository.path), { name, config });
}

async function resume(repository: TemporaryRepository, revision: string): Promise<Session> {
  const session = await resumeSession(await Repository.open(repository.path), revision);
  await session.ready;
  return session;
}

/** Does a step that writes the file of its number. */
async function edit(session: Session, step: number): Promise<string> {
  await session.ready;
  await writeFile(join(session.worktree, `${step}.txt`), `${step}\n`);
  const record = { step, turn: step, blocks: [{ type: "user", text: `prompt ${step}` } as const] };
  const made = await session.commit(record, { subject: `Write ${step}`, author, changes: "scan", always: true });
  return made?.commit ?? "";
}

/** A closed session of two steps. */
async function makeSession(repository: TemporaryRepository, name = "fix") {
  await using session = await start(repository, name);
  const first = await edit(session, 1);
  const second = await edit(session, 2);
  return { id: session.id, worktree: session.worktree, branch: session.branch, first, second };
}

function outline({ entries }: Conversation) {
  return entries.map((entry) => (entry.type === "step" ? entry.step : entry.subject));
}

test("a session is gone on with by its branch, its name, its id, its last commit, or the start of one of these", async () => {
  await using repository = await open();
  const { id, first, second, worktree } = await makeSession(repository);
  const full = ["bough/fix", "fix", "refs/heads/bough/fix", id, second];
  for (const revision of [...full, id.slice(0, 12), second.slice(0, 10)]) {
    await using session = await resume(repository, revision);
    expect(session).toMatchObject({ id, branch: "bough/fix", tip: second, lastStep: 2, worktree });
    expect(outline(await session.conversation())).toEqual([0, 1, 2]);
    expect(outline(await session.conversation(first))).toEqual([0, 1]);
    expect(await session.commitByHand()).toBeUndefined();
  }
});

test("a commit that is no branch's tip is gone on with on a fork", async () => {
  await using repository = await open();
  const made = await makeSession(repository);
  await using fork = await resume(repository, made.first);
  expect(fork).toMatchObject({ id: `${made.id}.1-1`, branch: "bough/fix.1", tip: made.first, lastStep: 2 });
  expect(outline(await fork.conversation())).toEqual([0, 1, 2]);
  expect((await fork.conversation()).config).toEqual({ type: "config", text: "be good", extra: { model: "m" } });
  await expect(readFile(join(fork.worktree, "2.txt"))).rejects.toThrow("ENOENT");
  await edit(fork, 3);
  expect(await repository.git("log", "--format=%s", "bough/fix.1")).toBe("Write 3\nWrite 1\nFirst commit");
  await using again = await resume(repository, made.first);
  expect(again).toMatchObject({ id: `${made.id}.1-2`, branch: "bough/fix.2" });
});

test("a commit that a fork stands on without having done anything is still the session's own", async () => {
  await using repository = await open();
  const made = await makeSession(repository);
  await using fork = await resume(repository, made.first);
  await using session = await resume(repository, "bough/fix");
  await repository.git("-C", session.worktree, "reset", "--hard", made.first);
  await session.close();
  await using found = await resume(repository, made.first);
  expect([fork.id, found.id]).toEqual([`${made.id}.1-1`, made.id]);
});

test("a session that only stands on the user's commit is not what that commit names", async () => {
  await using repository = await open();
  await using session = await start(repository);
  expect(session.tip).toBe(await repository.git("rev-parse", "main"));
  await expect(resume(repository, "main")).rejects.toThrow(/^No session led to [0-9a-f]{12}/);
});

test("what names nothing is refused", async () => {
  await using repository = await open();
  await makeSession(repository);
  for (const revision of ["nothing", "bough/nothing", "--help", "HEAD~99", "", "01jd3x"]) {
    await expect(resume(repository, revision)).rejects.toThrow(/names no branch, commit or session here/);
  }
});

test("the start of several sessions' ids is refused as that", async () => {
  await using repository = await open();
  const made = await makeSession(repository);
  await using _fork = await resume(repository, made.first);
  await expect(resume(repository, made.id.slice(0, 12))).rejects.toThrow(
    /begins the ids of several sessions: fix, fix\.1/,
  );
});

test("the session that moved last is the one gone on with", async () => {
  await using repository = await open();
  expect(await resumeLast(await Repository.open(repository.path))).toBeUndefined();
  await makeSession(repository, "one");
  await makeSession(repository, "two");
  await using last = await resumeLast(await Repository.open(repository.path));
  expect(last?.name).toBe("two");
});

test("of sessions that moved within one second the later one is gone on with", async () => {
  await using repository = await open();
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  await makeSession(repository, "one");
  await makeSession(repository, "two");
  await using one = await resume(repository, "one");
  await edit(one, 3);
  await one.close();
  await using last = await resumeLast(await Repository.open(repository.path));
  expect(last?.name).toBe("one");
});

test("a worktree that was deleted is made again", async () => {
  await using repository = await open();
  const { worktree } = await makeSession(repository);
  await rm(worktree, { recursive: true });
  await using session = await resume(repository, "fix");
  expect(await readFile(join(worktree, "2.txt"), "utf8")).toBe("2\n");
  expect(await repository.git("-C", worktree, "status", "--short")).toBe("");
  expect(await session.commitByHand()).toBeUndefined();
});

test("a worktree that was deleted, pruned and had its cache deleted is made again", async () => {
  await using repository = await open();
  const { worktree } = await makeSession(repository);
  await rm(worktree, { recursive: true });
  await repository.git("worktree", "prune");
  await rm(join(repository.folder, "home/.cache"), { recursive: true });
  await using session = await resume(repository, "fix");
  expect(await repository.git("-C", worktree, "status", "--short")).toBe("");
  expect(await session.commitByHand()).toBeUndefined();
});

test("deleting the cache loses nothing, uncommitted changes included", async () => {
  await using repository = await open();
  const { worktree } = await makeSession(repository);
  await rm(join(repository.folder, "home/.cache"), { recursive: true });
  await writeFile(join(worktree, "1.txt"), "changed\n");
  await using session = await resume(repository, "fix");
  expect(await session.commitByHand()).toMatchObject({ files: ["1.txt"] });
  expect(await repository.git("-C", worktree, "status", "--short")).toBe("");
});

test("files that were deleted in the worktree while nobody looked are deleted by hand", async () => {
  await using repository = await open();
  const { worktree } = await makeSession(repository);
  for (const path of ["1.txt", "2.txt", "a.txt", "b"]) await rm(join(worktree, path), { recursive: true });
  await using session = await resume(repository, "fix");
  expect((await session.commitByHand())?.files).toEqual(["1.txt", "2.txt", "a.txt", "b/c.txt"]);
});

test("a checkout that was cut short is done again, and nothing counts as deleted", async () => {
  await using repository = await open();
  const { worktree } = await makeSession(repository);
  const linked = dirname((await readFile(join(worktree, ".git"), "utf8")).slice("gitdir: ".length));
  await writeFile(join(linked, "fix/bough-checkout"), "");
  await rm(join(worktree, "1.txt"));
  await writeFile(join(worktree, "a.txt"), "on");
  await using session = await resume(repository, "fix");
  expect(await session.commitByHand()).toBeUndefined();
  expect(await readFile(join(worktree, "a.txt"), "utf8")).toBe("one\n");
});

test("a worktree whose .git file is gone gets it back, and its files are kept", async () => {
  await using repository = await open();
  const { worktree } = await makeSession(repository);
  await rm(join(worktree, ".git"));
  await writeFile(join(worktree, "mine.txt"), "mine\n");
  await using session = await resume(repository, "fix");
  expect(await session.commitByHand()).toMatchObject({ files: ["mine.txt"] });
  expect(await repository.git("-C", worktree, "status", "--short")).toBe("");
});

test("a worktree on another branch is refused with what to do", async () => {
  await using repository = await open();
  const { worktree } = await makeSession(repository);
  await repository.git("-C", worktree, "checkout", "-b", "mine");
  await expect(resume(repository, "fix")).rejects.toThrow(
    `The session's worktree ${worktree} stands on "mine". Run "git switch bough/fix" there, then try again.`,
  );
});

test("a branch that the user has checked out is refused with where", async () => {
  await using repository = await open();
  const { worktree } = await makeSession(repository);
  await repository.git("worktree", "remove", "--force", worktree);
  await repository.git("checkout", "bough/fix");
  await expect(resume(repository, "fix")).rejects.toThrow(`Branch "bough/fix" is checked out in ${repository.path}.`);
});

test("steps that no commit held are in the conversation, and recovering commits them with what their call changed", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await edit(session, 1);
  const call = { type: "call", name: "Bash", id: "1", text: "{}" } as const;
  await session.keep({ step: 2, turn: 2, blocks: [{ type: "assistant", text: "Let me see." }, call] });
  await writeFile(join(session.worktree, "made-by-bash.txt"), "x\n");
  await session.close();
  await using again = await resume(repository, "fix");
  expect(again.lastStep).toBe(2);
  expect((await again.conversation()).entries.at(-1)).toMatchObject({
    step: 2,
    blocks: [{}, call, { text: "interrupted" }],
  });
  expect(await again.recover(author)).toMatchObject({ subject: "Interrupted", files: ["made-by-bash.txt"] });
  expect(await repository.git("log", "-1", "--format=%an", "bough/fix")).toBe("m (bough)");
  expect(await again.recover(author)).toBeUndefined();
});

test("without an open call what changed is the user's, also after a crash", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await session.keep({ step: 1, turn: 1, blocks: [{ type: "user", text: "hi" }] });
  await session.ready;
  await writeFile(join(session.worktree, "mine.txt"), "x\n");
  await session.close();
  await using again = await resume(repository, "fix");
  expect(await again.recover(author)).toMatchObject({ files: [] });
  expect(await again.commitByHand()).toMatchObject({ files: ["mine.txt"] });
});

test("a session that was only begun has nothing to recover", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await session.close();
  await using again = await resume(repository, "fix");
  expect(await again.recover(author)).toBeUndefined();
  expect(outline(await again.conversation())).toEqual([0]);
});

test("what was kept is still there when the user moved the branch meanwhile", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await edit(session, 1);
  await edit(session, 2);
  await session.keep({ step: 3, turn: 3, blocks: [{ type: "user", text: "and?" }] });
  await session.close();
  await repository.git("-C", session.worktree, "reset", "--hard", "HEAD~1");
  await writeFile(join(session.worktree, "a.txt"), "mine\n");
  await repository.git("-C", session.worktree, "commit", "--all", "--message", "Mine");
  await using again = await resume(repository, "fix");
  expect(outline(await again.conversation())).toEqual([0, 1, "Mine", 3]);
  expect(again.lastStep).toBe(3);
});

test("the number of a step that the user took off the branch is not given out again", async () => {
  await using repository = await open();
  const { worktree } = await makeSession(repository);
  await repository.git("-C", worktree, "reset", "--hard", "HEAD~1");
  await using session = await resume(repository, "fix");
  expect(outline(await session.conversation())).toEqual([0, 1]);
  expect(session.lastStep).toBe(2);
});

test("a rebase, a squash and a reorder by the user need nothing special", async () => {
  await using repository = await open();
  await using session = await start(repository);
  for (const step of [1, 2, 3, 4]) await edit(session, step);
  await session.close();
  await repository.write({ "upstream.txt": "x\n" });
  await repository.commitAll("Upstream");
  await repository.git("-C", session.worktree, "rebase", "main");
  await repository.git("-C", session.worktree, "reset", "--soft", "HEAD~2");
  const message = await repository.git("-C", session.worktree, "log", "--reverse", "--format=%B", "ORIG_HEAD", "-2");
  await writeFile(join(repository.folder, "message"), `Squashed\n\n${message}`);
  await repository.git("-C", session.worktree, "commit", "--file", join(repository.folder, "message"));
  await using again = await resume(repository, "fix");
  expect(outline(await again.conversation())).toEqual([0, 1, 2, 3, 4]);
  expect(await again.commitByHand()).toBeUndefined();
});

test("a name is taken while a session, an archive or a folder of files has it, whatever its case", async () => {
  await using repository = await open();
  const { worktree, id } = await makeSession(repository);
  await expect(start(repository, "fix")).rejects.toThrow('There is, or was, a session named "fix"');
  await expect(start(repository, "FIX")).rejects.toThrow('"FIX" cannot name a session');
  await repository.git("update-ref", `refs/bough/archive/Old-${id}.7-1`, "main");
  await expect(start(repository, "old")).rejects.toThrow('a session named "old"');
  await mkdir(join(dirname(worktree), "left"));
  await expect(start(repository, "left")).rejects.toThrow('a session named "left"');
  const opened = await Repository.open(repository.path);
  await using other = await startSession(opened, { topic: "Fix", config: { text: "", extra: {} } });
  expect(other.name).toBe("fix-2");
});

test("sessions that start at once get names of their own", async () => {
  await using repository = await open();
  const opened = await Repository.open(repository.path);
  const options = { topic: "Fix", config: { text: "", extra: {} } };
  const sessions = await Promise.all([1, 2, 3, 4].map(() => startSession(opened, options)));
  expect(sessions.map(({ name }) => name).toSorted()).toEqual(["fix", "fix-2", "fix-3", "fix-4"]);
  await Promise.all(sessions.map(async (session, i) => edit(session, i + 1)));
  await Promise.all(sessions.map((session) => session.close()));
  expect(await repository.git("fsck", "--strict")).toBe("");
});

test("a repository that moved keeps its sessions", async () => {
  await using repository = await open();
  const { second } = await makeSession(repository);
  const moved = join(repository.folder, "moved");
  await rename(repository.path, moved);
  try {
    await expect(
      resumeSession(await Repository.open(moved), "fix").then(async (session) => {
        await using open = session;
        await open.ready;
        return open.tip;
      }),
    ).resolves.toBe(second);
  } finally {
    await rename(moved, repository.path);
  }
});
