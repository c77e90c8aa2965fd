import { readCommit, writeCommit } from "./commit-object.ts";
import { compareFiles } from "./compare.ts";
import { type Cut, conversationAt, cutAfter, cutAt, cutBefore, cutNow, readLine, type SessionLine } from "./cut.ts";
import { RepositoryError } from "./errors.ts";
import type { FileChange } from "./file-changes.ts";
import { findBase } from "./find-base.ts";
import { type FoundSession, resolveCommit } from "./find-session.ts";
import { type Conversation, FIRST_STEP, REWOUND_TO } from "./fold.ts";
import { formatMessage, formatSubject } from "./message.ts";
import type { Reading } from "./reading.ts";
import type { Identity, Repository } from "./repository.ts";
import { somePaths } from "./some-paths.ts";
import type { Block, StepRecord } from "./step-record.ts";
import { unsavedRecords } from "./unsaved-records.ts";

/** The moment a session goes back to: before the prompt of a turn, after a step or a commit, or some turns ago. */
export type RewindTarget =
  | { readonly before: number }
  | { readonly after: number | string }
  /** Counted from the last turn that is part of the conversation now. */
  | { readonly turns: number };

/** What is rewound, and how far. */
export type RewindOptions = RewindTarget & {
  /** The files or the conversation only; both unless given. */
  readonly only?: "files" | "chat" | undefined;
  /** Whether only to say what would be done. */
  readonly preview?: boolean;
};

/** A turn that a rewind takes out of the conversation, or brings back into it. */
export interface RewoundTurn {
  readonly turn: number;
  readonly prompt: string;
}

/** What a rewind changes. */
export interface RewoundDifference {
  /** The last commit of the moment it goes back to, and the last step and turn that had begun by then. */
  readonly to: { readonly step: number; readonly turn: number; readonly commit: string };
  /** What happens to the files. */
  readonly files: readonly FileChange[];
  /** Turns that leave the conversation. */
  readonly taken: readonly RewoundTurn[];
  /** Turns that come back into it, where a rewind is undone. */
  readonly returned: readonly RewoundTurn[];
}

/** What came of rewinding a session. */
export type RewindResult =
  /** Rewinding to the commit `before` undoes it. */
  | ({ readonly type: "rewound"; readonly commit: string; readonly before: string } & RewoundDifference)
  | ({ readonly type: "would-rewind" } & RewoundDifference)
  /** The session stands there already. */
  | { readonly type: "up-to-date" };

/** A session as it is now. */
export interface RewindSource extends Omit<SessionLine, "commits"> {
  readonly branch: string;
  /** The tree of the files as they are, what was changed by hand included. */
  readonly tree: string;
}

/** How a session is brought back. */
export interface RewindPlan extends RewoundDifference {
  readonly only: RewindOptions["only"];
  /** The tree the files go to. */
  readonly tree: string;
}

/** Works out how to bring a session back; undefined when it stands there. Nothing but objects is written. */
export async function planRewind(
  repository: Repository,
  reading: Reading,
  {
    source,
    target,
    only,
  }: { readonly source: RewindSource; readonly target: RewindTarget; readonly only: RewindOptions["only"] },
): Promise<RewindPlan | undefined> {
  const line = await readLine(reading, { session: source.session, tip: source.tip, unsaved: source.unsaved });
  const now = await conversationAt(line, cutNow(line));
  const cut = await findCut(repository, reading, { line, now, target, branch: source.branch });
  const then = await conversationAt(line, cut);
  const goal = (await readCommit(reading.objects, cut.commit)).tree;
  const tree = only === "chat" ? source.tree : goal;
  const isChatThere = only === "files" || meaning(now) === meaning(then);
  if (isChatThere && tree === source.tree) return undefined;
  const files = await compareFiles(reading.gitDir, { from: source.tree, to: tree });
  return {
    only,
    tree,
    files,
    to: { step: Math.max(then.lastStep, FIRST_STEP), turn: then.lastTurn, commit: cut.commit },
    taken: only === "files" ? [] : turnsWithout(now, then),
    returned: only === "files" ? [] : turnsWithout(then, now),
  };
}

/** Leaves away what is nobody's business outside. */
export function toRewindResult(
  plan: RewindPlan,
  made?: { readonly commit: string; readonly before: string },
): RewindResult {
  const { to, files, taken, returned } = plan;
  const difference = { to, files, taken, returned };
  return made === undefined ? { type: "would-rewind", ...difference } : { type: "rewound", ...made, ...difference };
}

/** Writes the commit of a rewind: the older tree, and a record that brings the conversation back or tells it of the files. */
export async function writeRewind(
  { objects }: Reading,
  plan: RewindPlan,
  { parent, place, by }: { readonly parent: string; readonly place: Omit<StepRecord, "blocks">; readonly by: Identity },
): Promise<string> {
  const { committedAt } = await readCommit(objects, parent);
  return writeCommit(objects, {
    tree: plan.tree,
    parents: [parent],
    author: by,
    committer: by,
    committedAt: Math.max(Math.floor(Date.now() / 1000), committedAt),
    message: formatMessage({
      subject: formatSubject(subjectOf(plan)),
      records: [{ ...place, blocks: [blockOf(plan)] }],
    }),
  });
}

