import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterAll, expect, test } from "vitest";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";

const author = { name: "m (bough)", email: "bough@localhost" };

/** Where the workers find their programs compiled: most of their time would go into that. */
const compiled = mkdtempSync(join(tmpdir(), "bough-compiled-"));
afterAll(() => rmSync(compiled, { recursive: true }));

/** How many instants of a switch are tried. */
const POINTS = 4;

/**
 * A program that goes back or merges until it kills itself, at the given number of things the event loop was told, or as
 * soon as the worktree's index is another: the files are there by then, and the branch has not moved.
 */
const worker = `
import { createHook } from "node:async_hooks";
import { readFileSync, writeSync } from "node:fs";
import { Repository, resumeSession } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
const [path, act, killAt] = process.argv.slice(2);
const session = await resumeSession(await Repository.open(path), "work");
await session.ready;
const index = () => killAt === "switched" && readFileSync(path + "/.git/worktrees/work/index", "latin1");
const before = index();
let count = 0;
createHook({
  init() {
    if (++count === Number(killAt) || index() !== before) process.kill(process.pid, "SIGKILL");
  },
}).enable();
await (act === "merge" ? session.merge("other") : session.rewind({ turns: 1 }));
writeSync(1, String(count));
await session.close();
`;

/** Runs the worker; resolves to how far it came when it was not killed. */
async function run(user: TemporaryRepository, act: string, killAt: number | "switched"): Promise<number | undefined> {
  const program = join(user.folder, "worker.mjs");
  const args = ["--disable-warning=ExperimentalWarning", program, user.path, act, `${killAt}`];
  const env = { ...user.env, NODE_COMPILE_CACHE: compiled };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, "close");
  ageLocks(join(user.path, ".git"));
  return output === "" ? undefined : Number(output);
}

/** Or each one is waited for until it is old enough to be a dead process's; see the tests of that. */
function ageLocks(folder: string): void {
  const old = new Date(Date.now() - 60_000);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith(".lock")) utimesSync(join(entry.parentPath, entry.name), old, old);
  }
}

function write(session: Session, path: string, content: string): void {
  rmSync(join(session.worktree, path), { recursive: true, force: true });
  mkdirSync(join(session.worktree, path, ".."), { recursive: true });
  writeFileSync(join(session.worktree, path), content);
}

function turn(session: Session, number: number) {
  const blocks = [{ type: "user", text: `prompt ${number}` }] as const;
  const step = { step: session.lastStep + 1, turn: number, blocks };
  return session.commit(step, { subject: `Turn ${number}`, author, changes: "scan", always: true });
}

/** A session whose second turn edits, adds, removes and turns a file into a folder, and another one to merge. */
async function prepare(): Promise<TemporaryRepository> {
  const user = await temporaryRepository({
    enter: true,
    files: { "a.txt": "a\n", "turns.txt": "x\n", "goes.txt": "g\n" },
  });
  const repository = await Repository.open(user.path);
  const config = { text: "", extra: {} };
  await using other = await startSession(repository, { name: "other", config });
  await using session = await startSession(repository, { name: "work", config });
  await Promise.all([other.ready, session.ready]);
  write(other, "theirs/new.txt", "new\n");
  write(other, "gone.txt", "not for long\n");
  await turn(other, 1);
  write(session, "1.txt", "1\n");
  await turn(session, 1);
  write(session, "a.txt", "A\n");
  rmSync(join(session.worktree, "goes.txt"));
  write(session, "deep/new/file.txt", "new\n");
  rmSync(join(session.worktree, "turns.txt"));
  write(session, "turns.txt/now.txt", "a folder\n");
  await turn(session, 2);
  writeFileSync(join(user.folder, "worker.mjs"), worker);
  return user;
}

/** What is said, and every file below the worktree with its content. */
async function state(session: Session) {
  const { entries } = await session.conversation();
  const files = readdirSync(session.worktree, { recursive: true, withFileTypes: true, encoding: "utf8" })
    .filter((entry) => entry.isFile() && entry.name !== ".git")
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => `${path.slice(session.worktree.length + 1)}: ${readFileSync(path, "utf8")}`);
  const said = entries.flatMap((entry) => (entry.type === "step" ? entry.blocks : []));
  return { said: said.map(({ type, text }) => `${type} ${text}`), files: files.toSorted() };
}

