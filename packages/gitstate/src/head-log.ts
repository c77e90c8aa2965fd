import { readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Whether HEAD of a worktree came to a commit by something done in that worktree, which then left the files as it meant
 * them to be. A ref that is moved from elsewhere leaves no line in that log. Where no log is kept it is taken to be so.
 */
export async function cameHere(gitDir: string, commit: string): Promise<boolean> {
  const log = await readFile(join(gitDir, "logs", "HEAD"), "utf8").catch(() => "");
  const last = /(?:^|\n)[0-9a-f]+ ([0-9a-f]+) [^\n]*\n?$/.exec(log)?.[1];
  return last === undefined || last === commit;
}
