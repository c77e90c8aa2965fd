import { BRANCHES, PENDING } from "./branch-name.ts";
import { BranchMovedError, RefMovedError } from "./errors.ts";
import { findBase } from "./find-base.ts";
import { type Conversation, fold } from "./fold.ts";
import type { LinkedWorktree } from "./linked-worktree.ts";
import { writePendingRecords } from "./pending-records.ts";
import type { Reading } from "./reading.ts";
import { type RefUpdate, RefUpdates } from "./ref-updates.ts";
import type { Repository } from "./repository.ts";
import type { StepRecord } from "./step-record.ts";
import { withUnsaved } from "./unsaved-records.ts";

/** Where a session's branch and records stand when it is opened. */
export interface BranchState {
  readonly id: string;
  readonly name: string;
  readonly tip: string;
  readonly pending: string | undefined;
  /** Records that no commit of the branch holds yet. */
  readonly unsaved: readonly StepRecord[];
  readonly lastStep: number;
  /** The conversation, where it was read already. */
  readonly conversation?: Conversation;
}

/** Where a branch goes. */
export interface BranchMove {
  readonly tip: string;
  /** What no commit holds there; nothing unless given. */
  readonly unsaved?: readonly StepRecord[];
  /** The highest number given out by then, where that is another. */
  readonly step?: number;
}

/** The branch of an open session, and its records that no commit holds yet: they move in one go or not at all. */
export class OpenBranch {
  readonly repository: Repository;
  readonly reading: Reading;
  readonly id: string;
  readonly name: string;
  #refs: RefUpdates;
  #tip: string;
  #pending: string | undefined;
  #unsaved: readonly StepRecord[];
  #lastStep: number;
  /** The conversation as it was read last, and where the refs stood. */
  #known:
    | { readonly tip: string; readonly pending: string | undefined; readonly conversation: Conversation }
    | undefined;

  /** Moves refs from the repository's own git dir, until there is a worktree to do it from. */
  constructor(repository: Repository, { reading, refs }: { reading: Reading; refs: RefUpdates }, state: BranchState) {
    this.repository = repository;
    this.reading = reading;
    this.id = state.id;
    this.name = state.name;
    this.#refs = refs;
    this.#tip = state.tip;
    this.#pending = state.pending;
    this.#unsaved = state.unsaved;
    this.#lastStep = state.lastStep;
    if (state.conversation !== undefined) this.#known = { ...state, conversation: state.conversation };
  }

  /** As git calls it. */
  get branch(): string {
    return `bough/${this.name}`;
  }

  get tip(): string {
    return this.#tip;
  }

  get unsaved(): readonly StepRecord[] {
    return this.#unsaved;
  }

  /** The highest step number given out in the lineage. */
  get lastStep(): number {
    return this.#lastStep;
  }

  /** Counts a step's number as given out. */
  use(step: number): void {
    this.#lastStep = Math.max(this.#lastStep, step);
  }

  /** Finds the commit that the lineage's first step came after; undefined when somebody dropped that step. */
  base(): Promise<string | undefined> {
    return findBase(this.reading, { id: this.id, tip: this.#tip, unsaved: this.#unsaved });
  }

  /** Reads the conversation; again only when something was written since. */
  async conversation(): Promise<Conversation> {
    const refs = { tip: this.#tip, pending: this.#pending };
    const known = this.#known;
    if (known !== undefined && known.tip === refs.tip && known.pending === refs.pending) return known.conversation;
    const conversation = await fold(withUnsaved(this.reading, refs, this.#unsaved), this.id);
    this.#known = { ...refs, conversation };
    return conversation;
  }

  /** The records that no commit holds yet, with this as its step's last version. */
  unsavedWith(record: StepRecord): StepRecord[] {
    return [...this.#unsaved.filter(({ step }) => step !== record.step), record];
  }

  /** Makes a record durable that no commit holds yet. */
  async keep(record: StepRecord): Promise<void> {
    this.use(record.step);
    const pending = await this.#writePending([record], this.#pending ?? this.#tip);
    await this.#move([{ ref: PENDING + this.name, from: this.#pending, to: pending }]);
    this.#pending = pending;
    this.#unsaved = this.unsavedWith(record);
  }

  /** Moves on to a commit; `prepare` is done as the last thing before, and the move takes back what that resolves to. */
  async moveTo<Prepared extends { undo(): Promise<void> }>(
    { tip, unsaved = [], step = this.#lastStep }: BranchMove,
    prepare: () => Promise<Prepared>,
  ): Promise<Prepared> {
    const pending = unsaved.length === 0 ? tip : await this.#writePending(unsaved, tip);
    const prepared = await prepare();
    try {
      await this.#move([
        { ref: BRANCHES + this.name, from: this.#tip, to: tip },
        { ref: PENDING + this.name, from: this.#pending, to: pending },
      ]);
    } catch (error) {
      await prepared.undo();
      throw error;
    }
    this.#tip = tip;
    this.#pending = pending;
    this.#unsaved = unsaved;
    this.use(step);
    return prepared;
  }

  /** Takes the branch to stand where somebody else moved it. */
  follow(tip: string): void {
    this.#tip = tip;
  }

  /** Moves refs from the worktree from now on, so that its reflog tells of it. */
  async moveFrom({ gitDir, path }: LinkedWorktree): Promise<void> {
    const before = this.#refs;
    this.#refs = new RefUpdates({ gitDir, cwd: path, identity: this.repository.identityVariables() });
    await before.close();
  }

  /** Removes the branch and its records. */
  async remove(): Promise<void> {
    await this.#refs.close();
    const refs = this.repository.refUpdates();
    try {
      await refs.apply([
        { ref: BRANCHES + this.name, from: this.#tip, to: undefined },
        ...(this.#pending === undefined ? [] : [{ ref: PENDING + this.name, from: this.#pending, to: undefined }]),
      ]);
    } finally {
      await refs.close();
    }
  }

  /** Ends the helper process. */
  close(): Promise<void> {
    return this.#refs.close();
  }

  #writePending(records: readonly StepRecord[], parent: string): Promise<string> {
    return writePendingRecords(this.reading.objects, { records, parent, by: this.repository.identity });
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