function subjectOf({ only, to }: RewindPlan): string {
  const what = only === undefined ? "Go back" : `Take the ${only === "files" ? "files" : "conversation"} back`;
  return to.step === FIRST_STEP ? `${what} to the start` : `${what} to step ${to.step}`;
}

function blockOf({ only, to, files }: RewindPlan): Block {
  // What the user did by hand after the step is part of that moment, which the number alone does not say.
  if (only !== "files") return { type: "rewind", to: to.step, text: "", extra: { [REWOUND_TO]: to.commit } };
  const moment = to.step === FIRST_STEP ? "when the session started" : `after step ${to.step}`;
  const paths = files.flatMap(({ from, path }) => (from === undefined ? [path] : [from, path]));
  return {
    type: "note",
    extra: { [REWOUND_TO]: to.commit },
    text: `The user took the files back to how they were ${moment} (commit ${to.commit.slice(0, 12)}); the conversation goes on. Files that changed by it: ${somePaths(paths, 50)}.`,
  };
}

interface CutSource {
  readonly line: SessionLine;
  readonly now: Conversation;
  readonly target: RewindTarget;
  readonly branch: string;
}

async function findCut(
  repository: Repository,
  reading: Reading,
  { line, now, target, branch }: CutSource,
): Promise<Cut> {
  const seeLog = `"bough log ${branch}" shows what there is.`;
  if ("turns" in target) return cutTurns(line, now, target.turns, branch);
  if ("before" in target) {
    return cutBefore(line, target.before) ?? refuse(`There is no prompt ${target.before} in ${branch}. ${seeLog}`);
  }
  const { after } = target;
  if (typeof after === "number")
    return cutAfter(line, after) ?? refuse(`There is no step ${after} in ${branch}. ${seeLog}`);
  const commit = await resolveCommit(repository, after);
  const cut = await cutAtCommit(reading, line, commit);
  return cut ?? refuse(`${commit.slice(0, 12)} is no commit of ${branch}, so it cannot go back there. ${seeLog}`);
}

/** The moment at which a commit was the session's last, or the one it started from; undefined when it is neither. */
async function cutAtCommit(reading: Reading, line: SessionLine, commit: string): Promise<Cut | undefined> {
  if (commit === line.tip) return cutNow(line);
  return cutAt(line, commit) ?? (await cutBase(reading, line, commit));
}

/** Whether a session can go back to a commit. */
export async function holdsMoment(reading: Reading, found: FoundSession, commit: string): Promise<boolean> {
  const unsaved = await unsavedRecords(reading, found);
  const line = await readLine(reading, { session: found.id, tip: found.tip, unsaved });
  return (await cutAtCommit(reading, line, commit)) !== undefined;
}

function cutTurns(line: SessionLine, now: Conversation, turns: number, branch: string): Cut {
  const all = turnsOf(now);
  const first = all.at(-turns);
  const cut = turns < 1 || first === undefined ? undefined : cutBefore(line, first.turn);
  if (cut !== undefined) return cut;
  const there = all.length === 0 ? "no turns" : all.length === 1 ? "one turn" : `${all.length} turns`;
  return refuse(
    `${branch} cannot go back ${turns} ${turns === 1 ? "turn" : "turns"}: there ${all.length === 1 ? "is" : "are"} ${there} in its conversation.`,
  );
}

/** What the session started from comes before all its commits. */
async function cutBase(reading: Reading, line: SessionLine, commit: string): Promise<Cut | undefined> {
  const base = await findBase(reading, { id: line.session, tip: line.tip, unsaved: line.unsaved });
  const start = cutAfter(line, FIRST_STEP);
  return base === commit && start !== undefined ? { commit, records: start.records, commits: [] } : undefined;
}

function refuse(message: string): never {
  throw new RepositoryError("unknown-revision", message);
}

/** What a model is told of a conversation and runs with; two that are equal in this need no rewind. */
function meaning({ entries, config }: Conversation): string {
  const said = entries.filter(
    (entry) => entry.type === "outside" || entry.blocks.some(({ type }) => type !== "config" && type !== "rewind"),
  );
  return JSON.stringify([config, ...said.map((entry) => (entry.type === "outside" ? entry.commit : entry.step))]);
}

function turnsWithout(one: Conversation, other: Conversation): RewoundTurn[] {
  const kept = new Set(turnsOf(other).map(({ turn }) => turn));
  return turnsOf(one).filter(({ turn }) => !kept.has(turn));
}

/** The turns of a conversation, oldest first, each with the prompt it began with. */
function turnsOf({ entries }: Conversation): RewoundTurn[] {
  const prompts = new Map<number, string>();
  for (const entry of entries) {
    const prompt = entry.type === "step" ? entry.blocks.find(({ type }) => type === "user") : undefined;
    if (entry.type === "step" && prompt !== undefined && !prompts.has(entry.turn)) prompts.set(entry.turn, prompt.text);
  }
  return [...prompts].map(([turn, prompt]) => ({ turn, prompt }));
}
