import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { withoutGc } from "./gc-hold.ts";
import { withReading } from "./reading.ts";
import { Repository } from "./repository.ts";
import { startSession } from "./start-session.ts";

const author = { name: "m (bough)", email: "bough@localhost" };

function open(): Promise<TemporaryRepository> {
  return temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
}

function gc({ path, env }: TemporaryRepository) {
  const { status, stderr } = spawnSync("git", ["gc", "--quiet", "--prune=now"], { cwd: path, env, encoding: "utf8" });
  return { status, stderr };
}

test("what no ref leads to yet is pruned by a gc that keeps nothing, but not while it is held off", async () => {
  await using user = await open();
  const repository = await Repository.open(user.path);
  await withReading(repository, async ({ objects }) => {
    const isThere = (id: string) => existsSync(join(user.path, ".git/objects", id.slice(0, 2), id.slice(2)));
    const unguarded = await objects.write("blob", Buffer.from("unguarded"));
    expect(gc(user).status).toBe(0);
    expect(isThere(unguarded)).toBe(false);
    await withoutGc(repository.commonDir, async () => {
      const guarded = await objects.write("blob", Buffer.from("guarded"));
      const { status, stderr } = gc(user);
      expect(status).not.toBe(0);
      expect(stderr).toContain(`gc is already running on machine '${hostname()}' pid ${process.pid}`);
      expect(isThere(guarded)).toBe(true);
    });
    expect(gc(user)).toEqual({ status: 0, stderr: "" });
    expect(existsSync(join(user.path, ".git/gc.pid"))).toBe(false);
  });
});

test("work that begins while other work holds gc off shares the hold, which the last to end lets go of", async () => {
  await using user = await open();
  const commonDir = join(user.path, ".git");
  const inner = Promise.withResolvers<void>();
  const held = () => existsSync(join(commonDir, "gc.pid"));
  let other: Promise<void> = Promise.resolve();
  await withoutGc(commonDir, async () => {
    other = withoutGc(commonDir, () => inner.promise);
  });
  expect(held()).toBe(true);
  inner.resolve();
  await other;
  expect(held()).toBe(false);
});

test("a gc that runs is waited for, what a dead one left is not", async () => {
  await using user = await open();
  const pidFile = join(user.path, ".git/gc.pid");
  const child = spawn("sleep", ["60"]);
  await writeFile(pidFile, `${child.pid} ${hostname()}`);
  let began = false;
  const work = withoutGc(join(user.path, ".git"), async () => {
    began = true;
    return readFile(pidFile, "utf8");
  });
  await new Promise(setImmediate);
  expect(began).toBe(false);
  child.kill("SIGKILL");
  await once(child, "close");
  expect(await work).toBe(`${process.pid} ${hostname()} bough`);
});

test("of locks on the lock only one that a killed bough left is removed", async () => {
  await using user = await open();
  const lock = join(user.path, ".git/gc.pid.lock");
  await writeFile(lock, `999999999 ${hostname()} bough`);
  expect(await withoutGc(join(user.path, ".git"), async () => "done")).toBe("done");
  expect(existsSync(lock)).toBe(false);
});

test("steps beside gc after gc lose nothing", { timeout: 60_000 }, async () => {
  await using user = await open();
  const repository = await Repository.open(user.path);
  await using session = await startSession(repository, { name: "fix", config: { text: "", extra: {} } });
  await session.ready;
  const loop = "while test -e go; do git gc --quiet --prune=now 2>/dev/null && echo gc; sleep 0.03; done";
  await writeFile(join(user.path, "go"), "");
  const child = spawn("sh", ["-c", loop], { cwd: user.path, env: user.env, stdio: ["ignore", "pipe", "inherit"] });
  let collected = "";
  child.stdout.on("data", (chunk: Buffer) => {
    collected += chunk.toString();
  });
  const collections = () => collected.split("\n").length - 1;
  let step = 0;
  // On a busy machine as many more as it takes for gc to have run beside them.
  while (step < 60 || (collections() < 2 && step < 2000)) {
    step += 1;
    const blocks = [{ type: "user", text: `prompt ${step}` }] as const;
    await session.keep({ step, turn: step, blocks });
    await writeFile(join(session.worktree, `${step}.txt`), `${step}\n`);
    await session.commit({ step, turn: step, blocks }, { subject: "Write", author, changes: [`${step}.txt`] });
  }
  await user.write({ go: undefined });
  await once(child, "close");
  expect(collections()).toBeGreaterThanOrEqual(2);
  expect(await user.git("fsck", "--strict", "--no-dangling")).toBe("");
  expect((await user.git("ls-tree", "--name-only", "bough/fix")).split("\n")).toHaveLength(step + 1);
  expect((await session.conversation()).entries).toHaveLength(step + 1);
});
