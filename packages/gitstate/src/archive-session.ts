import { writeArchiveCommit } from "./archived-session.ts";
import { attempt } from "./attempt.ts";
import { ARCHIVE, BRANCHES, PENDING } from "./branch-name.ts";
import { closeWorktree } from "./close-worktree.ts";
import { BranchMovedError, RefMovedError, RepositoryError } from "./errors.ts";
import { type FoundSession, findNamed, findSessions, refuseAbandoned } from "./find-session.ts";
import { withoutGc } from "./gc-hold.ts";
import { type Reading, withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import { lockSession } from "./session-lock.ts";

const BOUGH = { name: "bough", email: "bough@localhost" };

/**
 * Archives a session that nobody has open, by its branch or id: its branch and its records move to one ref, and its
 * worktree goes. What only the worktree holds is committed before; throws a {@link RepositoryError} that says why when
 * the worktree cannot go all the same. Resuming the session brings it back.
 */
export function archiveSession(repository: Repository, revision: string): Promise<void> {
  return attempt(`archive ${JSON.stringify(revision)}`, () =>
    withReading(repository, async (reading) => {
      if ((await tryArchive(repository, reading, revision)) === undefined) return;
      await commitWorktree(repository, revision);
      const because = await tryArchive(repository, reading, revision);
      if (because !== undefined) throw stillNeeded(revision, because);
    }),
  );
}

/** Resolves to why the worktree has to stay, when it has; the session is as it was then. */
async function tryArchive(repository: Repository, reading: Reading, revision: string): Promise<string | undefined> {
  const { name } = await findOne(repository, reading, revision);
  const lock = await lockSession(repository, name);
  try {
    // With the lock nobody moves it any more.
    const session = await findOne(repository, reading, revision);
    const closed = await closeWorktree(repository, name);
    if (closed.type === "kept") return closed.because;
    await refuseCheckedOut(repository, name);
    await withoutGc(repository.commonDir, () => moveRefs(repository, reading, session));
    return undefined;
  } finally {
    await lock.release();
  }
}

async function findOne(repository: Repository, reading: Reading, revision: string): Promise<FoundSession> {
  const found = findNamed(await findSessions(repository, reading), revision);
  if (found !== undefined) return found;
  await refuseAbandoned(repository, reading, revision);
  throw new RepositoryError(
    "no-session",
    `${JSON.stringify(revision)} is no session's branch, so there is nothing to archive. "bough sessions" lists those there are.`,
  );
}

/** What an agent or a person left there is theirs to find again. */
async function commitWorktree(repository: Repository, revision: string): Promise<void> {
  await using session = await resumeSession(repository, revision);
  await session.recover(BOUGH);
  await session.commitByHand();
}

/** A branch that goes while it is checked out would leave that checkout without a commit. */
async function refuseCheckedOut(repository: Repository, name: string): Promise<void> {
  const { stdout } = await repository.git(["for-each-ref", "--format=%(worktreepath)", BRANCHES + name]);
  const path = stdout.toString().trim();
  if (path === "") return;
  throw new RepositoryError(
    "checked-out",
    `bough/${name} is checked out in ${path}, so it is not archived. Switch to another branch there, then try again.`,
  );
}

async function moveRefs(repository: Repository, { objects }: Reading, session: FoundSession): Promise<void> {
  const { name, id, tip, pending } = session;
  const commit = await writeArchiveCommit(objects, session, repository.identity);
  const refs = repository.refUpdates();
  try {
    await refs.apply([
      { ref: `${ARCHIVE}${name}-${id}`, from: undefined, to: commit },
      { ref: BRANCHES + name, from: tip, to: undefined },
      ...(pending === undefined ? [] : [{ ref: PENDING + name, from: pending, to: undefined }]),
    ]);
  } catch (error) {
    if (!(error instanceof RefMovedError)) throw error;
    throw new BranchMovedError(`bough/${name}`, { cause: error });
  } finally {
    await refs.close();
  }
}

function stillNeeded(revision: string, because: string): RepositoryError {
  return new RepositoryError(
    "worktree-kept",
    `${revision} is not archived, as its worktree would go: ${because}. Take that out of the worktree, then try again.`,
  );
}
