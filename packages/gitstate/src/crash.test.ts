import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import { startSession } from "./start-session.ts";

const author = { name: "m (bough)", email: "bough@localhost" };

/** A program that works on a session until it kills itself, at the given number of things the event loop was told. */
const worker = `
import { createHook } from "node:async_hooks";
import { writeSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { Repository, resumeSession } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
const [path, killAt] = process.argv.slice(2);
const author = { name: "m (bough)", email: "bough@localhost" };
const say = (text) => writeSync(1, text + "\\n");
const repository = await Repository.open(path);
let left = Number(killAt);
createHook({ init() { if (--left === 0) process.kill(process.pid, "SIGKILL"); } }).enable();
const session = await resumeSession(repository, "fix");
await session.ready;
for (let step = session.lastStep + 1; ; step++) {
  const prompt = { type: "user", text: "prompt " + step };
  const call = { type: "call", name: "Write", id: String(step), text: "{}" };
  await session.keep({ step, turn: step, blocks: [prompt, call] });
  say("kept " + step);
  await writeFile(session.worktree + "/" + step + ".txt", "x");
  await rm(session.worktree + "/" + (step - 2) + ".txt", { force: true });
  const result = { type: "result", name: "Write", id: String(step), text: "done" };
  const changes = step % 2 === 0 ? "scan" : [step + ".txt", step - 2 + ".txt"];
  await session.commit({ step, turn: step, blocks: [prompt, call, result] }, { subject: "Write", author, changes });
  say("committed " + step);
}
`;

/** Runs the worker until it is dead; resolves to what it said was safe. */
async function runUntilKilled(repository: TemporaryRepository, program: string, killAt: number): Promise<string[]> {
  const args = ["--disable-warning=ExperimentalWarning", program, repository.path, String(killAt)];
  const child = spawn(process.execPath, args, { env: repository.env, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [, signal]: unknown[] = await once(child, "close");
  expect(signal).toBe("SIGKILL");
  return output.split("\n").slice(0, -1);
}

/** Leaves the lock of a session as a process does that was killed. */
async function dieWith(repository: TemporaryRepository, name: string): Promise<void> {
  const program = `
    import { Repository, resumeSession } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
    const session = await resumeSession(await Repository.open(process.argv[1]), process.argv[2]);
    await session.ready;
    process.kill(process.pid, "SIGKILL");
  `;
  const args = [
    "--disable-warning=ExperimentalWarning",
    "--input-type=module",
    "--eval",
    program,
    repository.path,
    name,
  ];
  await once(spawn(process.execPath, args, { env: repository.env, stdio: "inherit" }), "close");
}

async function locksBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  // Whoever looks has the session open.
  return names.filter((name) => name.endsWith(".lock") && name !== "bough/fix.lock");
}

test("a kill at any instant loses at most the step in progress", { timeout: 60_000 }, async () => {
  await using repository = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
  const opened = await Repository.open(repository.path);
  await using started = await startSession(opened, { name: "fix", config: { text: "", extra: {} } });
  await started.ready;
  await started.close();
  const program = join(repository.folder, "worker.mjs");
  await writeFile(program, worker);
  const before = await repository.fingerprint();
  for (let killAt = 20; killAt < 1500; killAt = Math.ceil(killAt * 1.6)) {
    const safe = await runUntilKilled(repository, program, killAt);
    await using session = await resumeSession(opened, "fix");
    await session.ready;
    const { entries } = await session.conversation();
    const steps = new Set(entries.flatMap((entry) => (entry.type === "step" ? [entry.step] : [])));
    for (const said of safe) expect(steps, `after a kill at ${killAt}`).toContain(Number(said.split(" ")[1]));
    await session.recover(author);
    expect(await session.commitByHand()).toBeUndefined();
    expect(await repository.git("-C", session.worktree, "status", "--short")).toBe("");
    expect(await repository.git("fsck", "--strict", "--no-dangling")).toBe("");
    expect(await locksBelow(join(repository.path, ".git"))).toEqual([]);
    const last = Math.max(
      0,
      ...safe.filter((line) => line.startsWith("committed")).map((line) => Number(line.split(" ")[1])),
    );
    if (last > 0) expect(await repository.git("ls-tree", "--name-only", "bough/fix")).toContain(`${last}.txt`);
  }
  expect(await repository.fingerprint()).toBe(before);
});

test("locks that a killed bough left are removed, those of another git are not", async () => {
  await using repository = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
  const opened = await Repository.open(repository.path);
  const session = await startSession(opened, { name: "fix", config: { text: "", extra: {} } });
  const { linked } = await session.ready;
  await session.close();
  const ours = [
    join(repository.path, ".git/refs/heads/bough/fix.lock"),
    join(repository.path, ".git/refs/bough/pending/fix.lock"),
    join(linked.gitDir, "HEAD.lock"),
    join(linked.gitDir, "index.lock"),
  ];
  const theirs = [join(repository.path, ".git/index.lock"), join(repository.path, ".git/refs/heads/main.lock")];
  for (const lock of [...ours, ...theirs]) await writeFile(lock, "");
  await dieWith(repository, "fix");
  await using again = await resumeSession(opened, "fix");
  await again.ready;
  await writeFile(join(again.worktree, "b.txt"), "b\n");
  await again.commit({ step: 1, turn: 1, blocks: [] }, { subject: "x", author, changes: "scan" });
  expect((await locksBelow(join(repository.path, ".git"))).toSorted()).toEqual(["index.lock", "refs/heads/main.lock"]);
  for (const lock of theirs) await rm(lock);
});

test("a person's git that holds the worktree's index is left alone, also after a crash", async () => {
  await using repository = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
  const opened = await Repository.open(repository.path);
  const session = await startSession(opened, { name: "fix", config: { text: "", extra: {} } });
  const { linked } = await session.ready;
  await session.close();
  await writeFile(join(linked.gitDir, "index.lock"), "DIRC of another git");
  await dieWith(repository, "fix");
  await using again = await resumeSession(opened, "fix");
  await again.ready;
  expect(await locksBelow(join(repository.path, ".git"))).toEqual(["worktrees/fix/index.lock"]);
});
