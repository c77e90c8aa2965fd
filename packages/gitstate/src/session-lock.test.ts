import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readlink, rename, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { expect, onTestFinished, test } from "vitest";
import { forkSession } from "./fork-session.ts";
import { Repository } from "./repository.ts";
import { resumeLast, resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { listSessions } from "./session-list.ts";
import { isHeld, lockSession } from "./session-lock.ts";
import { startSession } from "./start-session.ts";

const author = { name: "m (bough)", email: "bough@localhost" };

/** A repository with a session `fix` of one turn, which nobody has open. */
async function withSession() {
  const user = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
  onTestFinished(() => user[Symbol.asyncDispose]());
  const repository = await Repository.open(user.path);
  const session = await startSession(repository, { name: "fix", config: { text: "", extra: {} } });
  await answer(session);
  await session.close();
  return { user, repository, lock: join(repository.commonDir, "bough/fix.lock") };
}

async function answer(session: Session): Promise<void> {
  const step = session.lastStep + 1;
  const record = { step, turn: step, blocks: [{ type: "user", text: `prompt ${step}` }] } as const;
  await session.commit(record, { subject: `Answer ${step}`, author, changes: [], always: true });
}

/** A program that opens the session when it is told to, says how that went, and keeps it open. */
const opener = `
import { once } from "node:events";
import { writeSync } from "node:fs";
import { Repository, resumeSession } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
const repository = await Repository.open(process.argv[1]);
setInterval(() => {}, 1000);
writeSync(1, "waits\\n");
await once(process.stdin, "data");
try {
  const session = await resumeSession(repository, "fix");
  await session.ready;
  writeSync(1, "opened\\n");
} catch (error) {
  writeSync(1, error.reason + "\\n");
}
`;

/** Another process, waiting for its `go`. */
async function otherProcess({ path, env }: TemporaryRepository) {
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", opener, path];
  const child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(async () => {
    await kill(child);
  });
  const line = async () => String((await once(child.stdout, "data"))[0]).trim();
  expect(await line()).toBe("waits");
  return {
    child,
    /** Resolves to how its opening the session went. */
    go: () => {
      const said = line();
      child.stdin.write("go\n");
      return said;
    },
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}

/** The entry of a process that is not there. */
const asDead = (entry: string) => entry.replace(/^\d+/, "999999999");

/** Makes the lock look as if another process held it. */
async function lockAs(lock: string, change: (entry: string) => string): Promise<void> {
  const [entry = ""] = await readdir(lock);
  await rename(join(lock, entry), join(lock, change(entry)));
}

test("a session that another process has open is refused, and says which and what to do", async () => {
  const { user, repository } = await withSession();
  const other = await otherProcess(user);
  expect(await other.go()).toBe("opened");
  const refused = resumeSession(repository, "fix");
  await expect(refused).rejects.toMatchObject({ name: "RepositoryError", reason: "session-held" });
  await expect(refused).rejects.toThrow(
    new RegExp(
      `^bough/fix is open in process ${other.child.pid} on this host \\(".+"\\) since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC, .* a fork: bough branch --from bough/fix "<prompt>"\\.$`,
    ),
  );
  await expect(resumeLast(repository)).rejects.toMatchObject({ reason: "session-held" });
});

test("a session that is open can be forked, and goes on beside its fork", async () => {
  const { user, repository } = await withSession();
  const other = await otherProcess(user);
  await other.go();
  await using fork = await forkSession(repository, { from: "bough/fix" });
  await answer(fork);
  const { entries } = await fork.conversation();
  expect(entries.map((entry) => entry.type === "step" && entry.step)).toEqual([0, 1, 2, 3]);
  await using earlier = await forkSession(repository, { from: "bough/fix", before: 1 });
  expect([fork.name, earlier.name]).toEqual(["fix.1", "fix.2"]);
  expect(await isHeld(repository, "fix")).toBe(true);
});

test("a process cannot open a session twice either", async () => {
  const { repository } = await withSession();
  await using session = await resumeSession(repository, "fix");
  await expect(resumeSession(repository, session.id)).rejects.toThrow(/^bough\/fix is open in this process /);
  await using started = await startSession(repository, { name: "new", config: { text: "", extra: {} } });
  await expect(resumeSession(repository, started.branch)).rejects.toThrow(/^bough\/new is open in this process /);
});

test("a session that was closed or taken back is nobody's, and leaves no lock", async () => {
  const { repository, lock } = await withSession();
  const session = await resumeSession(repository, "fix");
  expect(await isHeld(repository, "fix")).toBe(true);
  await session.close();
  expect(await isHeld(repository, "fix")).toBe(false);
  const discarded = await forkSession(repository, { from: "fix" });
  await discarded.discard();
  expect(await readdir(join(lock, ".."))).toEqual([]);
});

test("the lock of a process that was killed is taken over", async () => {
  const { user, repository } = await withSession();
  const other = await otherProcess(user);
  await other.go();
  await kill(other.child);
  expect(await isHeld(repository, "fix")).toBe(false);
  await using session = await resumeSession(repository, "fix");
  await answer(session);
  expect(await isHeld(repository, "fix")).toBe(true);
});

test("of ten processes that find the lock of a dead one, one takes it over", { timeout: 60_000 }, async () => {
  const { user } = await withSession();
  const dead = await otherProcess(user);
  await dead.go();
  await kill(dead.child);
  const others = await Promise.all(Array.from({ length: 10 }, () => otherProcess(user)));
  const said = await Promise.all(others.map((other) => other.go()));
  expect(said.toSorted()).toEqual(["opened", ...Array(9).fill("session-held")].toSorted());
});

test("of many who take a lock at once one gets it, whether it is free or a dead one's", {
  timeout: 60_000,
}, async () => {
  const { repository, lock } = await withSession();
  const before = await lockSession(repository, "fix");
  const [entry = ""] = await readdir(lock);
  await before.release();
  for (let round = 0; round < 20; round++) {
    const isStale = round % 2 === 1;
    if (isStale) {
      await mkdir(lock);
      await writeFile(join(lock, asDead(entry)), "");
    }
    const taken = await Promise.allSettled(Array.from({ length: 20 }, () => lockSession(repository, "fix")));
    const locks = taken.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    expect(locks.map(({ afterCrash }) => afterCrash)).toEqual([isStale]);
    await locks[0]?.release();
  }
});

test("a process that has the number of a dead one does not keep its lock alive", async () => {
  const { repository, lock } = await withSession();
  const session = await resumeSession(repository, "fix");
  await lockAs(lock, (entry) => entry.replace(/^(\d+)-\d+/, "$1-1"));
  await using again = await resumeSession(repository, "fix");
  expect(again.id).toBe(session.id);
  await session.close();
  expect(await isHeld(repository, "fix")).toBe(true);
});

test.each([
  [
    "another host",
    (entry: string) => entry.replace(/[^-]+$/, "build.example.com"),
    /on host "build\.example\.com" since/,
  ],
  [
    "a container",
    (entry: string) => entry.replace(/-\d*-([^-]*)$/, "-42-$1"),
    new RegExp(`on host "${hostname()}" since`),
  ],
])("the lock of a process on %s is not taken over, and how to remove it is said", async (_, change, where) => {
  const { repository, lock } = await withSession();
  await using _session = await resumeSession(repository, "fix");
  await lockAs(lock, (entry) => change(asDead(entry)));
  const refused = resumeSession(repository, "fix");
  await expect(refused).rejects.toThrow(where);
  await expect(refused).rejects.toThrow(`If it is gone for good, delete ${lock}.`);
  expect(await isHeld(repository, "fix")).toBe(true);
});

test("a lock that cannot be read is not taken over", async () => {
  const { repository, lock } = await withSession();
  await mkdir(join(lock, ".."), { recursive: true });
  await writeFile(lock, "4242\n");
  await expect(resumeSession(repository, "fix")).rejects.toThrow(
    `who holds it cannot be read from ${lock}. Delete that when no program has the session open.`,
  );
  expect(await isHeld(repository, "fix")).toBe(true);
});

test("what another process committed before it let go is gone on from", async () => {
  const { repository } = await withSession();
  const first = await resumeSession(repository, "fix");
  await answer(first);
  await first.close();
  await using second = await resumeSession(repository, "fix");
  expect([second.tip, second.lastStep]).toEqual([first.tip, first.lastStep]);
});

test("a session is idle while it is only open, running with steps of a turn, and interrupted when its process died", async () => {
  const { repository, lock } = await withSession();
  await using session = await resumeSession(repository, "fix");
  const state = async () => (await listSessions(repository))[0]?.state;
  expect(await state()).toBe("idle");
  await session.keep({ step: session.lastStep + 1, turn: 2, blocks: [{ type: "user", text: "go" }] });
  expect(await state()).toBe("running");
  await lockAs(lock, asDead);
  expect(await state()).toBe("interrupted");
});

test("locks that were only begun are swept when their process is dead, or when they are old and say nothing", async () => {
  const { repository } = await withSession();
  const locks = join(repository.commonDir, "bough");
  const { pid = 0 } = spawnSync("true");
  const alive = `${process.pid}--1-${await pidNamespace()}-${hostname()}`;
  const drafts = { dead: alive.replace(`${process.pid}`, `${pid}`), alive, old: undefined, young: undefined };
  for (const [name, entry] of Object.entries(drafts)) {
    await mkdir(join(locks, `.new-${name}`), { recursive: true });
    if (entry !== undefined) await writeFile(join(locks, `.new-${name}`, entry), "");
  }
  await utimes(join(locks, ".new-old"), 1, 1);
  const lock = await lockSession(repository, "fix");
  await lock.release();
  expect((await readdir(locks)).toSorted()).toEqual([".new-alive", ".new-young"]);
});

async function pidNamespace(): Promise<string> {
  return (await readlink("/proc/self/ns/pid").catch(() => "")).replace(/\D/g, "");
}
