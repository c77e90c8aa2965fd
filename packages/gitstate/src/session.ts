import { rm } from "node:fs/promises";
import { join } from "node:path";
import { attempt } from "./attempt.ts";
import { describeMove, findMove } from "./branch-move.ts";
import { BranchWithFiles, type MadeCommit } from "./branch-with-files.ts";
import { Checkout } from "./checkout.ts";
import { closeWorktree } from "./close-worktree.ts";
import { readCommit } from "./commit-object.ts";
import { type CommitOptions, commitByHand, commitStep, commitUnfinished, unfinishedStep } from "./commit-step.ts";
import { BranchMovedError } from "./errors.ts";
import { resolveCommit } from "./find-session.ts";
import { type Conversation, fold } from "./fold.ts";
import { withoutGc } from "./gc-hold.ts";
import { firstParents } from "./history.ts";
import type { LeftOut } from "./left-out.ts";
import { removeLinkedWorktree } from "./linked-worktree.ts";
import { type MergeInTurnOptions, mergeInTurn } from "./merge-in-turn.ts";
import { mergeInto } from "./merge-into.ts";
import { broughtIn, type MergeResult } from "./merge-sessions.ts";
import type { ObjectStore } from "./object-store.ts";
import { type BranchState, OpenBranch } from "./open-branch.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import { readBlob } from "./read-blob.ts";
import type { Reading } from "./reading.ts";
import type { RefUpdates } from "./ref-updates.ts";
import type { Identity, Repository } from "./repository.ts";
import type { RewindOptions, RewindResult } from "./rewind.ts";
import { rewindSession } from "./rewind-session.ts";
import type { SessionLock } from "./session-lock.ts";
import type { StepRecord } from "./step-record.ts";
import { notToldBefore } from "./told-once.ts";

/** A step to be kept; the session gives it its place in the lineage. */
export type NewStep = Omit<StepRecord, "session">;

/** How a session is closed. */
export interface CloseOptions {
  /**
   * Whether to remove the worktree when the branch holds all that is in it; it stays unless told. As it was found, it goes
   * where this opening had made it.
   */
  readonly worktree?: "keep" | "remove-when-safe" | "as-found";
}

/** Where a session stands when it is opened. */
export interface SessionState extends BranchState {
  /** The commit that the session wrote last, where somebody else moved the branch since. */
  readonly movedFrom?: string | undefined;
  readonly leftOut: readonly LeftOut[];
  /** What a person is to be told, a line each. */
  readonly notices?: readonly string[];
  /** Whether it was started or forked just now. */
  readonly isNew: boolean;
}

/** What an open session works through. */
export interface SessionMeans {
  readonly repository: Repository;
  readonly gitDir: PrivateGitDir;
  /** The repository's, which the session gives back when it is closed. */
  readonly objects: ObjectStore;
  /** Moves refs from the repository's own git dir, until there is a worktree to do it from. */
  readonly refs: RefUpdates;
  /** Lets nobody else write to it until it is closed. */
  readonly lock: SessionLock;
  /** Whether anything was in the worktree. */
  readonly hadFiles: boolean;
}

/** A line of work: a conversation, its branch and its worktree. One call at a time has effect; they queue. */
export class Session {
  readonly repository: Repository;
  /** Whether it was started or forked just now, rather than taken up again. */
  readonly isNew: boolean;
  /** Whether its worktree held anything when it was opened: without, nobody can have changed anything in it. */
  readonly hadFiles: boolean;
  /** Resolves when the files are there; rejects with why they cannot be. */
  readonly ready: Promise<Checkout>;
  readonly #branch: OpenBranch;
  readonly #withFiles: Promise<BranchWithFiles>;
  readonly #gitDir: PrivateGitDir;
  readonly #reading: Reading;
  readonly #lock: SessionLock;
  readonly #leftOut: Map<string, LeftOut>;
  readonly #notices: string[];
  #queue: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** Takes up a session whose refs exist; see `startSession` and `resumeSession`. */
  constructor({ repository, gitDir, objects, refs, lock, hadFiles }: SessionMeans, state: SessionState) {
    this.repository = repository;
    this.isNew = state.isNew;
    this.hadFiles = hadFiles;
    this.#gitDir = gitDir;
    this.#reading = { gitDir, objects };
    this.#lock = lock;
    this.#branch = new OpenBranch(repository, { reading: this.#reading, refs }, state);
    this.#leftOut = new Map(state.leftOut.map((item) => [item.path, item]));
    this.#notices = [...(state.notices ?? [])];
    this.#withFiles = attempt(`open the worktree of ${this.branch}`, () => this.#open(state.movedFrom));
    this.ready = this.#withFiles.then(({ checkout }) => checkout);
    // Whoever needs the files is told; nobody may need them.
    this.ready.catch(() => {});
  }

