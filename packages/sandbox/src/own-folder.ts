import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { lstat, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "./file-errors.ts";

const forgottenAfterMs = 24 * 60 * 60 * 1000;

/** Folders of this process that nobody removed. */
const folders = new Set<string>();
let isSwept = false;

/** Makes a folder for what a session keeps, which goes when the process exits, or after a day when that was killed. */
export function makeOwnFolder(): string {
  // Nobody needs to wait for it.
  if (!isSwept) void sweep();
  isSwept = true;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `bough-shell-${process.pid}-`)));
  for (const name of ["home", "tmp", "shell"]) mkdirSync(join(folder, name));
  if (folders.size === 0) process.once("exit", removeAll);
  folders.add(folder);
  return folder;
}

/** Removes such a folder. What a command made unremovable is left to the system, which empties the place they are in. */
export async function removeOwnFolder(folder: string): Promise<void> {
  folders.delete(folder);
  if (folders.size === 0) process.off("exit", removeAll);
  await rm(folder, { recursive: true, force: true }).catch(() => {});
}

function removeAll(): void {
  for (const folder of folders) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // As in `removeOwnFolder`.
    }
  }
}

/** Removes what killed processes left; another machine's, where the place is shared, cannot be told from them but by age. */
async function sweep(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const pid = /^bough-shell-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const folder = join(tmpdir(), name);
    if (await isForgotten(folder)) await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

/** Each command writes to `shell`, so its time is that of the last one. */
async function isForgotten(folder: string): Promise<boolean> {
  try {
    const own = await lstat(folder);
    if (!own.isDirectory() || own.uid !== process.getuid?.()) return false;
    const shell = await lstat(join(folder, "shell")).catch(() => own);
    return Date.now() - Math.max(own.mtimeMs, shell.mtimeMs) > forgottenAfterMs;
  } catch {
    // Somebody else removes it.
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
}
