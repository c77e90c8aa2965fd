import type { CommitWithFiles } from "./commit-stream.ts";
import { RepositoryError } from "./errors.ts";
import type { FileChange } from "./file-changes.ts";
import { type FoundSession, findSession, findSessions, sessionOf } from "./find-session.ts";
import { fold } from "./fold.ts";
import { findLandings, type Landing, type Landings } from "./landings.ts";
import { byLastMove } from "./last-moved.ts";
import { findMergedSides, type MergedSide } from "./merged-side.ts";
import { type Reading, withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { chainOf, readChains, SessionChain } from "./session-chain.ts";
import type { Block, StepRecord } from "./step-record.ts";
import { type StepsUsage, usageOf } from "./step-usage.ts";
import { beginsSubAgent } from "./sub-agent.ts";

/** Which log is read. */
export interface LogOptions {
  /** A session, by its branch, its id or any commit of it; without one, the session that moved last. */
  readonly revision?: string;
  /** Every session instead of one. */
  readonly all?: boolean;
  /** How many entries at most, the newest. */
  readonly limit?: number;
}

/** What happened in a session. */
export interface SessionLog {
  readonly session: string;
  /** Undefined when no branch of this repository is the session's: it was fetched, or its branch is gone. */
  readonly branch: string | undefined;
  /** The revision that it was found by, where no branch is the session's. */
  readonly revision: string | undefined;
  /** Whether it was forked for a sub-agent; not known where that is among the entries left out. */
  readonly subAgent: boolean;
  /** Newest first. Those from before the session left another are among them, unless that one's log holds them. */
  readonly entries: readonly LogEntry[];
  /** What the oldest entry came after; undefined when older entries were left out. */
  readonly start: LogStart | undefined;
}

/** Where a log begins: at the base of its lineage, or at a commit in the log of another session. */
export interface LogStart {
  readonly commit: string;
  readonly forkedFrom: string | undefined;
}

export type LogEntry = LogSteps | LogOutside;

/** Steps that a commit holds, or that no commit holds yet. */
export interface LogSteps extends StepsUsage {
  readonly type: "steps";
  readonly commit: string | undefined;
  readonly session: string;
  readonly branch: string | undefined;
  readonly date: Date;
  readonly subject: string;
  readonly turn: number;
  /** What the user asked for in this turn. */
  readonly prompt: string | undefined;
  /** Oldest first; what only configures a session is not among them. */
  readonly steps: readonly LogStep[];
  readonly files: readonly FileChange[];
  /** The commits of the user's by which the session landed as it was here; the last one first. */
  readonly landings: readonly Landing[];
}

/** One reply of the model. */
export interface LogStep {
  readonly step: number;
  readonly turn: number;
  /** What the model said; empty when it only called tools. */
  readonly text: string;
  readonly tools: readonly string[];
  /** The steps that a summary in it stands for. */
  readonly summary?: { readonly from: number; readonly to: number };
  /** Why its turn ended with it before the model was done. */
  readonly stopped?: string;
  /** Whether it was taken back, and is no part of the conversation any more. */
  readonly rewound: boolean;
}

/** A commit that the session did not make: the user's own, or a merge. */
export interface LogOutside {
  readonly type: "outside";
  readonly commit: string;
  readonly date: Date;
  readonly subject: string;
  readonly author: string;
  readonly files: readonly FileChange[];
  readonly landings: readonly Landing[];
  /** What came in, where it is a merge. */
  readonly merged: readonly MergedSide[];
}
/**
 * Reads what happened in one session or in all of them, the one that moved last first; empty when there is none. Throws
 * a {@link RepositoryError} when the revision is unknown or no session led to it.
 */
export async function readLog(repository: Repository, options: LogOptions = {}): Promise<SessionLog[]> {
  return withReading(repository, async (reading) => {
    const { chains, sessions } = await findChains(repository, reading, options);
    await readChains(reading, chains);
    const branches = new Map(sessions.map(({ id, name }) => [id, `bough/${name}`]));
    const [landings, merged] = await Promise.all([
      findLandings(repository, chains),
      findMergedSides(reading, chains, branches),
    ]);
    const surroundings = { chains, branches, landings, merged, revision: options.revision };
    const logs = await Promise.all(chains.map((chain) => toLog(chain, surroundings)));
    return options.limit === undefined ? logs : newest(logs, options.limit);
  });
}

async function findChains(
  repository: Repository,
  reading: Reading,
  { revision, all, limit }: LogOptions,
): Promise<{ chains: SessionChain[]; sessions: readonly FoundSession[] }> {
  if (revision === undefined) {
    const sessions = await findSessions(repository, reading);
    const moved = await byLastMove(repository, reading, sessions);
    const shown = all ? moved : moved.slice(0, 1);
    return { chains: await Promise.all(shown.map(({ session }) => chainOf(reading, session, limit))), sessions };
  }
  const found = await findSession(repository, reading, revision);
  const { sessions } = found;
  if ("session" in found) {
    // An archived one is not among the others.
    const all = sessions.includes(found.session) ? sessions : [...sessions, found.session];
    return { chains: [await chainOf(reading, found.session, limit)], sessions: all };
  }
  const session = await sessionOf(reading, found.commit);
  if (session === undefined) {
    throw new RepositoryError(
      "no-session",
      `No session led to ${JSON.stringify(revision)}. "bough sessions" lists those there are.`,
    );
  }
  return { chains: [new SessionChain({ session, tip: found.commit, unsaved: [], date: undefined }, limit)], sessions };
}

/** What is known beside one chain. */
interface Surroundings {
  readonly chains: readonly SessionChain[];
  /** The branch of each session that has one here. */
  readonly branches: ReadonlyMap<string, string>;
  readonly landings: Landings;
  /** What merges brought in, by its commit. */
  readonly merged: ReadonlyMap<string, MergedSide>;
  readonly revision: string | undefined;
}

async function toLog(chain: SessionChain, surroundings: Surroundings): Promise<SessionLog> {
  const { chains, branches, revision } = surroundings;
  const { session, base } = chain;
  const shared = forkPoint(chain, chains);
  const describe = await describer(chain, surroundings);
  const commits = chain.commits.slice(0, shared?.at ?? lastOfOurs(chain) + 1);
  const start = base === undefined ? undefined : { commit: base, forkedFrom: undefined };
  return {
    session,
    branch: branches.get(session),
    revision: branches.has(session) ? undefined : revision,
    subAgent: isSubAgents(chain, commits),
    entries: [...describe.unsaved(), ...commits.map(describe.commit)],
    start: shared === undefined ? start : { commit: shared.commit, forkedFrom: branches.get(shared.session) },
  };
}

/** Whether the first record of a chain is there, and says so. */
function isSubAgents({ session, unsaved }: SessionChain, commits: SessionChain["commits"]): boolean {
  const records = [...unsaved, ...commits.flatMap((commit) => commit.records)];
  return records.some((record) => record.session === session && beginsSubAgent(record));
}

/** Finds where a chain runs into another one's log. */
function forkPoint(chain: SessionChain, chains: readonly SessionChain[]) {
  for (const [i, { id, records }] of chain.commits.entries()) {
    const session = chain.ours(records).at(-1)?.session ?? chain.session;
    if (session === chain.session) continue;
    const other = chains.find((candidate) => candidate.session === session);
    const theirs = new Set(other?.commits.map((commit) => commit.id));
    if (!theirs.has(id)) continue;
    let at = i;
    // Commits of the user's just before the fork are in both.
    while (theirs.has(chain.commits[at - 1]?.id ?? "")) at--;
    return { at, commit: chain.commits[at]?.id ?? id, session };
  }
  return undefined;
}

/** What lies before the oldest step is where the session started from, not part of it. */
function lastOfOurs(chain: SessionChain): number {
  return chain.commits.findLastIndex(({ records }) => chain.ours(records).length > 0);
}

/** Reads the whole chain once, to know of each step whether it still counts and what it was an answer to. */
async function describer(chain: SessionChain, { branches, landings, merged }: Surroundings) {
  const unsaved = { id: "", subject: "", author: "", records: chain.unsaved };
  const { entries } = await fold([unsaved, ...chain.commits], chain.session);
  const kept = new Set(entries.flatMap((entry) => (entry.type === "step" ? [entry.step] : [])));
  const prompts = promptsOf(chain);

  const describe = (
    records: readonly StepRecord[],
    last: StepRecord,
    { commit, date, subject, files }: Pick<LogSteps, "commit" | "date" | "subject" | "files">,
  ): LogSteps => ({
    type: "steps",
    commit,
    session: last.session,
    branch: branches.get(last.session),
    date,
    subject,
    turn: last.turn,
    prompt: prompts.get(last.turn),
    steps: records.filter(isTold).map((record) => ({ ...logStep(record), rewound: !kept.has(record.step) })),
    files,
    landings: landings.get(commit ?? "") ?? [],
    ...usageOf(records),
  });

  return {
    unsaved(): LogSteps[] {
      const records = chain.unsaved.filter(isTold);
      const last = records.at(-1);
      if (last === undefined || chain.date === undefined) return [];
      return [describe(records, last, { commit: undefined, date: chain.date, subject: "", files: [] })];
    },

    commit({ id, parents, date, subject, author, records, files }: CommitWithFiles): LogEntry {
      const ours = chain.ours(records);
      const last = ours.at(-1);
      if (last !== undefined) return describe(ours, last, { commit: id, date, subject, files });
      const sides = parents.slice(1).flatMap((parent) => merged.get(parent) ?? []);
      const landed = landings.get(id) ?? [];
      return { type: "outside", commit: id, date, subject, author, files, landings: landed, merged: sides };
    },
  };
}

/** A session's configuration alone is nothing that happened. */
function isTold({ blocks }: StepRecord): boolean {
  return blocks.some(({ type }) => type !== "config");
}

function promptsOf(chain: SessionChain): Map<number, string> {
  const prompts = new Map<number, string>();
  const records = [...chain.commits.toReversed().flatMap((commit) => chain.ours(commit.records)), ...chain.unsaved];
  for (const { turn, blocks } of records) {
    // What the user said while the turn ran follows its prompt.
    const prompt = textOf(blocks.filter(({ type }) => type === "user").slice(0, 1), "user");
    if (prompt !== "" && !prompts.has(turn)) prompts.set(turn, prompt);
  }
  return prompts;
}

function logStep({ step, turn, blocks }: StepRecord): Omit<LogStep, "rewound"> {
  const tools = blocks.flatMap((block) => (block.type === "call" ? [block.name] : []));
  const stopped = blocks.findLast(({ type, extra }) => type === "note" && typeof extra?.stop === "string")?.text;
  return { step, turn, text: textOf(blocks, "assistant"), tools, summary: summaryOf(blocks), stopped };
}

function summaryOf(blocks: readonly Block[]): LogStep["summary"] {
  const { from, to } = blocks.findLast(({ type }) => type === "summary")?.extra ?? {};
  return typeof from === "number" && typeof to === "number" ? { from, to } : undefined;
}

/** A log tells what it was about; the whole text is in the commit. */
const EXCERPT_LENGTH = 500;

function textOf(blocks: readonly Block[], type: "user" | "assistant"): string {
  const text = blocks
    .filter((block) => block.type === type)
    .map((block) => block.text)
    .join("\n")
    .trim();
  const characters = Array.from(text.slice(0, 2 * EXCERPT_LENGTH));
  return characters.length <= EXCERPT_LENGTH ? text : `${characters.slice(0, EXCERPT_LENGTH - 1).join("")}…`;
}

/** Keeps the newest entries of all logs together. */
function newest(logs: readonly SessionLog[], limit: number): SessionLog[] {
  const dated = logs.flatMap((log) => log.entries.map(({ date }) => ({ log, date })));
  const kept = dated.sort((a, b) => b.date.getTime() - a.date.getTime()).slice(0, limit);
  return logs.flatMap((log) => {
    const count = kept.filter((entry) => entry.log === log).length;
    if (count === log.entries.length) return [log];
    return count === 0 ? [] : [{ ...log, entries: log.entries.slice(0, count), start: undefined }];
  });
}