  get id(): string {
    return this.#branch.id;
  }

  get name(): string {
    return this.#branch.name;
  }

  get branch(): string {
    return this.#branch.branch;
  }

  /** The branch's last commit. */
  get tip(): string {
    return this.#branch.tip;
  }

  get worktree(): string {
    return this.#gitDir.workTree;
  }

  /** The highest step number given out in this lineage. */
  get lastStep(): number {
    return this.#branch.lastStep;
  }

  /** What was not committed so far, each named once. */
  get leftOut(): readonly LeftOut[] {
    return [...this.#leftOut.values()];
  }

  /** What became of the session by other hands, or after a kill: a line each, and each once. */
  takeNotices(): string[] {
    return this.#notices.splice(0);
  }

  /** Resolves to what was left out and not yet told of; from then on it counts as told, also when it is resumed. */
  newlyLeftOut(): Promise<readonly LeftOut[]> {
    return this.#enqueue(`say what ${this.branch} left out`, () =>
      notToldBefore(join(this.#gitDir.path, "told"), this.leftOut, ({ path, reason }) => [path, reason]),
    );
  }

  /** Reads the conversation as it stands, with the steps that no commit holds yet, or as it stood at a revision. */
  async conversation(revision?: string): Promise<Conversation> {
    await this.#queue;
    await this.repository.restoreGitDir(this.#gitDir);
    if (revision === undefined) return this.#branch.conversation();
    const commit = await resolveCommit(this.repository, revision);
    return fold(firstParents(this.#reading, commit), this.id);
  }

  /** Makes a step durable before the next commit; a later version of the same step takes its place. */
  keep(step: NewStep): Promise<void> {
    return this.#enqueue(`keep step ${step.step} of ${this.branch}`, () =>
      this.#branch.keep({ ...step, session: this.id }),
    );
  }

  /** Puts bytes into git, for a record to name by the id; they stay for good when a commit holds such a file. */
  keepBytes(bytes: Uint8Array): Promise<string> {
    return this.#reading.objects.write("blob", bytes);
  }

  /** Reads bytes that a record names; undefined when git has them no more, or they are more than `most`. */
  readBytes(id: string, most: number): Promise<Uint8Array | undefined> {
    return readBlob(this.#reading, id, most);
  }

  /**
   * Commits a step with all that changed; resolves to undefined when nothing did and `always` is not set, the step
   * being kept for the next commit then. The branch moves at once or not at all.
   */
  commit(step: NewStep, options: CommitOptions): Promise<MadeCommit | undefined> {
    return this.#enqueueWithFiles(`commit step ${step.step} on ${this.branch}`, (session) => {
      this.#branch.use(step.step);
      return commitStep(session, { ...step, session: this.id }, options);
    });
  }

  /**
   * Goes on from where somebody else moved the branch since, and notes that; between turns nothing hangs on where it
   * was. Throws a {@link BranchMovedError} when the branch is gone.
   */
  catchUp(): Promise<void> {
    return this.#enqueueWithFiles(`look where ${this.branch} stands`, async (session) => {
      const to = await this.repository.branchTip(this.branch);
      if (to === undefined) throw new BranchMovedError(this.branch);
      const move = await findMove(this.#reading, { id: this.id, branch: this.branch, from: this.tip, to });
      if (move === undefined) return;
      await session.follow(to);
      this.#notices.push(describeMove(move));
    });
  }

  /** Commits in the user's name what changed in the worktree since the last commit, if anything did. */
  commitByHand(): Promise<MadeCommit | undefined> {
    return this.#enqueueWithFiles(`commit what changed in ${this.worktree}`, commitByHand);
  }

  /**
   * Merges another session's branch, or any commit, into this one by a merge commit, never a fast-forward; a note tells
   * the conversation what came in. What was changed by hand is committed before. All of it is done or nothing is.
   */
  merge(other: string, { preview = false }: { preview?: boolean } = {}): Promise<MergeResult> {
    return this.#enqueueWithFiles(`merge ${JSON.stringify(other)} into ${this.branch}`, (session) =>
      mergeInto(session, other, { preview }),
    );
  }

  /**
   * Merges another session's branch, or any commit, in the middle of a turn: by the merge commit alone, of which the turn's
   * own step is to tell. What was changed by hand is committed before. All of it is done or nothing is.
   */
  mergeInTurn(other: string, options: MergeInTurnOptions = {}): Promise<MergeResult> {
    return this.#enqueueWithFiles(`merge ${JSON.stringify(other)} into ${this.branch}`, (session) =>
      mergeInTurn(session, other, options),
    );
  }

