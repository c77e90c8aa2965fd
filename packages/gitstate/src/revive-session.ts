import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { lastWritten } from "./branch-move.ts";
import { BRANCHES, PENDING } from "./branch-name.ts";
import { RefMovedError } from "./errors.ts";
import { type FoundSession, findAbandoned, findNamed, findSessions } from "./find-session.ts";
import { findLinkedWorktree } from "./linked-worktree.ts";
import type { Reading } from "./reading.ts";
import type { RefUpdate } from "./ref-updates.ts";
import type { Repository } from "./repository.ts";
import { lockSession } from "./session-lock.ts";
import { readSessionRefs } from "./session-refs.ts";

/** A session that somebody deleted or renamed the branch of, and that can be gone on with again. */
export interface RevivedSession {
  readonly name: string;
  /** What a person is to be told. */
  readonly notice: string;
}

/**
 * Makes a session whose branch somebody deleted or renamed one to go on with, when it is the one that is meant by its
 * name, new or old, or its id: its pending records hold all of it. A branch that was renamed to another below `bough/`
 * stays renamed; any other is the user's own then, and the session's comes back where it was.
 */
export async function reviveSession(
  repository: Repository,
  reading: Reading,
  revision: string,
): Promise<RevivedSession | undefined> {
  const refs = await readSessionRefs(repository);
  if (refs.abandoned.length === 0) return undefined;
  const sessions = await findSessions(repository, reading, refs);
  for (const lost of await findAbandoned(reading, refs)) {
    const heir = sessions.find(({ id, pending }) => id === lost.id && pending === undefined);
    const isMeant = heir !== undefined && findNamed(sessions, revision) === heir;
    if (!isMeant && findNamed([lost], revision) === undefined) continue;
    return heir === undefined ? bringBack(repository, reading, lost) : rename(repository, lost, heir);
  }
  return undefined;
}

/** The records move to where the branch is. */
async function rename(
  repository: Repository,
  { name, tip }: FoundSession,
  heir: FoundSession,
): Promise<RevivedSession | undefined> {
  const moved = await moveRefs(repository, name, [
    { ref: PENDING + heir.name, from: undefined, to: tip },
    { ref: PENDING + name, from: tip, to: undefined },
  ]);
  const notice = `bough/${name} was renamed by someone to bough/${heir.name}; going on there.`;
  return moved ? { name: heir.name, notice } : undefined;
}

async function bringBack(
  repository: Repository,
  reading: Reading,
  { name, tip: pending }: FoundSession,
): Promise<RevivedSession | undefined> {
  const tip = await lastWritten(reading, pending);
  if (!(await moveRefs(repository, name, [{ ref: BRANCHES + name, from: undefined, to: tip }]))) return undefined;
  const other = await switchBack(repository, name, tip);
  const back = `it is back at ${tip.slice(0, 9)}, with all that was said`;
  const notice =
    other === undefined
      ? `bough/${name} was deleted by someone; ${back}.`
      : `bough/${name} was renamed by someone to ${other}; ${back}, and ${other} is left as it is.`;
  return { name, notice };
}

/** Whoever makes a session, or has it open, has its lock: to them its refs are not lost. */
async function moveRefs(repository: Repository, name: string, updates: readonly RefUpdate[]): Promise<boolean> {
  const lock = await lockSession(repository, name);
  const refs = repository.refUpdates();
  try {
    await refs.apply(updates);
    return true;
  } catch (error) {
    if (error instanceof RefMovedError) return false;
    throw error;
  } finally {
    await refs.close();
    await lock.release();
  }
}

/** The worktree went along with the branch to its other name; where nothing was committed there since, it comes back. */
async function switchBack(repository: Repository, name: string, tip: string): Promise<string | undefined> {
  const path = join(repository.folders.worktrees, name);
  const linked = await findLinkedWorktree(repository, await realpath(path).catch(() => path));
  if (linked === undefined) return undefined;
  const head = await readFile(join(linked.gitDir, "HEAD"), "utf8");
  const other = /^ref: refs\/heads\/(.+)\n$/.exec(head)?.[1];
  if (other === undefined || other === `bough/${name}` || (await repository.branchTip(other)) !== tip) return undefined;
  await repository.git(["--git-dir", linked.gitDir, "symbolic-ref", "HEAD", BRANCHES + name]);
  return other;
}
