import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { archiveSession } from "./archive-session.ts";
import { forkSession } from "./fork-session.ts";
import { Repository } from "./repository.ts";
import { readPastStep, searchSteps } from "./search-steps.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";
import type { Block } from "./step-record.ts";

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
  const session = await startSession(repository, { name, config: { text: "the prompt of the system", extra: {} } });
  open.push(session);
  await session.ready;
  return session;
}

async function say(session: Session, text: string, ...more: Block[]): Promise<number> {
  const step = session.lastStep + 1;
  const blocks: Block[] = [{ type: "user", text }, ...more];
  await session.commit({ step, turn: step, blocks }, { subject: "s", author, changes: "scan", always: true });
  return step;
}

const search = (session: Session, ...words: string[]) =>
  searchSteps(repository, { session: session.id, words, limit: 5 });
const found = async (session: Session, ...words: string[]) =>
  (await search(session, ...words)).steps.map(({ step, branch }) => `${step} ${branch}`);

test("the steps in which all of the words occur, in capitals or not, the newest first", async () => {
  const session = await start("work");
  await say(session, "The Harbour is at 5432");
  await say(session, "Nothing here");
  await say(session, "harbour, 5432?", { type: "assistant", text: "It is at 5432 still." });
  expect(await found(session, "HARBOUR", "5432")).toEqual(["3 bough/work", "1 bough/work"]);
  expect(await found(session, "harbour", "nothing")).toEqual([]);
  expect((await search(session, "harbour", "5432", "still")).steps[0]?.excerpts).toEqual([
    { type: "user", tool: undefined, text: "harbour, 5432?" },
    { type: "assistant", tool: undefined, text: "It is at 5432 still." },
  ]);
});

test("the excerpt is where the words are near each other, and such steps come before newer ones", async () => {
  const session = await start("work");
  const far = `heron ${"x ".repeat(500)}`;
  await say(session, `${far}the code of the heron is 17 ${far}`);
  await say(session, `${far}the code`);
  const { steps } = await search(session, "heron", "code");
  expect(steps.map(({ step }) => step)).toEqual([1, 2]);
  expect(steps[0]?.excerpts[0]?.text).toContain("the code of the heron is 17");
});

test("what the message quotes and escapes is found as it was said", async () => {
  const session = await start("work");
  const text = 'a tab\t\\ and "quotes" \u202e bidi \u0007 bell\r\n  trailing  \n\n\nuser\n    step 7';
  await say(session, text);
  for (const word of ["tab\t\\ and", '"quotes"', "\u202e bidi \u0007", "trailing  \n\n\nuser", "\n    step 7"]) {
    expect(await found(session, word)).toEqual(["1 bough/work"]);
  }
  expect(await found(session, "\\u202e")).toEqual([]);
  expect((await readPastStep(repository, { session: session.id, step: 1 }))?.blocks[0]?.text).toBe(text);
});

test("what was rewound, what a fork said and what an archived one said is found, the own line first", async () => {
  const session = await start("work");
  await say(session, "heron one");
  await say(session, "heron two, rewound");
  await session.rewind({ turns: 1 });
  const fork = await forkSession(repository, { from: session.branch, name: "other" });
  open.push(fork);
  await fork.ready;
  await say(fork, "heron of the fork");
  await say(session, "heron at last");
  expect(await found(session, "heron")).toEqual([
    "4 bough/work",
    "2 bough/work",
    "1 bough/work",
    expect.stringMatching(/^\d bough\/other$/),
  ]);
  expect(await found(fork, "heron")).toEqual([
    expect.stringMatching(/^\d bough\/other$/),
    "2 bough/work",
    "1 bough/work",
    "4 bough/work",
  ]);
  await fork.close();
  await archiveSession(repository, fork.branch);
  expect(await found(session, "of the fork")).toEqual([expect.stringMatching(/^\d bough\/other$/)]);
});

test("sessions of another lineage are not searched, nor is what configures the own one", async () => {
  const [one, other] = [await start("one"), await start("other")];
  await say(one, "heron");
  await say(other, "heron");
  expect(await found(one, "heron")).toEqual(["1 bough/one"]);
  expect(await found(one, "system")).toEqual([]);
});

test("what no commit of the branch holds yet is found, in its last version only", async () => {
  const session = await start("work");
  await say(session, "one");
  await session.keep({ step: 2, turn: 2, blocks: [{ type: "user", text: "heron, half" }] });
  await session.keep({ step: 2, turn: 2, blocks: [{ type: "user", text: "heron, whole" }] });
  const { steps, total } = await search(session, "heron");
  expect(total).toBe(1);
  expect(steps[0]?.excerpts[0]?.text).toBe("heron, whole");
  expect(steps[0]?.commit).toBeUndefined();
  expect((await search(session, "one")).steps[0]?.commit).toBe(session.tip);
});

test("what a search found before is passed over, when told so", async () => {
  const session = await start("work");
  await say(session, "look", { type: "call", name: "Recall", id: "1", text: '{"query":"heron"}' });
  const options = { session: session.id, words: ["heron"], limit: 5 };
  expect((await searchSteps(repository, options)).total).toBe(1);
  expect((await searchSteps(repository, { ...options, exceptTools: ["Recall"] })).total).toBe(0);
});

test("no more than the limit is given, and all are counted; an excerpt is short", async () => {
  const session = await start("work");
  for (let at = 1; at <= 7; at++) await say(session, `${"x".repeat(5_000)} heron ${"y".repeat(5_000)}`);
  const { steps, total } = await search(session, "heron");
  expect([steps.length, total]).toEqual([5, 7]);
  expect(steps[0]?.excerpts[0]?.text.length).toBeLessThan(400);
  expect(steps[0]?.excerpts[0]?.text).toMatch(/^…x+ heron y+…$/);
});

test("a step is read by its number, that of another branch by both", async () => {
  const session = await start("work");
  await say(session, "one");
  const fork = await forkSession(repository, { from: session.branch, name: "other" });
  open.push(fork);
  await fork.ready;
  writeFileSync(join(session.worktree, "a.txt"), "two\n");
  await say(session, "two");
  const step = await say(fork, "two of the fork");
  const read = (options: { step: number; branch?: string }) =>
    readPastStep(repository, { session: session.id, ...options });
  expect((await read({ step: 2 }))?.blocks[0]?.text).toBe("two");
  expect((await read({ step, branch: "bough/other" }))?.blocks[0]?.text).toBe("two of the fork");
  expect(await read({ step: 99 })).toBeUndefined();
  expect(await read({ step: 1, branch: "bough/none" })).toBeUndefined();
});

test("what the user committed before is not searched", async () => {
  await user.git(
    "commit",
    "--allow-empty",
    "-m",
    'heron of the user\n\nstep 1 turn 1 +{"session":"else"}\n\nuser\n    heron',
  );
  const session = await start("work");
  await say(session, "heron");
  expect(await found(session, "heron")).toEqual(["1 bough/work"]);
});
