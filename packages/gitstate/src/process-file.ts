import { readFile, writeFile } from "node:fs/promises";
import { hasEnded, identify } from "./running-process.ts";

/** Says in a file which process works there, so that one that was killed is known by what it left. */
export async function nameProcess(path: string, pid: number = process.pid): Promise<void> {
  await writeFile(path, `${pid} ${(await identify(pid)).startTime}\n`);
}

/** Whether the process that the file names has ended; without a file there is none. */
export async function namedHasEnded(path: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return false;
  const [, pid, startTime = ""] = /^(\d+) (.*)\n$/.exec(text) ?? [];
  // Half-written: it was killed at that.
  return pid === undefined || hasEnded({ pid: Number(pid), startTime });
}
