import { rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { forkSession } from "./fork-session.ts";
import { Repository } from "./repository.ts";
import { resumeLast, resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { listSessions } from "./session-list.ts";
import { readLog } from "./session-log.ts";
import { startSession } from "./start-session.ts";

let user: TemporaryRepository;
let repository: Repository;
const open: Session[] = [];

beforeEach(async () => {
  user = await temporaryRepository({ files: { "a.txt": "one\n" } });
  for (const [name, value] of Object.entries(user.env)) vi.stubEnv(name, value);
  repository = await Repository.open(user.path);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.close()));
  vi.unstubAllEnvs();
  await user[Symbol.asyncDispose]();
});

const author = { name: "model (bough)", email: "bough@localhost" };

async function start(name: string): Promise<Session> {
  const session = await startSession(repository, { name, config: { text: "", extra: { model: "test/one" } } });
  open.push(session);
  await session.ready;
  return session;
}

/** Has a session answer a prompt in one step. */
async function answer(session: Session, turn: number, prompt: string, cost?: number): Promise<void> {
  const usage = { input: 10, output: 1, ...(cost === undefined ? {} : { cost }) };
  const blocks = [
    { type: "user", text: prompt },
    { type: "assistant", text: "Yes." },
  ] as const;
  const record = { step: session.lastStep + 1, turn, extra: { model: "test/two", usage }, blocks };
  await session.commit(record, { subject: "Yes", author, changes: [], always: true });
}

async function summary(name: string) {
  return (await listSessions(repository)).find((session) => session.name === name);
}

test("a repository without sessions has none to list", async () => {
  expect(await listSessions(repository)).toEqual([]);
});

test("a session is listed with its turns, last prompt, model, cost and worktree", async () => {
  const session = await start("work");
  await answer(session, 1, "first", 0.25);
  await answer(session, 2, "second", 0.5);
  expect(await listSessions(repository)).toEqual([
    {
      name: "work",
      id: session.id,
      branch: "bough/work",
      tip: session.tip,
      state: "idle",
      subAgent: false,
      turns: 2,
      lastPrompt: "second",
      model: "test/two",
      cost: 0.75,
      costWithSubAgents: 0.75,
      worktree: { path: session.worktree, exists: true },
      lastActivity: new Date(Number(await user.git("log", "-1", "--format=%ct", "bough/work")) * 1000),
    },
  ]);
});

test("a session that was only started has the model it was configured with, and nothing else", async () => {
  await start("fresh");
  expect(await summary("fresh")).toMatchObject({
    state: "idle",
    turns: 0,
    lastPrompt: undefined,
    model: "test/one",
    cost: undefined,
  });
});

test("a cost that is not known for every reply is not known", async () => {
  const session = await start("work");
  await answer(session, 1, "first", 0.25);
  await answer(session, 2, "second");
  expect(await summary("work")).toMatchObject({ cost: undefined });
});

test("steps that no commit holds are being worked on, or were interrupted when nobody is there", async () => {
  const session = await start("work");
  await session.keep({ step: 1, turn: 1, blocks: [{ type: "user", text: "go" }] });
  expect(await summary("work")).toMatchObject({ state: "running", turns: 1, lastPrompt: "go" });
  await session.close();
  expect(await summary("work")).toMatchObject({ state: "interrupted", turns: 1, lastPrompt: "go" });
});

test("a fork counts the turns it goes on from, but what they cost is the other's", async () => {
  const session = await start("work");
  await answer(session, 1, "first", 0.25);
  await answer(session, 2, "second", 0.5);
  const fork = await resumeSession(repository, "bough/work~1");
  open.push(fork);
  await fork.ready;
  await answer(fork, 2, "another", 0.125);
  expect(await summary(fork.name)).toMatchObject({ turns: 2, lastPrompt: "another", cost: 0.125 });
});

test("a worktree that somebody removed is missing, and the rest is there", async () => {
  const session = await start("work");
  await answer(session, 1, "first");
  rmSync(session.worktree, { recursive: true });
  expect(await summary("work")).toMatchObject({ turns: 1, worktree: { path: session.worktree, exists: false } });
});

test("a session that cannot be opened, as its branch is checked out elsewhere, has no worktree", async () => {
  const session = await start("work");
  await answer(session, 1, "first");
  await session.close({ worktree: "remove-when-safe" });
  await user.git("worktree", "add", "--quiet", join(user.folder, "elsewhere"), "bough/work");
  const opened = await resumeSession(repository, "work");
  await expect(opened.ready).rejects.toThrow(/^Branch "bough\/work" is checked out in /);
  await opened.close();
  expect(await summary("work")).toMatchObject({ worktree: { path: session.worktree, exists: false } });
});

