import { readdir, readlink } from "node:fs/promises";
import { join } from "node:path";

/**
 * Whether a process has a folder, or one below it, as its working directory. Other users' processes cannot be asked, and
 * only Linux answers for more than this one.
 */
export async function isStoodIn(folder: string): Promise<boolean> {
  const processes = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(processes.map((id) => readlink(join("/proc", id, "cwd")).catch(() => "")));
  return [process.cwd(), ...folders].some((cwd) => cwd === folder || cwd.startsWith(`${folder}/`));
}
