import { mkdir, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { RepositoryError } from "./errors.ts";

/** Makes a folder of bough's own and those above it, and resolves to its real path. */
export async function makeFolder(path: string): Promise<string> {
  try {
    await makeBelow(path);
    return await realpath(path);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, cause: unknown): RepositoryError {
  const why = cause instanceof Error ? cause.message : cause;
  return new RepositoryError(
    "unwritable",
    `Cannot make the folder ${path}: ${why}. Set XDG_STATE_HOME and XDG_CACHE_HOME to folders that can be written.`,
    { cause },
  );
}

/** One folder after the other: where a file system makes none, Node's own recursion does not end. */
async function makeBelow(path: string): Promise<void> {
  if (await make(path)) return;
  if (dirname(path) !== path) await makeBelow(dirname(path));
  if (!(await make(path))) throw new Error("no folder can be made there");
}

/** Whether it is there now; if not, what it would be in is missing. */
async function make(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return true;
    if (code === "ENOENT") return false;
    throw error;
  }
}
