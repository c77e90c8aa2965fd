import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { attempt } from "./attempt.ts";
import { cleanBase, snapshotBase } from "./base.ts";
import { BRANCHES, checkName, freeNames, nameFor, PENDING } from "./branch-name.ts";
import { type ClaimedName, claimName } from "./claim-name.ts";
import { RepositoryError } from "./errors.ts";
import { FIRST_STEP } from "./fold.ts";
import { withoutGc } from "./gc-hold.ts";
import { withIncludeLine } from "./left-out.ts";
import { newSessionId } from "./lineage.ts";
import { makeFolder } from "./make-folder.ts";
import { writePendingRecords } from "./pending-records.ts";
import { type Reading, withReading } from "./reading.ts";
import { tellRecovered } from "./recover-landing.ts";
import type { Repository } from "./repository.ts";
import { Session, type SessionMeans, type SessionState } from "./session.ts";
import { type AllSessionRefs, readSessionRefs, refuseMirror } from "./session-refs.ts";
import { removeStaleLocks } from "./stale-locks.ts";
import type { Extra, StepRecord } from "./step-record.ts";
import { makeWorktreeFolder } from "./worktree-folder.ts";

/** What a session is started with. */
export interface StartOptions {
  /** Name of the branch after `bough/`; without it one is made from `topic`. */
  readonly name?: string;
  /** What it is about, as the first prompt says. */
  readonly topic?: string;
  /** Whether to start from the last commit and leave uncommitted work aside. */
  readonly clean?: boolean;
  /** The configuration, kept with the session. */
  readonly config: { readonly text: string; readonly extra: Extra };
}

/**
 * Starts a session from the user's present state. When it resolves the branch exists and the conversation can begin;
 * the files follow (`session.ready`). Throws a {@link RepositoryError} and leaves nothing behind when it cannot be.
 */
export async function startSession(repository: Repository, options: StartOptions): Promise<Session> {
  refuseMirror(repository);
  const fixed = options.name === undefined ? undefined : checkName(options.name);
  const notices: string[] = [];
  const start = async (reading: Reading) => {
    await tellRecovered(repository, (text) => notices.push(text));
    const [looking, beginning] = [readSessionRefs(repository), writeBeginning(repository, reading, options)];
    // Both at once, and both to their end: what one works with must not go while it does.
    await Promise.allSettled([looking, beginning]);
    const refs = await looking;
    const { base, pending, record } = await beginning;
    if (fixed !== undefined && refs.taken.has(fixed)) throw nameTaken(fixed, refs);
    const names = fixed === undefined ? freeNames(nameFor(options.topic ?? ""), refs.taken) : [fixed];
    const claimed = await claimName(repository, { names, tip: base.commit, pending });
    if (claimed === undefined) throw nameTaken(fixed ?? nameFor(options.topic ?? ""), refs);
    const { step, session: id } = record;
    const state = { id, name: claimed.name, tip: base.commit, pending, lastStep: step, unsaved: [record], isNew: true };
    return openClaimed(repository, claimed, { ...state, leftOut: base.leftOut.map(withIncludeLine), notices });
  };
  const safely = (reading: Reading) => withoutGc(repository.commonDir, () => start(reading));
  return attempt(`start a session in ${repository.root}`, () => withReading(repository, safely, repository.root));
}

/** Opens a session whose refs were made for it just now; they go again when it cannot be opened. */
export async function openClaimed(repository: Repository, claimed: ClaimedName, state: SessionState): Promise<Session> {
  try {
    return await openSession(repository, state, claimed);
  } catch (error) {
    await claimed.giveBack();
    throw error;
  }
}

/** Opens a session whose refs exist and whose lock is held; the session lets go of it. */
export async function openSession(
  repository: Repository,
  state: SessionState,
  { refs, lock }: Pick<SessionMeans, "refs" | "lock">,
): Promise<Session> {
  const worktree = await makeWorktreeFolder(repository, state.name);
  const hadFiles = await readdir(worktree).then(
    (names) => names.length > 0,
    () => true,
  );
  const gitDir = await repository.privateGitDir(await makeFolder(join(repository.folders.cache, state.name)), {
    workTree: worktree,
    indexDir: repository.gitDir,
  });
  if (lock.afterCrash) {
    const own = [BRANCHES + state.name, PENDING + state.name];
    await removeStaleLocks(own.map((ref) => join(repository.commonDir, `${ref}.lock`)));
  }
  const { objects } = await repository.retain();
  return new Session({ repository, gitDir, objects, refs, lock, hadFiles }, state);
}

async function writeBeginning(repository: Repository, { gitDir, objects }: Reading, { clean, config }: StartOptions) {
  const base = clean ? await cleanBase(repository, objects) : await snapshotBase(repository, objects, gitDir);
  const record: StepRecord = {
    session: newSessionId(),
    step: FIRST_STEP,
    turn: 0,
    extra: { base: base.commit },
    blocks: [{ type: "config", ...config }],
  };
  const by = repository.identity;
  return { base, record, pending: await writePendingRecords(objects, { records: [record], parent: base.commit, by }) };
}

/** The error for a name that a session has, or had. */
export function nameTaken(name: string, { gone }: Pick<AllSessionRefs, "gone">): RepositoryError {
  const isGone = gone.some((other) => other.name.toLowerCase() === name);
  return new RepositoryError(
    "name-taken",
    isGone
      ? `There was a session named "${name}", which gc removed; no name is given out twice. Choose another.`
      : `There is, or was, a session named "${name}". Choose another name, or go on with it by --resume bough/${name}.`,
  );
}
