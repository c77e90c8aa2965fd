import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";

/** Where bough keeps worktrees and caches, each in a folder of its own per repository. */
export interface Folders {
  /** Worktrees: files of the user's, never removed without asking. */
  readonly worktrees: string;
  /** Private git dirs and other things that may be deleted at any time. */
  readonly cache: string;
}

/** Finds the folders of a repository by the XDG rules; a relative `XDG_…` is ignored, as they say. */
export function foldersOf(commonDir: string, env: NodeJS.ProcessEnv = process.env): Folders {
  const key = repositoryKey(commonDir);
  return {
    worktrees: join(base(env["XDG_STATE_HOME"], ".local/state"), "bough", "worktrees", key),
    cache: join(base(env["XDG_CACHE_HOME"], ".cache"), "bough", "git", key),
  };
}

function base(configured: string | undefined, standard: string): string {
  return configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), standard);
}

/** The folder's name for people, and enough of a digest of its path to tell two of that name apart. */
function repositoryKey(commonDir: string): string {
  const name =
    basename(commonDir) === ".git" ? basename(dirname(commonDir)) : basename(commonDir).replace(/\.git$/, "");
  const digest = createHash("sha256").update(commonDir).digest("hex").slice(0, 8);
  return `${name.replace(/[^\w.-]+/g, "-") || "repository"}-${digest}`;
}
