import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterAll, expect, test } from "vitest";
import { applyToCheckout } from "./apply-to-checkout.ts";
import { landSession } from "./land.ts";
import { findLandable } from "./landable.ts";
import { describeRecovery, recoverLandings } from "./recover-landing.ts";
import { Repository } from "./repository.ts";
import { startSession } from "./start-session.ts";

const author = { name: "m (bough)", email: "bough@localhost" };

/** Where the workers find their programs compiled: most of their time would go into that. */
const compiled = mkdtempSync(join(tmpdir(), "bough-compiled-"));
afterAll(() => rmSync(compiled, { recursive: true }));

/** How many instants of a landing are tried. */
const POINTS = 5;

/** A program that lands until it kills itself, at the given number of things the event loop was told. */
const worker = `
import { createHook } from "node:async_hooks";
import { writeSync } from "node:fs";
import { landSession, Repository } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
import { findLandable } from ${JSON.stringify(join(import.meta.dirname, "landable.ts"))};
const [path, mode, killAt] = process.argv.slice(2);
const repository = await Repository.open(path);
const session = await findLandable(repository, "work");
let count = 0;
createHook({ init() { if (++count === Number(killAt)) process.kill(process.pid, "SIGKILL"); } }).enable();
await landSession(repository, session, { mode });
writeSync(1, String(count));
`;

/** Runs the worker; resolves to how far it came when it was not killed. */
async function run(user: TemporaryRepository, mode: string, killAt: number): Promise<number | undefined> {
  const args = ["--disable-warning=ExperimentalWarning", join(user.folder, "worker.mjs"), user.path, mode, `${killAt}`];
  const env = { ...user.env, NODE_COMPILE_CACHE: compiled };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, "close");
  return output === "" ? undefined : Number(output);
}

const poem = (changes: Readonly<Record<number, string>> = {}) =>
  Array.from({ length: 20 }, (_, i) => `${changes[i + 1] ?? `line ${i + 1}`}\n`).join("");

/** A session with all kinds of changes, and a checkout in which some files are half-staged, edited and untracked. */
async function prepare(): Promise<TemporaryRepository> {
  const files = { "poem.txt": poem(), "goes/away.txt": "away\n", "turns.txt": "file\n", "folder/x.txt": "x\n" };
  const user = await temporaryRepository({ enter: true, files });
  const repository = await Repository.open(user.path);
  await using session = await startSession(repository, { name: "work", config: { text: "", extra: {} } });
  await session.ready;
  const write = (path: string, content: string) => {
    rmSync(join(session.worktree, path), { recursive: true, force: true });
    cpSync(join(user.folder, "source"), join(session.worktree, path));
    writeFileSync(join(session.worktree, path), content);
  };
  writeFileSync(join(user.folder, "source"), "");
  write("poem.txt", poem({ 1: "LINE 1" }));
  rmSync(join(session.worktree, "goes"), { recursive: true });
  rmSync(join(session.worktree, "turns.txt"));
  write("turns.txt/now.txt", "a folder\n");
  write("folder", "a file\n");
  write("deep/new/file.txt", "new\n");
  const blocks = [{ type: "user", text: "change all" }] as const;
  await session.commit({ step: 1, turn: 1, blocks }, { subject: "Change", author, changes: "scan", always: true });
  await user.write({ "poem.txt": poem({ 10: "staged" }) });
  await user.git("add", "poem.txt");
  await user.write({ "poem.txt": poem({ 10: "staged", 20: "edited" }), "untracked.txt": "mine\n" });
  writeFileSync(join(user.folder, "worker.mjs"), worker);
  cpSync(user.path, join(user.folder, "backup"), { recursive: true, preserveTimestamps: true });
  return user;
}

/** Sets the checkout back to what it was before anything landed. */
function restore(user: TemporaryRepository): void {
  for (const name of readdirSync(user.path)) rmSync(join(user.path, name), { recursive: true });
  cpSync(join(user.folder, "backup"), user.path, { recursive: true, preserveTimestamps: true });
}

const leftovers = (user: TemporaryRepository) =>
  readdirSync(join(user.path, ".git")).filter((name) => /bough-|\.lock$/.test(name));

/** Has the user's hook kill the bough that lands, and then do as told. */
async function hookThatKills(user: TemporaryRepository, then: string): Promise<void> {
  const script = `#!/bin/sh\nkill -9 $(ps -o ppid= -p $PPID)\n${then}\n`;
  writeFileSync(join(user.path, ".git/hooks/pre-commit"), script, { mode: 0o755 });
}

test("a landing that is killed at any instant is taken back or finished by the next command", {
  timeout: 60_000,
}, async () => {
  await using user = await prepare();
  const repository = await Repository.open(user.path);
  const total = (await run(user, "squash", 0)) ?? 0;
  const status = await user.git("status", "--short", "--untracked-files=all");
  const landed = await user.git("rev-parse", "HEAD^{tree}");
  restore(user);
  const before = await user.fingerprint();
  const outcomes = new Set<string>();
  // Most of the first two thirds is only reading, and what follows the commit is short.
  const spread = Array.from({ length: POINTS }, (_, i) => (2 * POINTS + i + 1) / (3 * POINTS + 1));
  for (const part of [...spread, 0.97, 0.99]) {
    const killAt = Math.ceil(total * part);
    await run(user, "squash", killAt);
    for (const { type } of await recoverLandings(repository)) outcomes.add(type);
    expect(leftovers(user), `after a kill at ${killAt}`).toEqual([]);
    if ((await user.fingerprint()) === before) continue;
    expect(await user.git("rev-parse", "HEAD^{tree}"), `after a kill at ${killAt}`).toBe(landed);
    expect(await user.git("status", "--short", "--untracked-files=all"), `after a kill at ${killAt}`).toBe(status);
    restore(user);
  }
  expect([...outcomes].toSorted()).toEqual(["finished", "undone"]);
});

