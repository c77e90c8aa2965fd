import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LockedError } from "./errors.ts";
import { isAlive } from "./running-process.ts";

/** Milliseconds between two looks whether somebody else's gc has ended. */
const LOOK_AGAIN = 2;
/** git takes a gc of this age for one that hangs, and no longer heeds it. */
const HANGS_AFTER = 12 * 60 * 60 * 1000;

/** Milliseconds a gc is waited for: a step that cannot be kept stops the turn, and the files are there for the next. */
const PATIENCE = 60_000;
/** By which git tells nothing, and we what a killed process of ours left. */
const MARK = "bough";

/** The holds of this process, by repository: all that write at once share one. */
const held = new Map<string, { readonly taken: Promise<() => void>; users: number }>();

/**
 * Does work while no `git gc` runs in the repository: what is written before a ref leads to it would be pruned by one
 * that was told to keep nothing. A gc that runs is waited for; one that is started meanwhile says that another is at it.
 */
export async function withoutGc<Result>(commonDir: string, work: () => Promise<Result>): Promise<Result> {
  const hold = held.get(commonDir) ?? { taken: take(join(commonDir, "gc.pid")), users: 0 };
  held.set(commonDir, hold);
  hold.users++;
  try {
    await hold.taken;
    return await work();
  } finally {
    hold.users--;
    if (hold.users === 0) {
      held.delete(commonDir);
      (await hold.taken)();
    }
  }
}

/** Takes the lock as git does, by way of a lock on the lock, and resolves to what lets go of it. */
async function take(path: string): Promise<() => void> {
  const content = `${process.pid} ${hostname()} ${MARK}`;
  const draft = `${path}.bough-${process.pid}-${randomBytes(4).toString("hex")}`;
  const deadline = Date.now() + PATIENCE;
  while (isRunning(path) || !tryTake(path, draft, content)) {
    if (Date.now() > deadline) throw new LockedError(path);
    await sleep(LOOK_AGAIN);
  }
  return () => {
    if (read(path) === content) rmSync(path, { force: true });
  };
}

function tryTake(path: string, draft: string, content: string): boolean {
  const lock = `${path}.lock`;
  writeFileSync(draft, content);
  try {
    // By a link, so that it says whose it is from the moment it stands.
    linkSync(draft, lock);
    // Another may have gone through here since it was looked at.
    if (isRunning(path)) rmSync(lock);
    else renameSync(lock, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    removeStale(lock);
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
  return read(path) === content;
}

/** A process of ours that was killed between those two calls left it, and git heeds it for ever. */
function removeStale(lock: string): void {
  const content = read(lock);
  if (content.endsWith(` ${MARK}`) && isOfDead(content)) rmSync(lock, { force: true });
}

function isRunning(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs < HANGS_AFTER && !isOfDead(read(path));
}

/** Whether it names a process of this machine that is no more, or, as after a crash of the machine, none at all. */
function isOfDead(content: string): boolean {
  const [, pid, host] = /^(\d+) (\S+)/.exec(content) ?? [];
  if (pid === undefined) return true;
  return host === hostname() && !isAlive(Number(pid));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
