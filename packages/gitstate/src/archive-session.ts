import { writeArchiveCommit } from "./archived-session.ts";
import { attempt } from "./attempt.ts";
import { ARCHIVE, BRANCHES, PENDING } from "./branch-name.ts";
import { type ClosedWorktree, closeWorktree } from "./close-worktree.ts";
import { BranchMovedError, RefMovedError, RepositoryError } from "./errors.ts";
import { type FoundSession, findNamed, findSessions, refuseAbandoned } from "./find-session.ts";
import { withoutGc } from "./gc-hold.ts";
import { detachFor, linkedWorktreeOf } from "./linked-worktree.ts";
import { type Reading, withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import { lockSession } from "./session-lock.ts";

const BOUGH = { name: "bough", email: "bough@localhost" };

/**
 * Archives a session that nobody has open, by its branch or id: its branch and its records move to one ref, and its
 * worktree goes. What only the worktree holds is committed before; it stays, on no branch, for the sake of files that no
 * commit takes. Throws a {@link RepositoryError} that says why when somebody is in the middle of something there.
 * Resuming the session brings it back.
 */
export function archiveSession(repository: Repository, revision: string): Promise<ClosedWorktree> {
  return attempt(`archive ${JSON.stringify(revision)}`, () =>
    withReading(repository, async (reading) => {
      const first = await tryArchive(repository, reading, { revision, keepsFiles: false });
      if (first.type !== "kept") return first;
      await commitWorktree(repository, revision);
      const second = await tryArchive(repository, reading, { revision, keepsFiles: true });
      if (second.type === "kept" && !second.onlyFiles) throw stillNeeded(revision, second.because);
      return second;
    }),
  );
}

/** The session is as it was when its worktree has to stay, unless that is for files only and they are to be kept. */
async function tryArchive(
  repository: Repository,
  reading: Reading,
  { revision, keepsFiles }: { readonly revision: string; readonly keepsFiles: boolean },
): Promise<ClosedWorktree> {
  const { name } = await findOne(repository, reading, revision);
  const lock = await lockSession(repository, name);
  try {
    // With the lock nobody moves it any more.
    const session = await findOne(repository, reading, revision);
    const closed = await closeWorktree(repository, name);
    if (closed.type === "kept" && !(closed.onlyFiles && keepsFiles)) return closed;
    const linked = await linkedWorktreeOf(repository, name);
    await refuseCheckedOut(repository, name, linked?.path);
    const move = () => withoutGc(repository.commonDir, () => moveRefs(repository, reading, session));
    await (linked === undefined ? move() : detachFor(repository, linked, { tip: session.tip, work: move }));
    return closed;
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
async function refuseCheckedOut(repository: Repository, name: string, own: string | undefined): Promise<void> {
  const { stdout } = await repository.git(["for-each-ref", "--format=%(worktreepath)", BRANCHES + name]);
  const path = stdout.toString().trim();
  if (path === "" || path === own) return;
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
    `${revision} is not archived, as its worktree would go: ${because}. See to that in the worktree, then try again.`,
  );
}
