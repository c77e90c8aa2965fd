import { type ArchivedSession, isArchived } from "./archived-session.ts";
import { BRANCHES, PENDING } from "./branch-name.ts";
import { RepositoryError } from "./errors.ts";
import { type FoundSession, findNamedAmongAll, findSessions, refuseAbandoned } from "./find-session.ts";
import { lastMoved } from "./last-moved.ts";
import { type Reading, withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { unsavedRecords } from "./unsaved-records.ts";

/**
 * Writes a `git bundle` of a session's branch, by its name or id; without one, of the session that moved last. Steps that
 * no commit of the branch holds are in it under their own ref.
 */
export async function bundleSession(repository: Repository, name?: string): Promise<Buffer> {
  return withReading(repository, async (reading) => {
    const session =
      name === undefined
        ? await lastMoved(repository, reading, await findSessions(repository, reading))
        : await findNamedAmongAll(repository, reading, name);
    if (session === undefined && name !== undefined) await refuseAbandoned(repository, reading, name);
    if (session === undefined) throw noSession(name);
    const refs = await refsOf(reading, session);
    const { stdout } = await repository.git(["bundle", "create", "--quiet", "-", ...refs]);
    return stdout;
  });
}

async function refsOf(reading: Reading, session: FoundSession | ArchivedSession): Promise<string[]> {
  if (isArchived(session)) return [session.archived.ref];
  const unsaved = await unsavedRecords(reading, session);
  return [BRANCHES + session.name, ...(unsaved.length > 0 ? [PENDING + session.name] : [])];
}

function noSession(name: string | undefined): RepositoryError {
  return new RepositoryError(
    "no-session",
    name === undefined
      ? 'No sessions here yet, so there is none to export. Start one: bough -p "…".'
      : `${JSON.stringify(name)} is no session's branch, and only a branch can be bundled. "bough sessions" lists them.`,
  );
}