async function resume(user: TemporaryRepository): Promise<Session> {
  const session = await resumeSession(await Repository.open(user.path), "work");
  await session.ready;
  return session;
}

const linked = (user: TemporaryRepository) => join(user.path, ".git/worktrees/work");
const leftovers = (user: TemporaryRepository) =>
  readdirSync(linked(user)).filter((name) => /bough-|\.lock$/.test(name));

const UNDONE =
  "A merge or rewind that was cut short was taken back: conversation and files are as they were before it.";

for (const act of ["rewind", "merge"]) {
  test(`a ${act} that is killed at any instant is taken back or complete when the session is resumed`, {
    timeout: 60_000,
  }, async () => {
    await using user = await prepare();
    const backups = [user.path, join(user.folder, "home")].map((path) => ({ path, backup: `${path}-backup` }));
    for (const { path, backup } of backups) cpSync(path, backup, { recursive: true, preserveTimestamps: true });
    const restore = () => {
      for (const { path, backup } of backups) {
        for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true });
        cpSync(backup, path, { recursive: true, preserveTimestamps: true });
      }
    };
    const first = await resume(user);
    const before = await state(first);
    await first.close();
    const total = (await run(user, act, 0)) ?? 0;
    const done = await resume(user);
    const after = await state(done);
    await done.close();
    const outcomes = new Set<string>();
    for (let i = 1; i <= POINTS; i++) {
      restore();
      // Before its second half nothing is written.
      const killAt = Math.ceil(total / 2 + ((total / 2) * i) / POINTS);
      await run(user, act, killAt);
      await using session = await resume(user);
      const found = await state(session);
      const isBefore = found.files.join() === before.files.join();
      expect(found, `after a kill at ${killAt}`).toEqual(isBefore ? before : after);
      for (const notice of session.takeNotices()) outcomes.add(notice);
      expect(await session.commitByHand(), `after a kill at ${killAt}`).toBeUndefined();
      expect(await user.git("-C", session.worktree, "status", "--short"), `after a kill at ${killAt}`).toBe("");
      expect(leftovers(user)).toEqual([]);
      if (!isBefore) outcomes.add("complete");
    }
    expect([...outcomes].toSorted()).toEqual([UNDONE, "complete"].toSorted());
  });
}

test("what was changed after the kill stays and is named, and nothing of the switch looks staged", async () => {
  await using user = await prepare();
  await run(user, "rewind", "switched");
  const worktree = readFileSync(join(linked(user), "gitdir"), "utf8").replace("/.git\n", "");
  expect(await user.git("-C", worktree, "status", "--short")).toBe(
    "M  a.txt\nD  deep/new/file.txt\nA  goes.txt\nA  turns.txt\nD  turns.txt/now.txt",
  );
  writeFileSync(join(worktree, "a.txt"), "mine\n");
  writeFileSync(join(worktree, "mine.txt"), "mine too\n");
  await user.git("-C", worktree, "add", "mine.txt");
  const tip = await user.git("rev-parse", "bough/work");
  await using session = await resume(user);
  const [kept = ""] = leftovers(user);
  expect(session.takeNotices()).toEqual([
    `A merge or rewind that was cut short was taken back, but for what changed since and stays: a.txt; what they replaced is in ${join(linked(user), kept, "old")}.`,
  ]);
  expect(await user.git("rev-parse", "bough/work")).toBe(tip);
  expect(await user.git("-C", worktree, "status", "--short")).toBe(" M a.txt\nA  mine.txt");
  expect(await session.commitByHand()).toMatchObject({ files: ["a.txt", "mine.txt"] });
  expect(await user.git("-C", worktree, "status", "--short")).toBe("");
  expect((await state(session)).files).toEqual([
    "1.txt: 1\n",
    "a.txt: mine\n",
    "deep/new/file.txt: new\n",
    "mine.txt: mine too\n",
    "turns.txt/now.txt: a folder\n",
  ]);
  await session.close();
  expect(await resume(user).then((again) => again.close().then(() => again.takeNotices()))).toEqual([]);
});