test("after the repository moved its sessions' worktrees are listed where they are", async () => {
  const session = await start("work");
  await answer(session, 1, "first");
  await session.close();
  await rename(user.path, join(user.folder, "moved"));
  repository = await Repository.open(join(user.folder, "moved"));
  expect(await summary("work")).toMatchObject({ worktree: { path: session.worktree, exists: true } });
});

test("a session's branch that was cloned and checked out is listed, without a pending ref or a worktree", async () => {
  const session = await start("work");
  await answer(session, 1, "first");
  const clone = `${user.folder}/clone`;
  await user.git("clone", "--quiet", "--branch", "bough/work", user.path, clone);
  repository = await Repository.open(clone);
  expect(await summary("work")).toMatchObject({ id: session.id, state: "idle", turns: 1, worktree: { exists: false } });
});

test("sessions that moved within one second are listed as they are gone on with", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const [one, two, three] = [await start("one"), await start("two"), await start("three")];
  for (const session of [two, three, one]) await answer(session, 1, "hi");
  expect((await listSessions(repository)).map(({ name }) => name)).toEqual(["one", "three", "two"]);
  await Promise.all(open.splice(0).map((session) => session.close()));
  const last = await resumeLast(repository);
  if (last !== undefined) open.push(last);
  expect(last?.name).toBe("one");
});

async function fork(from: string, subAgent: boolean): Promise<Session> {
  const session = await forkSession(repository, { from, subAgent });
  open.push(session);
  await session.ready;
  return session;
}

test("a sub-agent is listed after the session it works for, and is never what is gone on with unasked", async () => {
  const work = await start("work");
  await answer(work, 1, "first");
  const [child, person] = [await fork("work", true), await fork("work", false)];
  const grandchild = await fork(child.name, true);
  // A person who looks into what a sub-agent does has a line of work of their own.
  const look = await fork(child.name, false);
  const other = await start("other");
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  for (const session of [look, work, other, person, child, grandchild]) {
    vi.setSystemTime(Date.now() + 1000);
    await answer(session, session.lastStep + 1, "on");
  }
  const listed = await listSessions(repository);
  expect(listed.map(({ name, subAgent }) => (subAgent ? `(${name})` : name))).toEqual([
    "work.2",
    "other",
    "work",
    "(work.1)",
    "(work.1.1)",
    "work.1.2",
  ]);
  await Promise.all(open.splice(0).map((session) => session.close()));
  const last = await resumeLast(repository);
  if (last !== undefined) open.push(last);
  expect(last?.name).toBe("work.2");
});

test("a sub-agent's turns are its own, and what it cost is added to what its parent did", async () => {
  const work = await start("work");
  await answer(work, 1, "first", 0.5);
  const child = await fork("work", true);
  await answer(child, 2, "a task", 0.25);
  const grandchild = await fork(child.name, true);
  const listed = async () => {
    const figures = await listSessions(repository);
    return figures.map(({ name, turns, cost, costWithSubAgents }) => [name, turns, cost, costWithSubAgents]);
  };
  expect(await listed()).toEqual([
    ["work", 1, 0.5, 0.75],
    ["work.1", 1, 0.25, 0.25],
    ["work.1.1", 0, undefined, undefined],
  ]);
  await answer(grandchild, 3, "a part of it");
  expect(await listed()).toEqual([
    ["work", 1, 0.5, undefined],
    ["work.1", 1, 0.25, undefined],
    ["work.1.1", 1, undefined, undefined],
  ]);
});

test("what the user said while a turn ran is no prompt", async () => {
  const work = await start("work");
  const blocks = [
    { type: "user", text: "first" },
    { type: "assistant", text: "Yes." },
    { type: "user", text: "and quickly" },
  ] as const;
  await work.commit({ step: 1, turn: 1, blocks }, { subject: "Yes", author, changes: [], always: true });
  expect(await summary("work")).toMatchObject({ turns: 1, lastPrompt: "first" });
  expect((await readLog(repository))[0]?.entries).toMatchObject([{ turn: 1, prompt: "first" }]);
});

test("a sub-agent stays one when it is rewound to before it began, and when somebody moved its branch", async () => {
  const work = await start("work");
  await answer(work, 1, "first");
  const child = await fork("work", true);
  await answer(child, 2, "task");
  await child.rewind({ before: 1 });
  expect(await summary("work.1")).toMatchObject({ subAgent: true });
  await child.close();
  await user.git("-C", child.worktree, "reset", "--quiet", "--hard", work.tip);
  expect(await summary("work.1")).toMatchObject({ subAgent: true });
});
