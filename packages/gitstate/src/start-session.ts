import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { type Base, cleanBase, snapshotBase } from "./base.ts";
import { BRANCHES, PENDING, checkName, freeName, nameFor } from "./branch-name.ts";
import { readCommit, writeCommit } from "./commit-object.ts";
import { GitError, RepositoryError } from "./errors.ts";
import { FIRST_STEP } from "./fold.ts";
import { newSessionId } from "./lineage.ts";
import { formatMessage } from "./message.ts";
import { ObjectStore } from "./object-store.ts";
import { RefUpdates } from "./ref-updates.ts";
import type { Repository } from "./repository.ts";
import { Session } from "./session.ts";
import { readSessionRefs, refuseMirror } from "./session-refs.ts";
import type { Extra, StepRecord } from "./step-record.ts";

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
  const wanted = options.name === undefined ? nameFor(options.topic ?? "") : checkName(options.name);
  const { taken } = await readSessionRefs(repository);
  if (options.name !== undefined && taken.has(wanted)) throw nameTaken(wanted);
  const { base, pending, record } = await writeBeginning(repository, options);
  const name = await createRefs(repository, { wanted, fixed: options.name !== undefined, taken, base: base.commit, pending });
  return openSession(repository, {
    id: record.session,
    name,
    tip: base.commit,
    pending,
    unsaved: [record],
    lastStep: record.step,
    leftOut: base.leftOut,
  });
}

/** Opens a session whose refs exist. */
export async function openSession(repository: Repository, state: ConstructorParameters<typeof Session>[2]): Promise<Session> {
  const worktree = join(repository.folders.worktrees, state.name);
  await mkdir(worktree, { recursive: true });
  const path = await realpath(worktree);
  const cache = join(repository.folders.cache, state.name);
  const gitDir = await repository.privateGitDir(cache, { workTree: path, indexDir: repository.gitDir });
  return new Session(repository, gitDir, state);
}

async function writeBeginning(repository: Repository, { clean, config }: StartOptions) {
  return repository.withGitDir(async (checkout) => {
    const objects = new ObjectStore({ folder: join(repository.commonDir, "objects"), format: repository.format, gitDir: checkout });
    try {
      const base = clean ? await cleanBase(repository, objects) : await snapshotBase(repository, objects, checkout);
      const record: StepRecord = {
        session: newSessionId(),
        step: FIRST_STEP,
        turn: 0,
        blocks: [{ type: "config", ...config }],
      };
      return { base, record, pending: await writeFirstRecord(repository, objects, base, record) };
    } finally {
      await objects.close();
    }
  }, repository.root);
}

async function writeFirstRecord(repository: Repository, objects: ObjectStore, base: Base, record: StepRecord): Promise<string> {
  const { committedAt } = await readCommit(objects, base.commit);
  return writeCommit(objects, {
    tree: base.tree,
    parents: [base.commit],
    author: repository.identity,
    committer: repository.identity,
    committedAt: Math.max(Math.floor(Date.now() / 1000), committedAt),
    message: formatMessage({ subject: "Records that no commit holds yet", records: [record] }),
  });
}

async function createRefs(
  repository: Repository,
  names: { wanted: string; fixed: boolean; taken: ReadonlySet<string>; base: string; pending: string },
): Promise<string> {
  const taken = new Set(names.taken);
  for (;;) {
    const name = freeName(names.wanted, taken);
    const refs = new RefUpdates({
      gitDir: repository.commonDir,
      cwd: repository.commonDir,
      identity: repository.identityVariables(),
    });
    try {
      await refs.apply([
        { ref: BRANCHES + name, from: undefined, to: names.base },
        { ref: PENDING + name, from: undefined, to: names.pending },
      ]);
      return name;
    } catch (error) {
      // Another bough took the name since it was looked for.
      if (!(error instanceof GitError) || !/reference already exists|cannot lock ref/.test(error.stderr)) throw error;
      if (names.fixed) throw nameTaken(name);
      taken.add(name);
      if (taken.size > names.taken.size + 20) throw error;
    } finally {
      await refs.close();
    }
  }
}

function nameTaken(name: string): RepositoryError {
  return new RepositoryError(
    "name-taken",
    `There is, or was, a session named "${name}". Choose another name, or go on with it by --resume bough/${name}.`,
  );
}
