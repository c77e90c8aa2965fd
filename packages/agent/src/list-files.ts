import { findFiles, WorktreeFiles } from "@bough/sandbox";

/** More than anybody looks through; beyond it the list costs more than it helps. */
const MOST_FILES = 100_000;

/** Lists the files below a folder that git does not ignore, relative to it. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  const { paths } = await findFiles(new WorktreeFiles({ root: folder }), { type: "file", limit: MOST_FILES });
  return paths;
}
