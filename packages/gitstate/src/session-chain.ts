import { readCommit } from "./commit-object.ts";
import { type CommitWithFiles, streamCommits } from "./commit-stream.ts";
import type { FoundSession } from "./find-session.ts";
import { FIRST_STEP } from "./fold.ts";
import { isOurs, rootSession } from "./lineage.ts";
import type { Reading } from "./reading.ts";
import type { StepRecord } from "./step-record.ts";
import { unsavedRecords } from "./unsaved-records.ts";

/** Commits without a record that are passed before a session's first step is taken to be gone. */
const SEARCH_DEPTH = 1000;

/** Where a chain begins. */
export interface ChainSource {
  readonly session: string;
  readonly tip: string;
  /** Records that no commit holds yet. */
  readonly unsaved: readonly StepRecord[];
  /** When anything happened last; undefined when nothing is known that is newer than the tip. */
  readonly date: Date | undefined;
}

/** A session's commits, from its tip back to its first step. */
export class SessionChain implements ChainSource {
  readonly session: string;
  readonly tip: string;
  readonly unsaved: readonly StepRecord[];
  readonly date: Date | undefined;
  /** Newest first. */
  readonly commits: CommitWithFiles[] = [];
  /** The commit to be read next; undefined when all that matters was read. */
  next: string | undefined;
  /** What the first step came after. */
  base: string | undefined;
  readonly #limit: number;

  /** With a limit, what comes before the turn of that many commits may be left out. */
  constructor({ session, tip, unsaved, date }: ChainSource, limit = Number.POSITIVE_INFINITY) {
    this.session = session;
    this.tip = tip;
    this.unsaved = unsaved;
    this.date = date;
    this.#limit = limit;
    if (this.#holdsFirst(unsaved)) this.base = tip;
    else this.next = tip;
  }

  /** Takes the next commit. */
  take(commit: CommitWithFiles): void {
    this.commits.push(commit);
    const [parent] = commit.parents;
    const isFirst = this.#holdsFirst(commit.records);
    if (isFirst) this.base = parent;
    this.next = isFirst || this.#isEnough(commit) ? undefined : parent;
  }

  /** Those of the records that belong to the session. */
  ours(records: readonly StepRecord[]): StepRecord[] {
    return records.filter((record) => isOurs(this.session, record));
  }

  #holdsFirst(records: readonly StepRecord[]): boolean {
    return records.some(({ session, step }) => step === FIRST_STEP && session === rootSession(this.session));
  }

  #turnOf(records: readonly StepRecord[]): number | undefined {
    return this.ours(records).at(-1)?.turn;
  }

  /** The turn of the oldest commit within the limit that is part of one: a merge is not. */
  #oldestTurn(): number | undefined {
    const within = this.commits.slice(0, this.#limit);
    return within.map(({ records }) => this.#turnOf(records)).findLast((turn) => turn !== undefined);
  }

  /** A turn's prompt is in its oldest commit, so the limit takes effect where another turn begins. */
  #isEnough({ records }: CommitWithFiles): boolean {
    const turn = this.#turnOf(records);
    if (this.commits.length > this.#limit && turn !== undefined && turn !== this.#oldestTurn()) return true;
    const recent = this.commits.slice(-SEARCH_DEPTH);
    return recent.length === SEARCH_DEPTH && recent.every((commit) => commit.records.length === 0);
  }
}

/** Begins the chain of a session that has a branch here. */
export async function chainOf(reading: Reading, found: FoundSession, limit: number | undefined): Promise<SessionChain> {
  const unsaved = await unsavedRecords(reading, found);
  const last = unsaved.length > 0 && found.pending !== undefined ? found.pending : found.tip;
  const { committedAt } = await readCommit(reading.objects, last);
  return new SessionChain({ session: found.id, tip: found.tip, unsaved, date: new Date(committedAt * 1000) }, limit);
}

/** Reads the commits of all chains, with one git process. */
export async function readChains({ gitDir }: Reading, chains: readonly SessionChain[]): Promise<void> {
  const tips = chains.flatMap(({ next }) => next ?? []);
  if (tips.length === 0) return;
  const commits = new Map<string, CommitWithFiles>();
  for await (const commit of streamCommits(gitDir, tips)) {
    commits.set(commit.id, commit);
    for (const chain of chains) {
      for (let next = commits.get(chain.next ?? ""); next !== undefined; next = commits.get(chain.next ?? "")) {
        chain.take(next);
      }
    }
    if (chains.every(({ next }) => next === undefined)) return;
  }
}
