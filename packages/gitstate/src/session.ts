import { rm } from "node:fs/promises";
import { join } from "node:path";
import { attempt } from "./attempt.ts";
import { describeMove, findMove } from "./branch-move.ts";
import { BRANCHES, PENDING } from "./branch-name.ts";
import { readablePath, toBytePath } from "./byte-path.ts";
import { Checkout } from "./checkout.ts";
import { closeWorktree } from "./close-worktree.ts";
import { readCommit, writeCommit } from "./commit-object.ts";
import { BranchMovedError, RefMovedError } from "./errors.ts";
import { findBase } from "./find-base.ts";
import { resolveCommit } from "./find-session.ts";
import { type Conversation, FIRST_STEP, fold } from "./fold.ts";
import { withoutGc } from "./gc-hold.ts";
import { cameHere } from "./head-log.ts";
import { firstParents } from "./history.ts";
import { landedCommon } from "./landing-base.ts";
import type { LeftOut } from "./left-out.ts";
import { removeLinkedWorktree } from "./linked-worktree.ts";
import {
  findOther,
  type MergedTree,
  type MergeResult,
  mergeCommits,
  type OtherSide,
  toResult,
  writeMerge,
} from "./merge-sessions.ts";
import { formatMessage, formatSubject } from "./message.ts";
import type { ObjectStore } from "./object-store.ts";
import { writePendingRecords } from "./pending-records.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import { readBlob } from "./read-blob.ts";
import { type RefUpdate, RefUpdates } from "./ref-updates.ts";
import type { Identity, Repository } from "./repository.ts";
import {
  planRewind,
  type RewindOptions,
  type RewindPlan,
  type RewindResult,
  toRewindResult,
  writeRewind,
} from "./rewind.ts";
import type { Scan } from "./scan.ts";
import type { SessionLock } from "./session-lock.ts";
import type { StepRecord } from "./step-record.ts";
import { notToldBefore } from "./told-once.ts";
import { Trees } from "./tree.ts";
import { commonBeforeUndone } from "./undone-merges.ts";
import { withUnsaved } from "./unsaved-records.ts";

/** A step to be kept; the session gives it its place in the lineage. */
export type NewStep = Omit<StepRecord, "session">;

/** A commit that was made on the session's branch. */
export interface MadeCommit {
  readonly commit: string;
  readonly subject: string;
  /** Paths that changed with it, as a person reads them. */
  readonly files: readonly string[];
}

/** How a step is committed. */
export interface CommitOptions {
  readonly subject: string;
  readonly author: Identity;
  /** Where to look for changes: everywhere, or at the paths that are known to have been written. */
  readonly changes: "scan" | readonly string[];
  /** Whether to make a commit though no file changed: a turn's last step is one. */
  readonly always?: boolean;
}

/** How a session is closed. */
export interface CloseOptions {
  /** Whether to remove the worktree when the branch holds all that is in it; it stays unless told. */
  readonly worktree?: "keep" | "remove-when-safe";
}

/** Where a session stands when it is opened. */
export interface SessionState {
  readonly id: string;
  readonly name: string;
  readonly tip: string;
  /** The commit that the session wrote last, where somebody else moved the branch since. */
  readonly movedFrom?: string | undefined;
  readonly pending: string | undefined;
  /** Records that no commit of the branch holds yet. */
  readonly unsaved: readonly StepRecord[];
  readonly lastStep: number;
  readonly leftOut: readonly LeftOut[];
  /** What a person is to be told, a line each. */
  readonly notices?: readonly string[];
  /** Whether it was started or forked just now. */
  readonly isNew: boolean;
  /** The conversation, where it was read already. */
  readonly conversation?: Conversation;
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
}

const NO_CHANGES: Scan = { files: new Map(), leftOut: [] };

