import { createHash } from "node:crypto";
import { lstat, readFile, readlink } from "node:fs/promises";
import { codeOf } from "./place-file.ts";

/** Says of a file or link what it is and holds, so that two that are the same read the same; undefined where none is. */
export async function describeFile(path: Buffer): Promise<string | undefined> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return `link ${digest(await readlink(path, { encoding: "buffer" }))}`;
    if (!found.isFile()) return "folder";
    return `file ${(found.mode & 0o7777).toString(8)} ${digest(await readFile(path))}`;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return undefined;
    throw error;
  }
}

function digest(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
