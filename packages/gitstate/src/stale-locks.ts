import { readFile, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds after which a lock is nobody's who lives: git holds one of these for a few. */
const STALE_AFTER = 1000;
const LOOK_AGAIN = 25;

/**
 * Removes locks that a killed process of ours left. A young one may be another git's: it is waited for until it goes
 * or proves stale. `isOurs` has the last word where the content tells whose it is.
 */
export async function removeStaleLocks(
  locks: readonly string[],
  isOurs: (content: Buffer) => boolean = () => true,
): Promise<void> {
  const remove = async (lock: string) => {
    if (!(await waitUntilStale(lock))) return;
    const content = await readFile(lock).catch(() => undefined);
    if (content !== undefined && isOurs(content)) await rm(lock, { force: true });
  };
  await Promise.all(locks.map(remove));
}

/** Waits until a lock is gone or stale; resolves to whether it is there. */
export async function waitUntilStale(lock: string): Promise<boolean> {
  const found = await stat(lock).catch(() => undefined);
  if (found === undefined) return false;
  if (Date.now() - found.mtimeMs >= STALE_AFTER) return true;
  await sleep(LOOK_AGAIN);
  return waitUntilStale(lock);
}
