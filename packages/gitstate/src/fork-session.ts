import { attempt } from "./attempt.ts";
import { checkName, forkNames } from "./branch-name.ts";
import { claimName } from "./claim-name.ts";
import { type Cut, conversationAt, cutAfter, cutAt, cutBefore, cutNow, readLine, type SessionLine } from "./cut.ts";
import { RepositoryError } from "./errors.ts";
import { type FoundSession, findSession, findSessions, resolveCommit, sessionAt, sessionOf } from "./find-session.ts";
import { FIRST_STEP } from "./fold.ts";
import { withoutGc } from "./gc-hold.ts";
import { lastMoved } from "./last-moved.ts";
import { forkId, isOurs, newSessionId, rootSession } from "./lineage.ts";
import { writePendingRecords } from "./pending-records.ts";
import { type Reading, withReading } from "./reading.ts";
import { remoteSessionName } from "./remote-session.ts";
import type { Repository } from "./repository.ts";
import type { Session } from "./session.ts";
import { readSessionRefs } from "./session-refs.ts";
import { nameTaken, openClaimed } from "./start-session.ts";
import type { StepRecord } from "./step-record.ts";
import { forkMark } from "./sub-agent.ts";
import { unsavedRecords } from "./unsaved-records.ts";

/** Where a fork leaves the session it continues. Without `before` and `after` that is now. */
export interface ForkOptions {
  /** A branch, a commit or a session's id; without it the session that moved last. */
  readonly from?: string;
  /** The turn before whose prompt to leave it, as `bough log` counts them. */
  readonly before?: number;
  /** The step, or the commit, after which to leave it. */
  readonly after?: number | string;
  /** Name of the branch after `bough/`; without it that of the session with the next number, as in `fix.1`. */
  readonly name?: string;
  /** Whether it is made for a sub-agent: it knows nothing of the conversation, and nobody goes on with it who does not name it. */
  readonly subAgent?: boolean;
}

/** How often other programs may take a name first before something else is wrong. */
const TRIES = 20;

/**
 * Starts a session that continues another from one of its moments, with the files and the conversation of that moment.
 * Throws a {@link RepositoryError} when there is no such session or moment.
 */
export function forkSession(repository: Repository, options: ForkOptions = {}): Promise<Session> {
  const { after, from = typeof after === "string" ? after : undefined } = options;
  const what = from === undefined ? "fork the session that moved last" : `fork ${JSON.stringify(from)}`;
  return attempt(what, () =>
    withReading(repository, async (reading) => {
      const source = await findSource(repository, reading, from);
      const cut = await findCut(repository, source, options);
      return forkAt(repository, reading, { ...source, cut, name: options.name, subAgent: options.subAgent });
    }),
  );
}

/** Continues a commit that is no session's tip. */
export async function forkCommit(repository: Repository, reading: Reading, revision: string): Promise<Session> {
  const source = await findSource(repository, reading, revision);
  return forkAt(repository, reading, { ...source, cut: cutNow(source.line) });
}

/** What is forked, and the name that its forks are named after. */
interface Source {
  readonly line: SessionLine;
  readonly origin: string;
}

async function findSource(repository: Repository, reading: Reading, revision: string | undefined): Promise<Source> {
  const found = revision === undefined ? await findLast(repository, reading) : undefined;
  if (found !== undefined) return sourceOf(reading, found);
  const named = await findSession(repository, reading, revision ?? "");
  if ("session" in named) return sourceOf(reading, named.session);
  const { commit, sessions } = named;
  const session = await sessionAt(repository, reading, commit, sessions);
  if (session === undefined) {
    throw new RepositoryError(
      "no-session",
      `No session led to ${commit.slice(0, 12)}, so there is no conversation to go on with.`,
    );
  }
  const line = await readLine(reading, { session, tip: commit, unsaved: [] });
  const remote = await remoteSessionName(repository, revision ?? "");
  return { line, origin: originName(session, sessions) ?? remote ?? "fork" };
}

async function findLast(repository: Repository, reading: Reading): Promise<FoundSession> {
  const last = await lastMoved(repository, reading, await findSessions(repository, reading));
  if (last !== undefined) return last;
  throw new RepositoryError(
    "no-session",
    `There is no session in ${repository.root} to fork. Start one: bough -p "…".`,
  );
}

async function sourceOf(reading: Reading, found: FoundSession): Promise<Source> {
  const unsaved = await unsavedRecords(reading, found);
  return { line: await readLine(reading, { session: found.id, tip: found.tip, unsaved }), origin: found.name };
}