test("applying that is killed at any instant is taken back or complete", { timeout: 60_000 }, async () => {
  await using user = await prepare();
  const repository = await Repository.open(user.path);
  const total = (await run(user, "apply", 0)) ?? 0;
  const status = await user.git("--no-optional-locks", "status", "--short", "--untracked-files=all");
  restore(user);
  const before = await user.fingerprint();
  const outcomes = new Set<string>();
  for (let i = 1; i <= POINTS; i++) {
    // Before its second half nothing is written.
    const killAt = Math.ceil(total / 2 + ((total / 2) * i) / (POINTS + 1));
    await run(user, "apply", killAt);
    for (const { type } of await recoverLandings(repository)) outcomes.add(type);
    expect(leftovers(user), `after a kill at ${killAt}`).toEqual([]);
    if ((await user.fingerprint()) === before) continue;
    expect(await user.git("status", "--short", "--untracked-files=all"), `after a kill at ${killAt}`).toBe(status);
    restore(user);
  }
  expect([...outcomes]).toEqual(["undone"]);
});

test("what was changed after the kill stays, and what it replaced is kept and named", { timeout: 30_000 }, async () => {
  await using user = await prepare();
  const repository = await Repository.open(user.path);
  await hookThatKills(user, "exit 1");
  const before = await user.read("goes/away.txt");
  await run(user, "squash", 0);
  expect(await user.read("poem.txt")).toBe(poem({ 1: "LINE 1", 10: "staged", 20: "edited" }));
  await user.write({ "poem.txt": "mine now\n", "deep/new/file.txt": "mine too\n" });
  const session = await findLandable(repository, "work");
  const notices: string[] = [];
  const applied = await applyToCheckout(repository, session, { preview: true, onNotice: (text) => notices.push(text) });
  expect(applied).toEqual({ type: "conflict", paths: ["deep/new/file.txt", "poem.txt"], mergingHelps: true });
  const [kept = ""] = leftovers(user);
  expect(notices).toEqual([
    `A landing that was cut short was taken back, but for what changed since and stays: deep/new/file.txt, poem.txt; what they replaced is in ${join(user.path, ".git", kept, "old")}.`,
  ]);
  expect(await user.read("poem.txt")).toBe("mine now\n");
  expect(await user.read("deep/new/file.txt")).toBe("mine too\n");
  expect(await user.read("goes/away.txt")).toBe(before);
  expect(await user.read("turns.txt")).toBe("file\n");
  expect(await user.read("folder/x.txt")).toBe("x\n");
  const old = readdirSync(join(user.path, ".git", kept, "old")).map((name) =>
    readFileSync(join(user.path, ".git", kept, "old", name), "utf8"),
  );
  expect(old).toContain(poem({ 10: "staged", 20: "edited" }));
  expect(await recoverLandings(repository)).toEqual([]);
});

test("a commit that outlives the bough that asked for it is waited for, and the index follows it", {
  timeout: 30_000,
}, async () => {
  await using user = await prepare();
  const repository = await Repository.open(user.path);
  await hookThatKills(user, "sleep 0.3");
  await run(user, "squash", 0);
  const [recovered, ...others] = await recoverLandings(repository);
  expect(others).toEqual([]);
  const head = await user.git("rev-parse", "HEAD");
  expect(recovered).toEqual({ type: "finished", commit: head });
  expect(recovered && describeRecovery(recovered)).toBe(
    `A landing that was cut short is finished: it had come to its commit, ${head.slice(0, 9)}.`,
  );
  expect(await user.git("status", "--short", "--untracked-files=all")).toBe("MM poem.txt\n?? untracked.txt");
  expect(leftovers(user)).toEqual([]);
});

test("starting a session first takes back what was cut short, and leaves another git's lock alone", {
  timeout: 30_000,
}, async () => {
  await using user = await prepare();
  await hookThatKills(user, "exit 1");
  await run(user, "squash", 0);
  rmSync(join(user.path, ".git/index.lock"));
  writeFileSync(join(user.path, ".git/index.lock"), "");
  const repository = await Repository.open(user.path);
  await using session = await startSession(repository, { name: "next", config: { text: "", extra: {} } });
  expect(session.takeNotices()).toEqual([
    "A landing that was cut short was taken back: the checkout is as it was before it.",
  ]);
  expect(session.takeNotices()).toEqual([]);
  expect(await user.git("show", "bough/next:poem.txt")).toBe(poem({ 10: "staged", 20: "edited" }).trimEnd());
  expect(leftovers(user)).toEqual(["index.lock"]);
});

test("several that find the same landing cut short take it back once, also before they land elsewhere", {
  timeout: 30_000,
}, async () => {
  await using user = await prepare();
  await hookThatKills(user, "exit 1");
  const before = await user.fingerprint();
  await run(user, "squash", 0);
  const all = await Promise.all([1, 2, 3].map(async () => recoverLandings(await Repository.open(user.path))));
  expect(all.flat()).toEqual([{ type: "undone", left: [], kept: undefined }]);
  expect(await user.fingerprint()).toBe(before);
  await run(user, "squash", 0);
  await user.git("branch", "elsewhere");
  const repository = await Repository.open(user.path);
  const notices: string[] = [];
  const onNotice = (text: string) => notices.push(text);
  await landSession(repository, await findLandable(repository, "work"), { onto: "elsewhere", preview: true, onNotice });
  expect(notices).toEqual(["A landing that was cut short was taken back: the checkout is as it was before it."]);
  expect(leftovers(user)).toEqual([]);
});
