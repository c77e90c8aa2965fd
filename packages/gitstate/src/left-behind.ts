import { stat } from "node:fs/promises";
import { join } from "node:path";
import { findCutShort } from "./files-journal.ts";
import { LandingFolder } from "./landing-folder.ts";
import type { Repository } from "./repository.ts";

/** What programs that were killed left in a repository. */
export interface LeftBehind {
  /** Landings and other replacements of files that were cut short. */
  readonly cutShort: number;
  /** Absolute paths of locks that no git holds for so long. */
  readonly locks: readonly string[];
  /** Absolute paths of worktrees that git still lists and that are gone. */
  readonly worktrees: readonly string[];
}

/** Milliseconds; a git that waits for its person's editor holds the index's lock meanwhile. */
const OLD = 60_000;

/** Looks for what programs that were killed left; nothing of it is changed. */
export async function findLeftBehind(repository: Repository): Promise<LeftBehind> {
  const { gitDir, commonDir } = repository;
  const locks = [
    ...["index.lock", "HEAD.lock"].map((name) => join(gitDir, name)),
    ...["packed-refs.lock", "config.lock", "shallow.lock"].map((name) => join(commonDir, name)),
  ];
  const [landings, files, old, worktrees] = await Promise.all([
    LandingFolder.findLeft(gitDir),
    findCutShort(gitDir),
    Promise.all(locks.map(isOld)),
    findGone(repository),
  ]);
  const alone = files.filter(({ journal }) => !landings.some(({ path }) => path === journal.landing));
  return { cutShort: landings.length + alone.length, locks: locks.filter((_, at) => old[at]), worktrees };
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > OLD;
}

async function findGone(repository: Repository): Promise<string[]> {
  const { stdout } = await repository.git(["worktree", "list", "--porcelain", "-z"]);
  const listed = stdout.toString().split("\0\0");
  return listed.flatMap((entry) => {
    const fields = entry.split("\0");
    const path = fields.find((field) => field.startsWith("worktree "))?.slice("worktree ".length);
    return path !== undefined && fields.some((field) => /^prunable\b/.test(field)) ? [path] : [];
  });
}
