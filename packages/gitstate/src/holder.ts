import { readFile, rm, writeFile } from "node:fs/promises";

/** Says in a file which process works there, so that one that was killed is known by what it left. */
export async function hold(path: string): Promise<void> {
  await writeFile(path, `${process.pid} ${await startTime(process.pid)}\n`);
}

/** Takes the file away again. */
export async function letGo(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Whether the process that the file names ended without letting go. */
export async function wasKilled(path: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  const [, pid, started] = /^(\d+) (.*)\n$/.exec(text ?? "") ?? [];
  if (text === undefined) return false;
  // Half-written: it was killed at that.
  if (pid === undefined) return true;
  return !isAlive(Number(pid)) || (await startTime(Number(pid))) !== started;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Tells a process from a later one of the same number, where the system says when it started. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name before it may hold anything, so the fields are counted from its closing bracket.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