async function findCut(repository: Repository, { line, origin }: Source, options: ForkOptions): Promise<Cut> {
  const { before, after, from } = options;
  const seeLog = `"bough log ${origin}" shows what there is.`;
  if (before !== undefined) {
    return (
      cutBefore(line, before) ?? refuseMoment(`There is no prompt ${before} in the session of ${origin}. ${seeLog}`)
    );
  }
  if (typeof after === "number") {
    return cutAfter(line, after) ?? refuseMoment(`There is no step ${after} in the session of ${origin}. ${seeLog}`);
  }
  // Without `from` what `after` names was the source.
  if (after === undefined || from === undefined) return cutNow(line);
  const commit = await resolveCommit(repository, after);
  // A sub-agent begins at a commit: what its parent keeps beside it is about the sub-agents.
  if (commit === line.tip && options.subAgent !== true) return cutNow(line);
  return cutAt(line, commit) ?? refuseMoment(`${after} is no commit of the session of ${origin}. ${seeLog}`);
}

function refuseMoment(message: string): never {
  throw new RepositoryError("unknown-revision", message);
}

interface NewFork extends Source {
  readonly cut: Cut;
  readonly name?: string | undefined;
  readonly subAgent?: boolean | undefined;
}

function forkAt(repository: Repository, reading: Reading, fork: NewFork): Promise<Session> {
  return withoutGc(repository.commonDir, () => claimAndOpen(repository, reading, fork));
}

async function claimAndOpen(
  repository: Repository,
  reading: Reading,
  { line, origin, cut, name, subAgent = false }: NewFork,
): Promise<Session> {
  const fixed = name === undefined ? undefined : checkName(name);
  const start = await startOf(line, cut);
  for (let tries = 0; tries < TRIES; tries++) {
    const refs = await readSessionRefs(repository);
    if (fixed !== undefined && refs.taken.has(fixed)) throw nameTaken(fixed, refs);
    const ids = (await findSessions(repository, reading, refs)).map(({ id }) => id);
    for (const { session } of [...refs.archived, ...refs.gone]) ids.push(session);
    for (const { commit } of refs.abandoned) ids.push((await sessionOf(reading, commit)) ?? "");
    const record: StepRecord = {
      session: nextForkId(start.parent, start.lastStep, ids),
      step: start.lastStep + 1,
      turn: start.turn,
      // Two that are made at once would be one commit otherwise, and each take the other's refs for its own.
      extra: forkMark({ fork: newSessionId(), subAgent }),
      // A sub-agent is told its task and no more, also when its parent dies before it is told.
      blocks: subAgent ? [start.config, { type: "summary", text: "" }] : [start.config],
    };
    const unsaved = [...cut.records, record];
    const by = repository.identity;
    const pending = await writePendingRecords(reading.objects, { records: unsaved, parent: cut.commit, by });
    // One name at a time: whoever takes it first has, as a rule, this session's id too.
    const [next = origin] = forkNames(origin, refs.taken);
    const claimed = await claimName(repository, { names: [fixed ?? next], tip: cut.commit, pending });
    if (claimed === undefined) continue;
    // Two that looked at the same time took different names and the same id.
    const sessions = await findSessions(repository, reading);
    if (sessions.some(({ id, name }) => id === record.session && name < claimed.name)) {
      await claimed.giveBack();
      continue;
    }
    const state = { name: claimed.name, tip: cut.commit, pending, lastStep: record.step, leftOut: [], isNew: true };
    return openClaimed(repository, claimed, { ...state, id: record.session, unsaved });
  }
  throw new RepositoryError("name-taken", `Other programs keep taking the names for forks of "${origin}". Try again.`);
}

/** Finds what a fork begins with: whom it continues, after which number, and the configuration it goes on with. */
async function startOf(line: SessionLine, cut: Cut) {
  const { lastStep, lastTurn, config } = await conversationAt(line, cut);
  const records = [...cut.records, ...cut.commits.flatMap((commit) => commit.records)];
  const owners = records.filter((record) => isOurs(line.session, record)).map(({ session }) => session);
  return {
    // A user's rebase may have put an ancestor's step last: the longest id is the youngest of the lineage.
    parent: owners.reduce((longest, id) => (id.length > longest.length ? id : longest), rootSession(line.session)),
    lastStep: Math.max(lastStep, FIRST_STEP),
    turn: lastTurn,
    config: config ?? (await configNow(line)) ?? ({ type: "config", text: "" } as const),
  };
}

/** Where the user dropped the first step, an early moment has no configuration of its own. */
async function configNow(line: SessionLine) {
  return (await conversationAt(line, cutNow(line))).config;
}

/** The name of the session that is forked; of one that continues it when its own branch is gone. */
function originName(parent: string, sessions: readonly FoundSession[]): string | undefined {
  const origin = sessions.find(({ id }) => id === parent) ?? sessions.find(({ id }) => id.startsWith(`${parent}.`));
  return origin?.name;
}

function nextForkId(parent: string, step: number, ids: readonly string[]): string {
  const start = `${parent}.${step}-`;
  const used = ids.filter((id) => id.startsWith(start)).map((id) => Number.parseInt(id.slice(start.length), 10));
  return forkId(parent, step, Math.max(0, ...used) + 1);
}
