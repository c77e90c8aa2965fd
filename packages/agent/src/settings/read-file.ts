import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { SettingsError } from "./settings-error.ts";

const { O_NONBLOCK, O_RDONLY } = constants;
const MOST_BYTES = 1024 * 1024;

/** Reads a small file of which nobody knows what it is; undefined when there is none. Never waits for a named pipe. */
export async function readSmallFile(path: string): Promise<Buffer | undefined> {
  try {
    await using file = await open(path, O_RDONLY | O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) throw new SettingsError(`${path} is not a file. Settings are read from files only.`);
    if (stats.size > MOST_BYTES) throw new SettingsError(`${path} has more than 1 MiB, which no settings need.`);
    const bytes = Buffer.alloc(stats.size);
    const { bytesRead } = await file.read(bytes, 0, stats.size, 0);
    return bytes.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new SettingsError(`${path} cannot be read (${String(code ?? error)}).`, { cause: error });
  }
}
