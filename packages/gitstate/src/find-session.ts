import { RepositoryError } from "./errors.ts";
import type { HistoryCommit } from "./fold.ts";
import { firstParents } from "./history.ts";
import type { ObjectStore } from "./object-store.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import type { Repository } from "./repository.ts";
import { readSessionRefs, type SessionRefs } from "./session-refs.ts";

/** How the objects of a repository are read. */
export interface Reading {
  readonly gitDir: PrivateGitDir;
  readonly objects: ObjectStore;
}

/** A session that was found, by way of its refs. */
export interface FoundSession extends SessionRefs {
  readonly id: string;
}

/** Commits looked at for a session's last record before giving up: all since are the user's own. */
const SEARCH_DEPTH = 1000;

/** Finds every session, with the id that its records carry. */
export async function findSessions(repository: Repository, reading: Reading): Promise<FoundSession[]> {
  const { sessions } = await readSessionRefs(repository);
  const found = await Promise.all(
    sessions.map(async (refs) => {
      const id = await sessionOf(reading, refs.pending ?? refs.tip);
      return id === undefined ? [] : [{ ...refs, id }];
    }),
  );
  return found.flat();
}

/** The session of the newest record at a commit. Pending refs name their session by it. */
export async function sessionOf(reading: Reading, commit: string): Promise<string | undefined> {
  return (await lastRecordCommit(reading, commit))?.records.at(-1)?.session;
}

async function lastRecordCommit(reading: Reading, from: string): Promise<HistoryCommit | undefined> {
  let depth = 0;
  for await (const commit of firstParents(reading, from)) {
    if (commit.records.length > 0) return commit;
    if (++depth === SEARCH_DEPTH) break;
  }
  return undefined;
}

/**
 * Finds what a person means: a branch with or without `bough/`, a session's id or the start of one, or any revision.
 * Throws a {@link RepositoryError} when it is none of these.
 */
export async function findSession(
  repository: Repository,
  reading: Reading,
  revision: string,
): Promise<{ session: FoundSession } | { commit: string; sessions: FoundSession[] }> {
  const sessions = await findSessions(repository, reading);
  const named = sessions.find(({ name }) => revision === name || revision === `bough/${name}` || revision === `refs/heads/bough/${name}`);
  if (named !== undefined) return { session: named };
  const byId = sessions.filter(({ id }) => id === revision || (revision.length >= 8 && id.startsWith(revision)));
  const exact = byId.find(({ id }) => id === revision) ?? (byId.length === 1 ? byId[0] : undefined);
  if (exact !== undefined) return { session: exact };
  const commit = await resolveCommit(repository, revision);
  const tip = sessions.find((session) => session.tip === commit || session.pending === commit);
  return tip === undefined ? { commit, sessions } : { session: tip };
}

/** Resolves any revision to its commit; throws a {@link RepositoryError} when there is no such commit. */
export async function resolveCommit(repository: Repository, revision: string): Promise<string> {
  const { stdout, exitCode } = await repository.git(
    ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`],
    { accept: [1, 128] },
  );
  const commit = stdout.toString().trim();
  if (exitCode === 0 && commit !== "") return commit;
  throw new RepositoryError(
    "unknown-revision",
    `${JSON.stringify(revision)} names no branch, commit or session here. "bough sessions" lists what there is.`,
  );
}

