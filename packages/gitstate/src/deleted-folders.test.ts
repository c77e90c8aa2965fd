import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { forkSession } from "./fork-session.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";

let user: TemporaryRepository;
let repository: Repository;
const author = { name: "m (bough)", email: "bough@localhost" };

beforeEach(async () => {
  user = await temporaryRepository({ enter: true, files: { "a.txt": "one\n", "b/c.txt": "c\n" } });
  repository = await Repository.open(user.path);
});

afterEach(() => user[Symbol.asyncDispose]());

async function start(): Promise<Session> {
  const session = await startSession(repository, { name: "fix", config: { text: "", extra: {} } });
  await session.ready;
  await turn(session, 1);
  return session;
}

/** A turn that writes the file of its number. */
async function turn(session: Session, number: number) {
  writeFileSync(join(session.worktree, `${number}.txt`), `${number}\n`);
  const step = session.lastStep + 1;
  const record = { step, turn: number, blocks: [{ type: "user", text: `prompt ${number}` } as const] };
  return session.commit(record, { subject: "Do", author, changes: "scan", always: true });
}

async function state(session: Session) {
  await session.ready;
  const { entries } = await session.conversation();
  const names = readdirSync(session.worktree).filter((name) => name !== ".git");
  return {
    prompts: entries.flatMap((entry) => (entry.type === "step" ? entry.blocks : [])).flatMap(({ text }) => text || []),
    files: names.sort().map((name) => (name === "b" ? "b" : readFileSync(join(session.worktree, name), "utf8"))),
  };
}

const worktrees = () => dirname(dirname(repository.folders.worktrees));
const cache = () => dirname(dirname(repository.folders.cache));

test.each<[string, () => string[]]>([
  ["the state folder", () => [worktrees()]],
  ["the cache folder", () => [cache()]],
  ["both", () => [worktrees(), cache()]],
])("when %s was deleted, a session is resumed with its files and its conversation", async (_, folders) => {
  const session = await start();
  await session.keep({ step: 2, turn: 2, blocks: [{ type: "user", text: "prompt 2" }] });
  const before = await state(session);
  await session.close();
  for (const folder of folders()) rmSync(folder, { recursive: true });
  await using again = await resumeSession(await Repository.open(user.path), "fix");
  expect(await state(again)).toEqual(before);
  expect(await again.commitByHand()).toBeUndefined();
  expect(await user.git("worktree", "list", "--porcelain")).not.toContain("prunable");
});

test("an open session goes on when the cache folder is deleted between two turns", { timeout: 20_000 }, async () => {
  await using session = await start();
  for (let number = 2; number < 18; number++) await turn(session, number);
  rmSync(cache(), { recursive: true });
  expect(await session.commitByHand()).toBeUndefined();
  rmSync(cache(), { recursive: true });
  expect(await turn(session, 18)).toMatchObject({ files: ["18.txt"] });
  rmSync(cache(), { recursive: true });
  expect((await session.conversation("bough/fix")).lastTurn).toBe(18);
  rmSync(cache(), { recursive: true });
  await using fork = await forkSession(repository, { from: "fix" });
  expect((await state(fork)).prompts).toHaveLength(18);
  expect(await user.git("-C", session.worktree, "status", "--porcelain")).toBe("");
});

test("an open session whose worktree was deleted says so, commits no deletion, and is resumed with all of it", async () => {
  const session = await start();
  const before = await state(session);
  rmSync(worktrees(), { recursive: true });
  const gone = expect.objectContaining({
    reason: "worktree-gone",
    message: `The session's worktree is gone: somebody deleted ${session.worktree}. All that was committed is on the branch; close the session and resume it to have the files again.`,
  });
  await expect(session.commitByHand()).rejects.toEqual(gone);
  const record = { step: 2, turn: 2, blocks: [{ type: "user", text: "prompt 2" } as const] };
  await expect(session.commit(record, { subject: "Do", author, changes: ["1.txt"] })).rejects.toEqual(gone);
  await session.close();
  await using again = await resumeSession(repository, "fix");
  expect(await state(again)).toEqual(before);
});
