import type { CommitWithFiles } from "./commit-stream.ts";
import { RepositoryError } from "./errors.ts";
import { findSession, findSessions, sessionOf } from "./find-session.ts";
import { fold, type OutsideCommit, type Step } from "./fold.ts";
import { lastMoved } from "./last-moved.ts";
import { type Reading, withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { chainOf, readChains, SessionChain } from "./session-chain.ts";
import { type StepsUsage, usageOf } from "./step-usage.ts";

/** A whole conversation as it stands, with the commits that hold it and what they changed. */
export interface Transcript extends StepsUsage {
  readonly session: string;
  /** Undefined when it was asked for by a commit that is no session's tip. */
  readonly branch: string | undefined;
  readonly tip: string;
  /** What the first step came after; undefined when somebody dropped that step. */
  readonly base: string | undefined;
  /** Oldest first, as the model would be told it: without what was rewound. */
  readonly entries: readonly (TranscriptStep | OutsideCommit)[];
  /** The commits of the entries, oldest first. */
  readonly commits: readonly TranscriptCommit[];
}

/** A step of the conversation. */
export interface TranscriptStep extends Omit<Step, "commit">, StepsUsage {
  /** Undefined while no commit holds it. */
  readonly commit: string | undefined;
}

export type TranscriptCommit = Pick<CommitWithFiles, "id" | "subject" | "author" | "date" | "files">;

/**
 * Reads the conversation of a session, by its branch, its id or any commit of it; without a revision, of the one that
 * moved last. Throws a {@link RepositoryError} when there is none.
 */
export async function readTranscript(repository: Repository, revision?: string): Promise<Transcript> {
  return withReading(repository, async (reading) => {
    const { chain, branch } = await findChain(repository, reading, revision);
    await readChains(reading, [chain]);
    const unsaved = { id: UNSAVED, subject: "", author: "", records: chain.unsaved };
    const commits = chain.unsaved.length === 0 ? chain.commits : [unsaved, ...chain.commits];
    const { entries } = await fold(commits, chain.session);
    const steps = entries.filter((entry) => entry.type === "step");
    const told = new Set(entries.map(({ commit }) => commit));
    return {
      session: chain.session,
      branch,
      tip: chain.tip,
      base: chain.base,
      ...usageOf(steps),
      entries: entries.map((entry) => (entry.type === "step" ? transcriptStep(entry) : entry)),
      commits: chain.commits
        .filter(({ id }) => told.has(id))
        .map(withoutRecords)
        .reverse(),
    };
  });
}

/** In the place of a commit's id, for steps that no commit holds. */
const UNSAVED = "";

function transcriptStep(step: Step): TranscriptStep {
  return { ...step, commit: step.commit === UNSAVED ? undefined : step.commit, ...usageOf([step]) };
}

function withoutRecords({ id, subject, author, date, files }: CommitWithFiles): TranscriptCommit {
  return { id, subject, author, date, files };
}

async function findChain(
  repository: Repository,
  reading: Reading,
  revision: string | undefined,
): Promise<{ chain: SessionChain; branch: string | undefined }> {
  const found = revision === undefined ? undefined : await findSession(repository, reading, revision);
  if (found !== undefined && !("session" in found)) {
    const session = await sessionOf(reading, found.commit);
    if (session !== undefined) {
      const chain = new SessionChain({ session, tip: found.commit, unsaved: [], date: undefined });
      return { chain, branch: undefined };
    }
    throw new RepositoryError(
      "no-session",
      `No session led to ${JSON.stringify(revision)}. "bough sessions" lists those there are.`,
    );
  }
  const session = found?.session ?? (await lastMoved(repository, reading, await findSessions(repository, reading)));
  if (session === undefined)
    throw new RepositoryError(
      "no-session",
      'No sessions here yet, so there is none to export. Start one: bough -p "…".',
    );
  return { chain: await chainOf(reading, session, undefined), branch: `bough/${session.name}` };
}
