import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BRANCHES, PENDING } from "./branch-name.ts";
import { readCommit } from "./commit-object.ts";
import type { FoundSession } from "./find-session.ts";
import type { Reading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { isSubAgent } from "./sub-agent.ts";

/** The session that moved last and is no sub-agent's, which is what a person means who names none; undefined without one. */
export async function lastMoved(
  repository: Repository,
  reading: Reading,
  sessions: readonly FoundSession[],
): Promise<FoundSession | undefined> {
  for (const { session } of await byLastMove(repository, reading, sessions)) {
    if (!(await isSubAgent(reading, session))) return session;
  }
  return undefined;
}

/** A session, and when it moved. */
export interface MovedSession<Found extends FoundSession = FoundSession> {
  readonly session: Found;
  readonly at: Date;
}

/** Sorts sessions, the one that moved last first. */
export async function byLastMove<Found extends FoundSession>(
  { commonDir }: Repository,
  { objects }: Reading,
  sessions: readonly Found[],
): Promise<MovedSession<Found>[]> {
  const dated = await Promise.all(
    sessions.map(async (session) => {
      const { committedAt } = await readCommit(objects, session.pending ?? session.tip);
      return { session, at: new Date(committedAt * 1000), fileAt: await movedAt(commonDir, session) };
    }),
  );
  return dated.sort(
    (a, b) => b.at.getTime() - a.at.getTime() || b.fileAt - a.fileAt || (a.session.id < b.session.id ? 1 : -1),
  );
}

/** A commit's date has no parts of a second, the file of a ref that just moved has; a gc packs it away. */
async function movedAt(commonDir: string, { name, pending }: FoundSession): Promise<number> {
  const ref = (pending === undefined ? BRANCHES : PENDING) + name;
  return (await stat(join(commonDir, ref)).catch(() => undefined))?.mtimeMs ?? 0;
}
