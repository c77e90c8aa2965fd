import { stat } from "node:fs/promises";
import { join } from "node:path";
import { PENDING } from "./branch-name.ts";
import { readCommit } from "./commit-object.ts";
import type { FoundSession } from "./find-session.ts";
import type { Reading } from "./reading.ts";
import type { Repository } from "./repository.ts";

/** The session that moved last; undefined when there is none. */
export async function lastMoved(
  { commonDir }: Repository,
  { objects }: Reading,
  sessions: readonly FoundSession[],
): Promise<FoundSession | undefined> {
  const dated = await Promise.all(
    sessions.map(async (session) => ({
      session,
      at: (await readCommit(objects, session.pending ?? session.tip)).committedAt,
    })),
  );
  const latest = Math.max(...dated.map(({ at }) => at));
  const last = dated.filter(({ at }) => at === latest).map(({ session }) => session);
  if (last.length <= 1) return last[0];
  // A commit's date has no parts of a second, the file of a ref that just moved has; a gc packs it away.
  const moved = await Promise.all(
    last.map(async (session) => ({
      session,
      at: (await stat(join(commonDir, PENDING + session.name)).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  return moved.sort((a, b) => b.at - a.at || (a.session.id < b.session.id ? 1 : -1))[0]?.session;
}
