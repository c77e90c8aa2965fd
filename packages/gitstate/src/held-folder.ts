import { access, mkdtemp, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { namedHasEnded, nameProcess } from "./process-file.ts";
import { isAlive } from "./running-process.ts";

/** The file in it that says which process uses it. */
const HOLDER = "holder";

/** Makes a folder of this process's own, which is known by its name, and once it holds something by its holder too. */
export async function makeHeldFolder(parent: string, prefix: string): Promise<string> {
  const folder = await realpath(await mkdtemp(join(parent, `${prefix}${process.pid}-`)));
  await nameProcess(holderOf(folder));
  return folder;
}

/** The file that names the process that uses a folder. */
export function holderOf(folder: string): string {
  return join(folder, HOLDER);
}

/** Whether the process that made the folder was killed. */
export async function wasLeft(folder: string): Promise<boolean> {
  const holder = holderOf(folder);
  const isNamed = await access(holder).then(
    () => true,
    () => false,
  );
  if (isNamed) return namedHasEnded(holder);
  const pid = /-(\d+)-[^-]*$/.exec(basename(folder))?.[1];
  return pid !== undefined && !isAlive(Number(pid));
}
