import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { type ArchivedSession, findArchived } from "./archived-session.ts";
import { PENDING } from "./branch-name.ts";
import { closableWorktree, findRemoved } from "./close-worktree.ts";
import { readCommit } from "./commit-object.ts";
import type { AbandonedGarbage, ArchivedGarbage, Garbage } from "./garbage.ts";
import { findGoneRepositories } from "./gone-repositories.ts";
import { detachedWorktree } from "./linked-worktree.ts";
import { folderSize, foldersIn, isOwnFolder } from "./own-folder.ts";
import { commonDirOf } from "./private-git-dir.ts";
import { type Reading, withReading } from "./reading.ts";
import { type Repository, TEMPORARY } from "./repository.ts";
import { isHeld } from "./session-lock.ts";
import { type AllSessionRefs, readSessionRefs } from "./session-refs.ts";

const DAY = 24 * 60 * 60 * 1000;

/** How long archived sessions are kept, in milliseconds, unless told: 30 days. */
export const RETENTION = 30 * DAY;

/** What counts as due. */
export interface GarbageOptions {
  /** Milliseconds that archived sessions and other unique work are kept; {@link RETENTION} unless told. */
  readonly olderThan?: number;
  readonly now?: Date;
}

/** Finds what is due in a repository and in bough's own folders. Nothing that a live process holds is; nothing changes. */
export function findGarbage(
  repository: Repository,
  { olderThan = RETENTION, now = new Date() }: GarbageOptions = {},
): Promise<Garbage[]> {
  const isOld = (at: Date) => now.getTime() - at.getTime() >= olderThan;
  const isForgotten = (at: Date) => now.getTime() - at.getTime() >= DAY;
  return withReading(repository, async (reading) => {
    const refs = await readSessionRefs(repository);
    return [
      ...(await findWorktrees(repository, refs)),
      ...(await findCaches(repository, refs)),
      ...(await findLeftOvers(repository, isForgotten)),
      ...(await findDueRefs(repository, reading, { refs, isOld })),
      ...(await findGoneRepositories(repository, isOld)),
    ];
  });
}

async function findWorktrees(repository: Repository, { sessions }: AllSessionRefs): Promise<Garbage[]> {
  const found: Garbage[] = [];
  for (const { name } of sessions) {
    const path = (await isHeld(repository, name)) ? undefined : await closableWorktree(repository, name);
    if (path === undefined) continue;
    const why = "nobody has the session open, and its branch holds all that is in it";
    found.push({ type: "worktree", name, path, why, size: await folderSize(path), dropsWork: false });
  }
  return found;
}

/** Private git dirs that bough wrote for sessions which have no branch any more. */
async function findCaches(repository: Repository, { sessions }: AllSessionRefs): Promise<Garbage[]> {
  const { folders, commonDir } = repository;
  const names = new Set(sessions.map(({ name }) => name));
  const found: Garbage[] = [];
  for (const name of await foldersIn(folders.cache)) {
    const path = join(folders.cache, name);
    // The one that all share has a name in capitals, which no session has.
    if (names.has(name) || name !== name.toLowerCase() || (await commonDirOf(path)) !== commonDir) continue;
    if (await isHeld(repository, name)) continue;
    const why = `a cache for bough/${name}, which is no branch any more`;
    found.push({ type: "cache", name, path, why, size: await folderSize(path), dropsWork: false });
  }
  return found;
}

async function findLeftOvers({ folders }: Repository, isForgotten: (at: Date) => boolean): Promise<Garbage[]> {
  const temporary = (await foldersIn(folders.cache))
    .filter((name) => name.startsWith(TEMPORARY))
    .map((name) => join(folders.cache, name));
  const found: Garbage[] = [];
  for (const path of [...(await findRemoved(folders.worktrees)), ...temporary]) {
    // A rename leaves all its other times as they were.
    if (!(await isOwnFolder(path)) || !isForgotten((await lstat(path)).ctime)) continue;
    const why = "a process of bough's that was killed left it";
    found.push({ type: "left-over", path, why, size: await folderSize(path), dropsWork: false });
  }
  return found;
}

/** Archived sessions and deleted branches, of which none counts as the place where another's work is kept. */
async function findDueRefs(
  repository: Repository,
  reading: Reading,
  { refs, isOld }: { readonly refs: AllSessionRefs; readonly isOld: (at: Date) => boolean },
): Promise<Garbage[]> {
  const archived = (await findArchived(reading, refs.archived)).filter(({ archivedAt }) => isOld(archivedAt));
  const due = [
    ...(await Promise.all(archived.map((each) => archivedGarbage(repository, each)))),
    ...(await findAbandoned(repository, reading, refs)),
  ];
  const others = due.map(({ ref }) => `--exclude=${ref}`);
  const found: Garbage[] = [];
  for (const { why, since, worktree, ...garbage } of due) {
    const size = await sizeBeside(repository, garbage.commit, others);
    const dropsWork = garbage.type === "archived-session" || size !== 0;
    if (dropsWork && !isOld(since)) continue;
    found.push({
      ...garbage,
      why: dropsWork ? why : `${why}; another branch holds all of it`,
      size: (size ?? 0) + (worktree === undefined ? 0 : await folderSize(worktree)),
      dropsWork,
    });
  }
  return found;
}

type DueRef = (ArchivedGarbage | AbandonedGarbage) & {
  readonly why: string;
  readonly since: Date;
  /** What goes with it beside its commits. */
  readonly worktree?: string | undefined;
};

async function archivedGarbage(
  repository: Repository,
  { name, id, archived, archivedAt }: ArchivedSession,
): Promise<DueRef> {
  const { ref, commit } = archived;
  const worktree = (await detachedWorktree(repository, name))?.path;
  const since = `archived since ${archivedAt.toISOString().slice(0, 10)}`;
  const why = worktree === undefined ? since : `${since}; with it goes ${worktree}, and files that no commit holds`;
  return { type: "archived-session", name, session: id, ref, commit, why, since: archivedAt, worktree };
}

async function findAbandoned(
  repository: Repository,
  { objects }: Reading,
  { abandoned }: AllSessionRefs,
): Promise<DueRef[]> {
  const found: DueRef[] = [];
  for (const { name, commit } of abandoned) {
    // Its branch may be about to be made.
    if (await isHeld(repository, name)) continue;
    const since = new Date((await readCommit(objects, commit)).committedAt * 1000);
    const why = "somebody deleted its branch";
    found.push({ type: "deleted-branch", name, ref: PENDING + name, commit, why, since });
  }
  return found;
}

/** Counts the bytes in the object store that only this commit leads to; undefined where git cannot, as in a partial clone. */
async function sizeBeside(
  repository: Repository,
  commit: string,
  others: readonly string[],
): Promise<number | undefined> {
  const args = ["rev-list", "--disk-usage", "--objects", commit, "--not", ...others, "--all"];
  const { stdout, exitCode } = await repository.git(args, { accept: [128] });
  return exitCode === 0 ? Number(stdout.toString().trim()) : undefined;
}
