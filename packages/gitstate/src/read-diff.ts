import { readCommit } from "./commit-object.ts";
import { compare, type Difference, patch, type Sides } from "./compare.ts";
import { RepositoryError } from "./errors.ts";
import { findBase } from "./find-base.ts";
import { type FoundSession, findNamedAmongAll, findSessions, resolveOther } from "./find-session.ts";
import { lastMoved } from "./last-moved.ts";
import { type Reading, withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { unsavedRecords } from "./unsaved-records.ts";

/** What differs between two commits, and which they are. */
export interface Diff extends Difference, Sides {
  /** The branch of the session whose tip is the second one, where it was asked for by its session. */
  readonly branch: string | undefined;
  /** What the first one was asked for by, a session's branch or a revision; undefined where it follows from the second. */
  readonly since: string | undefined;
}

type FoundSides = Pick<Diff, "from" | "to" | "branch" | "since">;

/**
 * Reads what changed: between two revisions; of one, by that commit, or by that session since it started; without any,
 * by the session that moved last. Throws a {@link RepositoryError} when there is no such commit or session.
 */
export async function readDiff(repository: Repository, revisions: readonly string[]): Promise<Diff> {
  return withReading(repository, async (reading) => {
    const sides = await findSides(repository, reading, revisions);
    return { ...sides, ...(await compare(reading.gitDir, sides)) };
  });
}

/** Reads the same as a patch that `git apply` takes, byte for byte. */
export async function readPatch(repository: Repository, revisions: readonly string[]): Promise<Buffer> {
  return withReading(repository, async (reading) =>
    patch(reading.gitDir, await findSides(repository, reading, revisions)),
  );
}

async function findSides(
  repository: Repository,
  reading: Reading,
  [first, second]: readonly string[],
): Promise<FoundSides> {
  if (first === undefined) {
    const last = await lastMoved(repository, reading, await findSessions(repository, reading));
    if (last !== undefined) return sinceStart(reading, last);
    throw new RepositoryError(
      "no-session",
      'No sessions here yet, so there is nothing to compare. Start one: bough -p "…".',
    );
  }
  const session = await findNamedAmongAll(repository, reading, first);
  if (second !== undefined) {
    const other = await findNamedAmongAll(repository, reading, second);
    return {
      from: session?.tip ?? (await resolveOther(repository, reading, first)),
      to: other?.tip ?? (await resolveOther(repository, reading, second)),
      branch: other === undefined ? undefined : `bough/${other.name}`,
      since: session === undefined ? first : `bough/${session.name}`,
    };
  }
  if (session !== undefined) return sinceStart(reading, session);
  const to = await resolveOther(repository, reading, first);
  return { from: (await readCommit(reading.objects, to)).parents[0], to, branch: undefined, since: undefined };
}

async function sinceStart(reading: Reading, session: FoundSession): Promise<FoundSides> {
  const branch = `bough/${session.name}`;
  const from = await findBase(reading, { ...session, unsaved: await unsavedRecords(reading, session) });
  if (from !== undefined) return { from, to: session.tip, branch, since: undefined };
  throw new RepositoryError(
    "no-session",
    `The first step of ${branch} is gone from its history, so what the session changed cannot be told apart. Name the commit to compare with: bough diff <rev> ${branch}`,
  );
}
