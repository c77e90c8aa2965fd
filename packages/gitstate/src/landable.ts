import { isArchived } from "./archived-session.ts";
import { RepositoryError } from "./errors.ts";
import { findBase } from "./find-base.ts";
import { type FoundSession, findSession, findSessions } from "./find-session.ts";
import type { Landable } from "./landing-base.ts";
import { lastMoved } from "./last-moved.ts";
import { detachedWorktree, linkedWorktreeOf } from "./linked-worktree.ts";
import { isMissing } from "./own-folder.ts";
import { type Reading, withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { isHeld } from "./session-lock.ts";
import { unsavedRecords } from "./unsaved-records.ts";

/** A session that was found by its refs and not opened. */
export interface FoundLandable extends Landable {
  /** Whether a program has it open now. */
  readonly isHeld: boolean;
  /** Whether it has no worktree in which somebody may have changed something since its last commit. */
  readonly isWithoutWorktree: boolean;
}

/**
 * Finds a session to land by its branch or id, or the one that moved last. Throws a {@link RepositoryError} when there
 * is none.
 */
export function findLandable(repository: Repository, branch?: string): Promise<FoundLandable> {
  return withReading(repository, async (reading) => {
    const found = branch === undefined ? await findLast(repository, reading) : await find(repository, reading, branch);
    const base = () =>
      withReading(repository, async (again) =>
        findBase(again, { ...found, unsaved: await unsavedRecords(again, found) }),
      );
    const [held, linked] = await Promise.all([
      isHeld(repository, found.name),
      isArchived(found) ? detachedWorktree(repository, found.name) : linkedWorktreeOf(repository, found.name),
    ]);
    const isWithoutWorktree = linked === undefined || (await isMissing(linked.path));
    return { id: found.id, branch: `bough/${found.name}`, tip: found.tip, base, isHeld: held, isWithoutWorktree };
  });
}

async function find(repository: Repository, reading: Reading, branch: string): Promise<FoundSession> {
  const found = await findSession(repository, reading, branch);
  if ("session" in found) return found.session;
  throw new RepositoryError(
    "no-session",
    `${JSON.stringify(branch)} is no session's branch. "bough sessions" lists those there are.`,
  );
}

async function findLast(repository: Repository, reading: Reading): Promise<FoundSession> {
  const last = await lastMoved(repository, reading, await findSessions(repository, reading));
  if (last !== undefined) return last;
  throw new RepositoryError("no-session", `There is no session in ${repository.root} yet. Start one: bough -p "…".`);
}