/** A line of work: a conversation, its branch and its worktree. One call at a time has effect; they queue. */
export class Session {
  readonly id: string;
  readonly name: string;
  readonly repository: Repository;
  /** Whether it was started or forked just now, rather than taken up again. */
  readonly isNew: boolean;
  /** Resolves when the files are there; rejects with why they cannot be. */
  readonly ready: Promise<Checkout>;
  readonly #gitDir: PrivateGitDir;
  readonly #lock: SessionLock;
  readonly #objects: ObjectStore;
  readonly #trees: Trees;
  readonly #leftOut = new Map<string, LeftOut>();
  readonly #notices: string[];
  #refs: RefUpdates;
  #tip: string;
  #pending: string | undefined;
  #unsaved: StepRecord[];
  #lastStep: number;
  /** The conversation as it was read last, and where the refs stood. */
  #known:
    | { readonly tip: string; readonly pending: string | undefined; readonly conversation: Conversation }
    | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** Takes up a session whose refs exist; see `startSession` and `resumeSession`. */
  constructor({ repository, gitDir, objects, refs, lock }: SessionMeans, state: SessionState) {
    this.repository = repository;
    this.id = state.id;
    this.name = state.name;
    this.isNew = state.isNew;
    this.#gitDir = gitDir;
    this.#refs = refs;
    this.#lock = lock;
    this.#objects = objects;
    this.#trees = new Trees(this.#objects);
    this.#tip = state.tip;
    this.#pending = state.pending;
    this.#unsaved = [...state.unsaved];
    this.#lastStep = state.lastStep;
    this.#notices = [...(state.notices ?? [])];
    if (state.conversation !== undefined) this.#known = { ...state, conversation: state.conversation };
    for (const item of state.leftOut) this.#leftOut.set(item.path, item);
    this.ready = attempt(`open the worktree of ${this.branch}`, () => this.#open(state.movedFrom));
    // Whoever needs the files is told; nobody may need them.
    this.ready.catch(() => {});
  }

  get branch(): string {
    return `bough/${this.name}`;
  }

  /** The branch's last commit. */
  get tip(): string {
    return this.#tip;
  }

  get worktree(): string {
    return this.#gitDir.workTree;
  }

  /** The highest step number given out in this lineage. */
  get lastStep(): number {
    return this.#lastStep;
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
    if (revision === undefined) return this.#readConversation();
    const commit = await resolveCommit(this.repository, revision);
    return fold(firstParents(this.#reading, commit), this.id);
  }

  /** Makes a step durable before the next commit; a later version of the same step takes its place. */
  keep(step: NewStep): Promise<void> {
    return this.#enqueue(`keep step ${step.step} of ${this.branch}`, () => this.#keep({ ...step, session: this.id }));
  }

  /** Puts bytes into git, for a record to name by the id; they stay for good when a commit holds such a file. */
  keepBytes(bytes: Uint8Array): Promise<string> {
    return this.#objects.write("blob", bytes);
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
    return this.#enqueueWithFiles(`commit step ${step.step} on ${this.branch}`, () =>
      this.#commitStep({ ...step, session: this.id }, options),
    );
  }

  /**
   * Goes on from where somebody else moved the branch since, and notes that; between turns nothing hangs on where it
   * was. Throws a {@link BranchMovedError} when the branch is gone.
   */
  catchUp(): Promise<void> {
    return this.#enqueueWithFiles(`look where ${this.branch} stands`, async () => {
      const checkout = await this.ready;
      const to = await this.repository.branchTip(this.branch);
      if (to === undefined) throw new BranchMovedError(this.branch);
      const move = await findMove(this.#reading, { id: this.id, branch: this.branch, from: this.#tip, to });
      if (move === undefined) return;
      await this.#follow(checkout, to);
      this.#notices.push(describeMove(move));
    });
  }

  /** Commits in the user's name what changed in the worktree since the last commit, if anything did. */
  commitByHand(): Promise<MadeCommit | undefined> {
    return this.#enqueueWithFiles(`commit what changed in ${this.worktree}`, () => this.#commitByHand());
  }

  /**
   * Merges another session's branch, or any commit, into this one by a merge commit, never a fast-forward; a note tells
   * the conversation what came in. What was changed by hand is committed before. All of it is done or nothing is.
   */
  merge(other: string, { preview = false }: { preview?: boolean } = {}): Promise<MergeResult> {
    return this.#enqueueWithFiles(`merge ${JSON.stringify(other)} into ${this.branch}`, async () => {
      const found = await findOther(this.repository, this.#reading, other);
      if (!preview) await this.#commitByHand();
      const [ours, theirs] = [this.#tip, found.commit];
      const session = { id: this.id, branch: this.branch, tip: ours, base: () => this.#base() };
      const common =
        (await landedCommon(this.repository, this.#reading, { session, theirs })) ??
        (await commonBeforeUndone(this.#reading, session, theirs));
      const merged = await mergeCommits(this.#reading, { ours, theirs, common });
      if (merged.type !== "would-merge" || preview) return toResult(merged);
      return this.#commitMerge(found, merged);
    });
  }

  /**
   * Brings files and conversation back to an earlier moment by a new step, which a rewind to before it undoes. What was
   * changed by hand is committed before. All of it is done or nothing is.
   */
  rewind({ only, preview = false, ...target }: RewindOptions): Promise<RewindResult> {
    return this.#enqueue(`rewind ${this.branch}`, async () => {
      const scanned = await this.#scan("scan");
      const tree = await this.#treeWith(scanned);
      const source = { session: this.id, branch: this.branch, tip: this.#tip, unsaved: this.#unsaved, tree };
      const plan = await planRewind(this.repository, this.#reading, { source, target, only });
      if (plan === undefined) return { type: "up-to-date" };
      await (await this.ready).checkSwitch({ from: tree, to: plan.tree });
      return preview ? toRewindResult(plan) : this.#commitRewind(plan);
    });
  }

  /** Commits what a crash left: steps that no commit holds yet, with the changes that an open call explains. */
  recover(author: Identity): Promise<MadeCommit | undefined> {
    return this.#enqueue(`commit the unfinished steps of ${this.branch}`, async () => {
      const last = this.#unsaved.at(-1);
      // A fork may begin with steps of the session it continues.
      const own = this.#unsaved.filter(({ session }) => session === this.id);
      const isBegun = own.some(({ blocks }) => blocks.some(({ type }) => type !== "config"));
      if (last === undefined || !isBegun) return undefined;
      const answered = new Set(last.blocks.flatMap((block) => (block.type === "result" ? [block.id] : [])));
      const isOpen = last.blocks.some((block) => block.type === "call" && !answered.has(block.id));
      return this.#commitStep(last, { subject: "Interrupted", author, changes: isOpen ? "scan" : [], always: true });
    });
  }

  /** Counts what the session changed since its base: `3 files changed, 10 insertions(+)`; empty when nothing. */
  async diffstat(base: string): Promise<string> {
    await this.#queue;
    const { stdout } = await this.#gitDir.git(["diff-tree", "--shortstat", "-r", base, this.#tip]);
    return stdout.toString().trim();
  }

  /** Finds the commit that the lineage's first step came after; undefined when somebody dropped that step. */
  async base(): Promise<string | undefined> {
    await this.#queue;
    return this.#base();
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
      await Promise.all([checkout?.close(), this.#refs.close(), this.repository.release()]);
      if (worktree === "remove-when-safe") await closeWorktree(this.repository, this.name);
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
    await this.#refs.close();
    const refs = this.repository.refUpdates();
    try {
      await refs.apply([
        { ref: BRANCHES + this.name, from: this.#tip, to: undefined },
        ...(this.#pending === undefined ? [] : [{ ref: PENDING + this.name, from: this.#pending, to: undefined }]),
      ]);
    } finally {
      await Promise.all([refs.close(), this.repository.release()]);
    }
    await rm(this.#gitDir.path, { recursive: true, force: true });
  }

  async #open(leftAt: string | undefined): Promise<Checkout> {
    const checkout = await Checkout.open({
      repository: this.repository,
      gitDir: this.#gitDir,
      objects: this.#objects,
      branch: this.branch,
      tip: this.#tip,
      leftAt,
      afterCrash: this.#lock.afterCrash,
    });
    this.#notices.push(...checkout.recovered);
    if (checkout.at !== this.#tip) await this.#bringFiles(checkout, { from: checkout.at, to: this.#tip });
    const before = this.#refs;
    this.#refs = new RefUpdates({
      gitDir: checkout.linked.gitDir,
      cwd: checkout.linked.path,
      identity: this.repository.identityVariables(),
    });
    await before.close();
    return checkout;
  }

  get #reading() {
    return { gitDir: this.#gitDir, objects: this.#objects };
  }

  /** It is read again only when something was written since. */
  async #readConversation(): Promise<Conversation> {
    const refs = { tip: this.#tip, pending: this.#pending };
    const known = this.#known;
    if (known !== undefined && known.tip === refs.tip && known.pending === refs.pending) return known.conversation;
    const conversation = await fold(withUnsaved(this.#reading, refs, this.#unsaved), this.id);
    this.#known = { ...refs, conversation };
    return conversation;
  }

  /** No gc may begin before a ref leads to what the work writes. */
  #enqueue<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(() => attempt(what, () => withoutGc(this.repository.commonDir, work)));
    this.#queue = done.catch(() => {});
    return done;
  }

  /** Waits for the files first: nobody is to be kept from collecting garbage for as long as a checkout takes. */
  #enqueueWithFiles<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    this.#queue = this.#queue.then(() => this.ready).catch(() => {});
    return this.#enqueue(what, work);
  }

  async #scan(changes: CommitOptions["changes"]): Promise<Scan> {
    const checkout = await this.ready;
    await checkout.restore(this.repository);
    await this.#catchUp(checkout);
    const scanned = changes === "scan" ? await checkout.scan() : await checkout.scanPaths(changes.map(toBytePath));
    for (const item of scanned.leftOut) this.#leftOut.set(item.path, item);
    return scanned;
  }

  #base(): Promise<string | undefined> {
    return findBase(this.#reading, { id: this.id, tip: this.#tip, unsaved: this.#unsaved });
  }

  async #commitByHand(): Promise<MadeCommit | undefined> {
    const scanned = await this.#scan("scan");
    const files = (await this.ready).changed(scanned.files);
    if (files.size === 0) return undefined;
    await this.#commitStart();
    const names = [...files.keys()].map(readablePath).sort();
    return this.#commitFiles(scanned, {
      message: `${formatSubject(`By hand: ${names.join(", ")}`)}\n`,
      author: this.repository.identity,
      unsaved: this.#unsaved,
    });
  }

  async #commitMerge(other: OtherSide, { tree, paths }: MergedTree): Promise<MergeResult> {
    // A moment before the merge is to have the files of before.
    await this.#commitUnsaved();
    const { lastTurn } = await this.#readConversation();
    const place = { session: this.id, step: this.#lastStep + 1, turn: lastTurn };
    const { merge, tip } = await writeMerge(this.#reading, {
      ours: { commit: this.#tip, label: this.branch },
      theirs: other,
      merged: { tree, paths },
      place,
      unsaved: this.#unsaved,
      by: this.repository.identity,
    });
    await this.#switchTo({ tip, tree, step: place.step });
    return { type: "merged", commit: merge, paths };
  }

  async #commitRewind(plan: RewindPlan): Promise<RewindResult> {
    // The moment before has to be a commit, or the rewind could not be undone.
    await this.#commitUnsaved();
    await this.#commitByHand();
    const before = this.#tip;
    const { lastTurn } = await this.#readConversation();
    const place = { session: this.id, step: this.#lastStep + 1, turn: lastTurn };
    const commit = await writeRewind(this.#reading, plan, { parent: before, place, by: this.repository.identity });
    await this.#switchTo({ tip: commit, tree: plan.tree, step: place.step });
    return toRewindResult(plan, { commit, before });
  }

  /** Moves on to a commit that was written with files of its own, which come into the worktree. */
  async #switchTo({ tip, tree, step }: { tip: string; tree: string; step: number }): Promise<void> {
    const before = await readCommit(this.#objects, this.#tip);
    const switched = await (await this.ready).switchTree(this.repository, { from: before.tree, to: tree });
    try {
      await this.#move([
        { ref: BRANCHES + this.name, from: this.#tip, to: tip },
        { ref: PENDING + this.name, from: this.#pending, to: tip },
      ]);
    } catch (error) {
      await switched.undo();
      throw error;
    }
    await switched.keep();
    this.#tip = tip;
    this.#pending = tip;
    this.#unsaved = [];
    this.#lastStep = step;
  }

  /** Goes on from what was committed on top of the session's last commit, as by a command that ran in the worktree. */
  async #catchUp(checkout: Checkout): Promise<void> {
    const now = await this.repository.branchTip(this.branch);
    if (now === undefined || now === this.#tip) return;
    const { exitCode } = await this.#gitDir.git(["merge-base", "--is-ancestor", this.#tip, now], { accept: [1] });
    // Moved to somewhere else, it is told of when the branch is to move on.
    if (exitCode !== 0) return;
    await this.#follow(checkout, now);
  }

  async #follow(checkout: Checkout, tip: string): Promise<void> {
    if (await cameHere(checkout.linked.gitDir, tip)) {
      await checkout.follow((await readCommit(this.#objects, tip)).tree);
    } else {
      await this.#bringFiles(checkout, { from: this.#tip, to: tip });
    }
    this.#tip = tip;
  }

  /** The branch was moved from elsewhere, and the files follow; what was changed by hand stays as it is. */
  async #bringFiles(checkout: Checkout, { from, to }: { from: string; to: string }): Promise<void> {
    const before = await readCommit(this.#objects, from);
    const after = await readCommit(this.#objects, to);
    const changed = checkout.changed((await checkout.scan()).files);
    const withChanges = (tree: string) => (changed.size === 0 ? tree : this.#trees.apply(tree, changed));
    const trees = { from: await withChanges(before.tree), to: await withChanges(after.tree) };
    await (await checkout.switchTree(this.repository, trees)).keep();
    await checkout.follow(after.tree);
  }

  async #keep(record: StepRecord): Promise<void> {
    this.#lastStep = Math.max(this.#lastStep, record.step);
    const pending = await this.#writePending([record], this.#pending ?? this.#tip);
    await this.#move([{ ref: PENDING + this.name, from: this.#pending, to: pending }]);
    this.#pending = pending;
    this.#unsaved = this.#unsavedWith(record);
  }

  async #commitStep(record: StepRecord, options: CommitOptions): Promise<MadeCommit | undefined> {
    this.#lastStep = Math.max(this.#lastStep, record.step);
    const scanned = await this.#scan(options.changes);
    const changed = (await this.ready).changed(scanned.files);
    if (changed.size === 0 && options.always !== true) {
      await this.#keep(record);
      return undefined;
    }
    const message = formatMessage({ subject: options.subject, records: this.#unsavedWith(record) });
    return this.#commitFiles(scanned, { message, author: options.author, unsaved: [] });
  }

  async #commitUnsaved(): Promise<void> {
    await this.#commitStart();
    if (this.#unsaved.length === 0) return;
    const message = formatMessage({ subject: "Go on from here", records: this.#unsaved });
    await this.#commitFiles(NO_CHANGES, { message, author: this.repository.identity, unsaved: [] });
  }

  /** Or what comes in otherwise would come before the session, and be taken for what it started from. */
  async #commitStart(): Promise<void> {
    const [first, ...unsaved] = this.#unsaved;
    if (first?.step !== FIRST_STEP) return;
    const message = formatMessage({ subject: "Start of the session", records: [first] });
    await this.#commitFiles(NO_CHANGES, { message, author: this.repository.identity, unsaved });
  }

  async #commitFiles(
    { files }: Scan,
    { message, author, unsaved }: { message: string; author: Identity; unsaved: StepRecord[] },
  ): Promise<MadeCommit> {
    const checkout = await this.ready;
    const changed = checkout.changed(files);
    const parent = await readCommit(this.#objects, this.#tip);
    const tree = await this.#treeWith({ files });
    const commit = await writeCommit(this.#objects, {
      tree,
      parents: [this.#tip],
      author,
      committer: this.repository.identity,
      committedAt: Math.max(Math.floor(Date.now() / 1000), parent.committedAt),
      message,
    });
    const pending = unsaved.length === 0 ? commit : await this.#writePending(unsaved, commit);
    const undo = files.size === 0 ? undefined : await checkout.update(files);
    try {
      await this.#move([
        { ref: BRANCHES + this.name, from: this.#tip, to: commit },
        { ref: PENDING + this.name, from: this.#pending, to: pending },
      ]);
    } catch (error) {
      await undo?.();
      throw error;
    }
    this.#tip = commit;
    this.#pending = pending;
    this.#unsaved = unsaved;
    const subject = message.slice(0, message.indexOf("\n"));
    return { commit, subject, files: [...changed.keys()].map(readablePath).sort() };
  }

  /** The tip's tree with what was found changed. */
  async #treeWith({ files }: Pick<Scan, "files">): Promise<string> {
    const changed = (await this.ready).changed(files);
    const { tree } = await readCommit(this.#objects, this.#tip);
    return changed.size === 0 ? tree : this.#trees.apply(tree, changed);
  }

  /** The records that no commit holds yet, with this as its step's last version. */
  #unsavedWith(record: StepRecord): StepRecord[] {
    return [...this.#unsaved.filter(({ step }) => step !== record.step), record];
  }

  #writePending(records: readonly StepRecord[], parent: string): Promise<string> {
    return writePendingRecords(this.#objects, { records, parent, by: this.repository.identity });
  }

  async #move(updates: readonly RefUpdate[]): Promise<void> {
    try {
      await this.#refs.apply(updates);
    } catch (error) {
      if (!(error instanceof RefMovedError)) throw error;
      throw new BranchMovedError(this.branch, { cause: error });
    }
  }
}