  /** Names the files that the branch holds otherwise than a commit does. */
  changedSince(commit: string): Promise<readonly string[]> {
    return this.#enqueue(`compare ${this.branch} with ${commit}`, async () =>
      broughtIn(this.#reading, commit, (await readCommit(this.#reading.objects, this.tip)).tree),
    );
  }

  /**
   * Brings files and conversation back to an earlier moment by a new step, which a rewind to before it undoes. What was
   * changed by hand is committed before. All of it is done or nothing is.
   */
  rewind(options: RewindOptions): Promise<RewindResult> {
    return this.#enqueueWithFiles(`rewind ${this.branch}`, (session) => rewindSession(session, options));
  }

  /** Commits what a crash left: steps that no commit holds yet, with the changes that an open call explains. */
  recover(author: Identity): Promise<MadeCommit | undefined> {
    return this.#enqueue(`commit the unfinished steps of ${this.branch}`, async () =>
      // Where there are none, which is as a rule, nobody has to wait for the files.
      unfinishedStep(this.#branch) === undefined ? undefined : commitUnfinished(await this.#withFiles, author),
    );
  }

  /** Counts what the session changed since its base: `3 files changed, 10 insertions(+)`; empty when nothing. */
  async diffstat(base: string): Promise<string> {
    await this.#queue;
    const { stdout } = await this.#gitDir.git(["diff-tree", "--shortstat", "-r", base, this.tip]);
    return stdout.toString().trim();
  }

  /** Finds the commit that the lineage's first step came after; undefined when somebody dropped that step. */
  async base(): Promise<string | undefined> {
    await this.#queue;
    return this.#branch.base();
  }

  /**
   * Ends the helper processes once all that was asked for is done. The branch stays, and so does the worktree unless it
   * is to be removed when that loses nothing; then whoever resumes the session gets it back.
   */
  close({ worktree = "keep" }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(worktree);
    return this.#closing;
  }

  async #close(worktree: CloseOptions["worktree"]): Promise<void> {
    await this.#queue;
    const checkout = await this.ready.catch(() => undefined);
    try {
      await Promise.all([checkout?.close(), this.#branch.close(), this.repository.release()]);
      const goes = worktree === "as-found" ? !this.hadFiles : worktree === "remove-when-safe";
      if (goes) await closeWorktree(this.repository, this.name);
    } finally {
      await this.#lock.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Takes back a session in which nothing was done: branch, records and worktree. */
  discard(): Promise<void> {
    this.#closing ??= this.#discard();
    return this.#closing;
  }

  async #discard(): Promise<void> {
    try {
      await this.#takeBack();
    } finally {
      await this.#lock.release();
    }
  }

  async #takeBack(): Promise<void> {
    await this.#queue;
    const checkout = await this.ready.catch(() => undefined);
    await checkout?.close();
    if (checkout !== undefined) await removeLinkedWorktree(checkout.linked);
    try {
      await this.#branch.remove();
    } finally {
      await this.repository.release();
    }
    await rm(this.#gitDir.path, { recursive: true, force: true });
  }

  async #open(leftAt: string | undefined): Promise<BranchWithFiles> {
    const { tip } = this.#branch;
    const checkout = await Checkout.open({
      repository: this.repository,
      ...this.#reading,
      branch: this.branch,
      tip,
      leftAt,
      afterCrash: this.#lock.afterCrash,
    });
    this.#notices.push(...checkout.recovered);
    const opened = new BranchWithFiles(this.#branch, checkout, this.#leftOut);
    if (checkout.at !== tip) await opened.bringFiles({ from: checkout.at, to: tip });
    await this.#branch.moveFrom(checkout.linked);
    return opened;
  }

  /** No gc may begin before a ref leads to what the work writes. */
  #enqueue<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(() => attempt(what, () => withoutGc(this.repository.commonDir, work)));
    this.#queue = done.catch(() => {});
    return done;
  }

  /** Waits for the files first: nobody is to be kept from collecting garbage for as long as a checkout takes. */
  #enqueueWithFiles<Result>(what: string, work: (session: BranchWithFiles) => Promise<Result>): Promise<Result> {
    this.#queue = this.#queue.then(() => this.ready).catch(() => {});
    return this.#enqueue(what, async () => work(await this.#withFiles));
  }
}
