import { GitError } from "./errors.ts";
import type { Reading } from "./reading.ts";

/** Reads the blob of an id that anybody may have written; undefined when there is none, or it has more bytes than `most`. */
export async function readBlob({ gitDir, objects }: Reading, id: string, most: number): Promise<Buffer | undefined> {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id)) return undefined;
  try {
    // Asked first, because what is read is read whole.
    const { stdout } = await gitDir.git(["cat-file", "-s", id]);
    if (Number(stdout.toString()) > most) return undefined;
    const { type, content } = await objects.read(id);
    return type === "blob" ? content : undefined;
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}
