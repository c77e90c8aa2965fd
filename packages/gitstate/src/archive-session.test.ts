import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { archiveSession } from "./archive-session.ts";
import { bundleSession } from "./bundle-session.ts";
import { forkSession } from "./fork-session.ts";
import { readDiff } from "./read-diff.ts";
import { readStep } from "./read-step.ts";
import { readTranscript } from "./read-transcript.ts";
import { Repository } from "./repository.ts";
import { resumeLast, resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { listSessions } from "./session-list.ts";
import { readLog } from "./session-log.ts";
import { startSession } from "./start-session.ts";
import { why } from "./why.ts";

let user: TemporaryRepository;
let repository: Repository;
let id: string;

beforeEach(async () => {
  user = await temporaryRepository({ enter: true, files: { "a.txt": "one\n", ".gitignore": "*.log\n" } });
  repository = await Repository.open(user.path);
  await using session = await startSession(repository, { name: "fix", config: { text: "", extra: { model: "m" } } });
  await session.ready;
  id = session.id;
  writeFileSync(join(session.worktree, "new.txt"), "new\n");
  await answer(session, "write a file");
});

afterEach(() => user[Symbol.asyncDispose]());

const author = { name: "m (bough)", email: "bough@localhost" };

async function answer(session: Session, prompt: string): Promise<void> {
  const blocks = [
    { type: "user", text: prompt },
    { type: "assistant", text: "Done." },
  ] as const;
  const record = { step: session.lastStep + 1, turn: 1, blocks };
  await session.commit(record, { subject: "Done", author, changes: "scan", always: true });
}

const refs = () => user.git("for-each-ref", "--format=%(refname)", "refs/heads/bough", "refs/bough");
const worktree = () => join(repository.folders.worktrees, "fix");

async function prompts(session: Session): Promise<string[]> {
  const { entries } = await session.conversation();
  return entries
    .flatMap((entry) => (entry.type === "step" ? entry.blocks : []))
    .map(({ text = "" }) => text)
    .filter((text) => text !== "");
}

test("an archived session is one ref and has no worktree, and resuming it brings all of it back", async () => {
  const tip = await user.git("rev-parse", "bough/fix");
  await archiveSession(repository, "bough/fix");
  expect(await refs()).toBe(`refs/bough/archive/fix-${id}`);
  expect(await user.git("log", "--format=%s", `refs/bough/archive/fix-${id}`)).toBe(
    "Archive of bough/fix\nDone\nFirst commit",
  );
  expect(await user.git("worktree", "list")).not.toContain("fix");
  expect(await resumeLast(repository)).toBeUndefined();

  await using again = await resumeSession(repository, "fix");
  await again.ready;
  expect(await refs()).toBe("refs/bough/pending/fix\nrefs/heads/bough/fix");
  expect({ id: again.id, tip: again.tip }).toEqual({ id, tip });
  expect(readFileSync(join(again.worktree, "new.txt"), "utf8")).toBe("new\n");
  expect(await prompts(again)).toEqual(["write a file", "Done."]);
});

test("records that no commit holds yet are archived and come back, though one ref leads to all", async () => {
  const session = await resumeSession(repository, "fix");
  await session.ready;
  await session.keep({ step: session.lastStep + 1, turn: 2, blocks: [{ type: "user", text: "and now?" }] });
  await session.close();
  await archiveSession(repository, id);
  expect(await user.git("log", "--graph", "--format=%s", `refs/bough/archive/fix-${id}`)).toMatchInlineSnapshot(`
    "*   Archive of bough/fix
    |\\  
    | * Records that no commit holds yet
    |/  
    * Done
    * First commit"
  `);
  await using again = await resumeSession(repository, "fix");
  expect(await prompts(again)).toEqual(["write a file", "Done.", "and now?"]);
});

test("what was changed by hand in the worktree is committed before it goes", async () => {
  writeFileSync(join(worktree(), "a.txt"), "by hand\n");
  await archiveSession(repository, "fix");
  expect(readdirSync(repository.folders.worktrees).filter((name) => !name.startsWith("."))).toEqual([]);
  expect(await user.git("show", `refs/bough/archive/fix-${id}:a.txt`)).toBe("by hand");
});

test("a worktree with files that no commit takes stays, on no branch, and the session gets it back", async () => {
  writeFileSync(join(worktree(), "x.log"), "ignored\n");
  writeFileSync(join(worktree(), ".env"), "SECRET=1\n");
  writeFileSync(join(worktree(), "a.txt"), "by hand\n");
  expect(await archiveSession(repository, "fix")).toEqual({
    type: "kept",
    path: worktree(),
    because: "only it holds .env",
    onlyFiles: true,
  });
  expect(await refs()).toBe(`refs/bough/archive/fix-${id}`);
  const tip = await user.git("rev-parse", `refs/bough/archive/fix-${id}^`);
  expect(await user.git("-C", worktree(), "status", "--short", "--branch")).toBe("## HEAD (no branch)\n?? .env");
  expect(await user.git("-C", worktree(), "rev-parse", "HEAD")).toBe(tip);
  expect(await listSessions(repository, { all: true })).toMatchObject([
    { state: "archived", worktree: { path: worktree(), exists: true } },
  ]);
  {
    await using again = await resumeSession(repository, "fix");
    await again.ready;
    expect(again.tip).toBe(tip);
    expect(await user.git("-C", worktree(), "status", "--short", "--branch")).toBe("## bough/fix\n?? .env");
    expect(readFileSync(join(worktree(), "x.log"), "utf8")).toBe("ignored\n");
    expect(await again.commitByHand()).toBeUndefined();
  }
  expect(await archiveSession(repository, "fix")).toMatchObject({ type: "kept", onlyFiles: true });
});

test("who went on in the worktree of an archived session is not taken from where they stand", async () => {
  writeFileSync(join(worktree(), "x.log"), "ignored\n");
  await archiveSession(repository, "fix");
  writeFileSync(join(worktree(), "a.txt"), "mine\n");
  await user.git("-C", worktree(), "commit", "--quiet", "--all", "--message", "mine");
  const mine = await user.git("-C", worktree(), "rev-parse", "HEAD");
  await using again = await resumeSession(repository, "fix");
  await expect(again.ready).rejects.toThrow(/stands on no branch\. Run "git switch bough\/fix" there/);
  expect(await user.git("-C", worktree(), "rev-parse", "HEAD")).toBe(mine);
});

test("a session in whose worktree git is in the middle of something stays as it is", async () => {
  writeFileSync(join(worktree(), "x.log"), "ignored\n");
  await user.git("-C", worktree(), "bisect", "start");
  const before = await refs();
  await expect(archiveSession(repository, "fix")).rejects.toThrow(
    /^fix is not archived, as its worktree would go: git is in the middle of something there \(BISECT_/,
  );
  expect(await refs()).toBe(before);
});

test("a worktree that somebody deleted does not stand in the way", async () => {
  rmSync(repository.folders.worktrees, { recursive: true });
  await archiveSession(repository, "fix");
  expect(await user.git("worktree", "list", "--porcelain")).not.toContain("prunable");
  await using again = await resumeSession(repository, "fix");
  await again.ready;
  expect(readFileSync(join(again.worktree, "new.txt"), "utf8")).toBe("new\n");
});

test("a link in place of the worktree is refused, and nothing it leads to is touched", async () => {
  const home = join(user.folder, "precious");
  mkdirSync(home);
  writeFileSync(join(home, "letter.txt"), "dear\n");
  rmSync(worktree(), { recursive: true });
  symlinkSync(home, worktree());
  await expect(archiveSession(repository, "fix")).rejects.toMatchObject({ name: "RepositoryError" });
  expect(readFileSync(join(home, "letter.txt"), "utf8")).toBe("dear\n");
  expect(readdirSync(home)).toEqual(["letter.txt"]);
});

test("a session that is open, or whose branch the user has checked out, is not archived", async () => {
  const before = await refs();
  const session = await resumeSession(repository, "fix");
  await expect(archiveSession(repository, "fix")).rejects.toMatchObject({ reason: "session-held" });
  await session.ready;
  await session.close({ worktree: "remove-when-safe" });
  await user.git("switch", "bough/fix");
  await expect(archiveSession(repository, "fix")).rejects.toMatchObject({ reason: "checked-out" });
  expect(await refs()).toBe(before);
  await expect(archiveSession(repository, "nothing")).rejects.toMatchObject({ reason: "no-session" });
});

test("an archived session is listed when asked for, read by its name and id, and forked", async () => {
  await archiveSession(repository, "fix");
  expect(await listSessions(repository)).toEqual([]);
  expect(await listSessions(repository, { all: true })).toMatchObject([
    { name: "fix", id, state: "archived", turns: 1, lastPrompt: "write a file", worktree: { exists: false } },
  ]);
  for (const name of ["bough/fix", id.slice(0, 12)]) {
    expect(await readStep(repository, name)).toMatchObject({ subject: "Done" });
    expect(await readLog(repository, { revision: name })).toMatchObject([{ session: id, branch: "bough/fix" }]);
    expect(await readTranscript(repository, name)).toMatchObject({ session: id, branch: "bough/fix" });
    expect(await readDiff(repository, [name])).toMatchObject({ branch: "bough/fix", files: [{ path: "new.txt" }] });
    expect((await bundleSession(repository, name)).toString("latin1")).toContain(`refs/bough/archive/fix-${id}\n`);
  }
  await using fork = await forkSession(repository, { from: "fix" });
  await fork.ready;
  expect(fork.name).toBe("fix.1");
  expect(await prompts(fork)).toEqual(["write a file", "Done."]);
  expect(await refs()).toContain(`refs/bough/archive/fix-${id}`);
});

test("the line that an archived session wrote is known to be its own", async () => {
  const tip = await user.git("rev-parse", "bough/fix");
  await archiveSession(repository, "fix");
  await user.git("merge", "--quiet", tip);
  expect(await why(repository, "new.txt")).toMatchObject({ origins: [{ type: "step", branch: "bough/fix" }] });
});

test("its name is not given out again, and comes back only while it is free", async () => {
  await archiveSession(repository, "fix");
  const config = { text: "", extra: {} };
  await expect(startSession(repository, { name: "fix", config })).rejects.toMatchObject({ reason: "name-taken" });
  await user.git("branch", "bough/fix", "main");
  const before = await refs();
  await expect(resumeSession(repository, id)).rejects.toMatchObject({ reason: "name-taken" });
  expect(await refs()).toBe(before);
});
