import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bundleSession } from "./bundle-session.ts";
import { readTranscript } from "./read-transcript.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";
import type { Block } from "./step-record.ts";

let user: TemporaryRepository;
let repository: Repository;
let session: Session | undefined;

beforeEach(async () => {
  user = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
  repository = await Repository.open(user.path);
});

afterEach(async () => {
  await session?.close();
  session = undefined;
  await user[Symbol.asyncDispose]();
});

const author = { name: "test/one (bough)", email: "bough@localhost" };
const extra = { model: "test/one", usage: { input: 7, output: 2, cost: 0.25 } };
const said = (prompt: string): Block[] => [
  { type: "user", text: prompt },
  { type: "assistant", text: "Done." },
];

/** A session of two turns, with a commit of the user's between them and a step that no commit holds. */
async function conversation(): Promise<Session> {
  session = await startSession(repository, { name: "work", config: { text: "Be brief.", extra: {} } });
  await session.ready;
  writeFileSync(join(session.worktree, "a.txt"), "one\ntwo\n");
  const options = { subject: "Write two", author, changes: "scan", always: true } as const;
  await session.commit({ step: 1, turn: 1, extra, blocks: said("write two") }, options);
  writeFileSync(join(session.worktree, "a.txt"), "one\ntwo\nthree\n");
  await session.commitByHand();
  await session.commit({ step: 2, turn: 2, extra, blocks: said("look") }, { ...options, subject: "Look" });
  await session.keep({ step: 3, turn: 3, extra, blocks: [{ type: "user", text: "and now?" }] });
  return session;
}

test("a transcript holds the whole conversation, the commits it is in and what they changed", async () => {
  const { id, tip } = await conversation();
  const transcript = await readTranscript(repository);
  expect(transcript).toMatchObject({
    session: id,
    branch: "bough/work",
    tip,
    base: await user.git("rev-parse", "main"),
    model: "test/one",
    usage: { input: 21, output: 6 },
    cost: 0.75,
  });
  expect(transcript.entries).toMatchObject([
    { type: "step", step: 0, turn: 0, blocks: [{ type: "config", text: "Be brief." }] },
    { type: "step", step: 1, turn: 1, model: "test/one", cost: 0.25, blocks: said("write two") },
    { type: "outside", author: "Ada", subject: "By hand: a.txt" },
    { type: "step", step: 2, turn: 2, commit: tip, blocks: said("look") },
    { type: "step", step: 3, turn: 3, commit: undefined, blocks: [{ type: "user", text: "and now?" }] },
  ]);
  expect(transcript.commits.map(({ subject, files }) => [subject, files.map(({ path }) => path)])).toEqual([
    ["Write two", ["a.txt"]],
    ["By hand: a.txt", ["a.txt"]],
    ["Look", []],
  ]);
});

test("what was rewound is not told, the rewind is", async () => {
  const { lastStep } = await conversation();
  const step = { step: lastStep + 1, turn: 4, blocks: [{ type: "rewind", to: 1, text: "" } as const] };
  await session?.commit(step, { subject: "Rewind", author, changes: "scan", always: true });
  const { entries } = await readTranscript(repository, "work");
  expect(entries.map((entry) => (entry.type === "step" ? entry.step : entry.type))).toEqual([0, 1, 4]);
});

test("by a commit it is the conversation up to there", async () => {
  const { tip } = await conversation();
  const { branch, entries } = await readTranscript(repository, `${tip}~1`);
  expect(branch).toBeUndefined();
  expect(entries.map((entry) => (entry.type === "step" ? entry.step : entry.type))).toEqual([0, 1, "outside"]);
});

test("a bundle gives the branch and the conversation to another clone", async () => {
  const { id, tip } = await conversation();
  const path = join(user.folder, "work.bundle");
  writeFileSync(path, await bundleSession(repository));
  const listed = await user.git("bundle", "list-heads", path);
  expect(listed.replace(/^[0-9a-f]+ /gm, "").split("\n")).toEqual(["refs/heads/bough/work", "refs/bough/pending/work"]);
  await using other = await temporaryRepository({ head: "unborn" });
  await other.git("fetch", path, "refs/heads/bough/*:refs/heads/bough/*");
  await using resumed = await resumeSession(await Repository.open(other.path), "work");
  expect(resumed).toMatchObject({ id, tip });
  expect((await resumed.conversation()).entries).toHaveLength(4);
});

test("without a session, and for what is none, it says so", async () => {
  await expect(readTranscript(repository)).rejects.toMatchObject({ reason: "no-session" });
  await expect(bundleSession(repository)).rejects.toMatchObject({ reason: "no-session" });
  await expect(readTranscript(repository, "main")).rejects.toMatchObject({ reason: "no-session" });
  await expect(bundleSession(repository, "main")).rejects.toMatchObject({ reason: "no-session" });
  await expect(readTranscript(repository, "nowhere")).rejects.toMatchObject({ reason: "unknown-revision" });
});
