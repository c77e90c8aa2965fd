import { type ArchivedSession, findArchived } from "./archived-session.ts";
import { BRANCHES } from "./branch-name.ts";
import { RepositoryError } from "./errors.ts";
import { firstParents, readHistoryCommit } from "./history.ts";
import { isOurs } from "./lineage.ts";
import type { Reading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { type AllSessionRefs, readSessionRefs, type SessionRefs } from "./session-refs.ts";
import type { StepRecord } from "./step-record.ts";

/** A session that was found, by way of its refs. */
export interface FoundSession extends SessionRefs {
  readonly id: string;
}

/** Commits looked at for a session's last record before giving up: all since are the user's own. */
const SEARCH_DEPTH = 1000;

/** Finds every session, with the id that its records carry. */
export async function findSessions(
  repository: Repository,
  reading: Reading,
  refs?: AllSessionRefs,
): Promise<FoundSession[]> {
  const { sessions } = refs ?? (await readSessionRefs(repository));
  const found = await Promise.all(
    sessions.map(async (refs) => {
      const id = await sessionOf(reading, refs.pending ?? refs.tip);
      return id === undefined ? [] : [{ ...refs, id }];
    }),
  );
  return found.flat();
}

/**
 * Finds whose a commit is. The newest record may be one that was picked from elsewhere, so the sessions whose branch
 * leads to the commit say which records are theirs.
 */
export async function sessionAt(
  repository: Repository,
  reading: Reading,
  commit: string,
  sessions: readonly FoundSession[],
): Promise<string | undefined> {
  const { stdout } = await repository.git(["for-each-ref", "--format=%(refname)", "--contains", commit, BRANCHES]);
  const branches = new Set(stdout.toString().split("\n"));
  const holders = sessions.filter(({ name }) => branches.has(BRANCHES + name));
  if (holders.length > 0) {
    let depth = 0;
    for await (const { records } of firstParents(reading, commit)) {
      const ours = records.findLast((record) => holders.some(({ id }) => isOurs(id, record)));
      if (ours !== undefined) return ours.session;
      if (++depth === SEARCH_DEPTH) break;
    }
  }
  return sessionOf(reading, commit);
}

/** The session of the newest record at a commit. Pending refs name their session by it. */
export async function sessionOf(reading: Reading, commit: string): Promise<string | undefined> {
  return (await newestRecords(reading, commit)).at(-1)?.session;
}

/** The records of the newest commit that holds any, going back from the given one. */
export async function newestRecords({ objects }: Reading, from: string): Promise<readonly StepRecord[]> {
  let commit: string | undefined = from;
  for (let depth = 0; commit !== undefined && depth < SEARCH_DEPTH; depth++) {
    const { records, parents } = await readHistoryCommit(objects, commit);
    if (records.length > 0) return records;
    commit = parents[0];
  }
  return [];
}

/**
 * Finds what a person means: a branch with or without `bough/`, a session's id or the start of one, also of an archived
 * session, or any revision. `sessions` are those that are not archived. Throws a {@link RepositoryError} when it is none
 * of these.
 */
export async function findSession(
  repository: Repository,
  reading: Reading,
  revision: string,
): Promise<
  { session: FoundSession | ArchivedSession; sessions: FoundSession[] } | { commit: string; sessions: FoundSession[] }
> {
  const refs = await readSessionRefs(repository);
  const sessions = await findSessions(repository, reading, refs);
  const named = findNamed(sessions, revision) ?? (await findNamedArchived(reading, refs, revision));
  if (named !== undefined) return { session: named, sessions };
  const commit = await resolveOther(repository, reading, revision);
  const atCommit = sessions.filter(({ tip, pending }) => tip === commit || pending === commit);
  // Several may stand there: those that were forked from it, or started on it, have done nothing yet.
  const owner = atCommit.length === 0 ? undefined : await sessionOf(reading, commit);
  const session = atCommit.find(({ id }) => id === owner);
  return session === undefined ? { commit, sessions } : { session, sessions };
}

/** Resolves what names no session; of a session whose branch is gone the error says what became of it. */
export async function resolveOther(repository: Repository, reading: Reading, revision: string): Promise<string> {
  try {
    return await resolveCommit(repository, revision);
  } catch (error) {
    await refuseAbandoned(repository, reading, revision);
    throw error;
  }
}

/** Throws a {@link RepositoryError} that says how to go on, when what is meant is a session without its branch. */
export async function refuseAbandoned(repository: Repository, reading: Reading, revision: string): Promise<void> {
  const refs = await readSessionRefs(repository);
  const lost = findNamed(await findAbandoned(reading, refs), revision);
  if (lost === undefined) return;
  const sessions = await findSessions(repository, reading, refs);
  const heir = sessions.find(({ id, pending }) => id === lost.id && pending === undefined);
  throw new RepositoryError(
    "no-session",
    heir === undefined
      ? `bough/${lost.name} was deleted or renamed by someone. Nothing is lost: --resume bough/${lost.name} brings it back with all that was said.`
      : `bough/${lost.name} was renamed by someone to bough/${heir.name}. Use that name.`,
  );
}

/** Finds the sessions whose branch somebody deleted or renamed: their pending records hold all of them. */
export async function findAbandoned(reading: Reading, { abandoned }: AllSessionRefs): Promise<FoundSession[]> {
  const found = await Promise.all(
    abandoned.map(async ({ name, commit }) => {
      const id = await sessionOf(reading, commit);
      return id === undefined ? [] : [{ name, id, tip: commit, pending: commit }];
    }),
  );
  return found.flat();
}

/** Finds the session that is meant by its branch or id, also when it is archived. */
export async function findNamedAmongAll(
  repository: Repository,
  reading: Reading,
  revision: string,
): Promise<FoundSession | ArchivedSession | undefined> {
  const refs = await readSessionRefs(repository);
  const sessions = await findSessions(repository, reading, refs);
  return findNamed(sessions, revision) ?? findNamedArchived(reading, refs, revision);
}

async function findNamedArchived(reading: Reading, { archived }: AllSessionRefs, revision: string) {
  return findNamed(await findArchived(reading, archived), revision);
}

/** Finds the session that is meant by its branch, with or without `bough/`, or by its id or the start of one. */
export function findNamed<Found extends FoundSession>(sessions: readonly Found[], revision: string): Found | undefined {
  const named = sessions.find(
    ({ name }) => revision === name || revision === `bough/${name}` || revision === `refs/heads/bough/${name}`,
  );
  if (named !== undefined) return named;
  const byId = sessions.filter(({ id }) => id === revision || (revision.length >= 8 && id.startsWith(revision)));
  const exact = byId.find(({ id }) => id === revision) ?? (byId.length === 1 ? byId[0] : undefined);
  if (exact === undefined && byId.length > 1) throw ambiguous(revision, byId);
  return exact;
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

function ambiguous(revision: string, sessions: readonly FoundSession[]): RepositoryError {
  const names = sessions.map(({ name }) => name).join(", ");
  return new RepositoryError(
    "unknown-revision",
    `${JSON.stringify(revision)} begins the ids of several sessions: ${names}. Give one of these names.`,
  );
}
