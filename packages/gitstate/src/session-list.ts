import { access } from "node:fs/promises";
import { join } from "node:path";
import { type ArchivedSession, findArchived, isArchived } from "./archived-session.ts";
import { type FoundSession, findSessions } from "./find-session.ts";
import { fold, type Step } from "./fold.ts";
import { firstParents } from "./history.ts";
import { byLastMove, type MovedSession } from "./last-moved.ts";
import { parentSession } from "./lineage.ts";
import { linkedWorktreeOf } from "./linked-worktree.ts";
import { type Reading, withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { isHeld } from "./session-lock.ts";
import { readSessionRefs } from "./session-refs.ts";
import type { StepRecord } from "./step-record.ts";
import { usageOf } from "./step-usage.ts";
import { isSubAgent } from "./sub-agent.ts";
import { unsavedRecords } from "./unsaved-records.ts";

/** A session, for a list of all. */
export interface SessionSummary {
  readonly name: string;
  readonly id: string;
  readonly branch: string;
  readonly tip: string;
  /**
   * `idle`: its last turn ended · `running`: an agent is at work on a turn · `interrupted`: there are steps that no commit
   * holds yet, and nobody is at work on them · `archived`: it was closed for good, and resuming it brings it back.
   */
  readonly state: "idle" | "running" | "interrupted" | "archived";
  /** Whether it was forked for a sub-agent of the session that its id begins with. */
  readonly subAgent: boolean;
  /** Prompts of the conversation as it stands; of a fork those before it too, of a sub-agent only its own. */
  readonly turns: number;
  readonly lastPrompt: string | undefined;
  readonly model: string | undefined;
  /** US dollars, for the session's own steps; undefined unless each one's is known. */
  readonly cost: number | undefined;
  /** US dollars, with those of its sub-agents that are in the list, and of theirs; undefined unless all of it is known. */
  readonly costWithSubAgents: number | undefined;
  readonly worktree: { readonly path: string; readonly exists: boolean };
  readonly lastActivity: Date;
}

/**
 * Lists the sessions of a repository, the one that moved last first, and after each its sub-agents; archived ones are
 * among them when asked for.
 */
export async function listSessions(
  repository: Repository,
  { all = false }: { readonly all?: boolean } = {},
): Promise<SessionSummary[]> {
  return withReading(repository, async (reading) => {
    const refs = await readSessionRefs(repository);
    const archived = all ? await findArchived(reading, refs.archived) : [];
    const found = [...(await findSessions(repository, reading, refs)), ...archived];
    const sessions = await byLastMove(repository, reading, found);
    return belowParents(await Promise.all(sessions.map((session) => summarize(repository, reading, session))));
  });
}

/** A session, and what it took by itself: nothing when its model never answered. */
interface Listed {
  readonly summary: Omit<SessionSummary, "costWithSubAgents">;
  readonly took: number | undefined;
}

/** A sub-agent whose parent is not in the list keeps its place. */
function belowParents(listed: readonly Listed[]): SessionSummary[] {
  const sessions = listed.map(({ summary }) => summary);
  const took = new Map(listed.map((each) => [each.summary.id, each.took]));
  const ids = new Set(sessions.map(({ id }) => id));
  const isBelow = ({ id, subAgent }: Listed["summary"]) => subAgent && ids.has(parentSession(id));
  const withBelow = (session: Listed["summary"]): SessionSummary[] => {
    const children = sessions.filter((other) => isBelow(other) && parentSession(other.id) === session.id);
    const below = children.flatMap(withBelow);
    const costs = [session, ...below].map(({ id }) => took.get(id));
    return [{ ...session, costWithSubAgents: below.length === 0 ? session.cost : sumOfKnown(costs) }, ...below];
  };
  return sessions.filter((session) => !isBelow(session)).flatMap(withBelow);
}

function sumOfKnown(costs: readonly (number | undefined)[]): number | undefined {
  const known = costs.filter((cost) => cost !== undefined);
  return known.length < costs.length ? undefined : known.reduce((sum, cost) => sum + cost, 0);
}

async function summarize(
  repository: Repository,
  reading: Reading,
  { session, at }: MovedSession<FoundSession | ArchivedSession>,
): Promise<Listed> {
  const { id, name, tip } = session;
  const unsaved = await unsavedRecords(reading, session);
  const [conversation, worktree, subAgent] = await Promise.all([
    fold(commitsOf(reading, session, unsaved), id),
    findWorktree(repository, name),
    isSubAgent(reading, session),
  ]);
  const steps = conversation.entries.filter((entry) => entry.type === "step");
  const { model } = usageOf(steps);
  const own = steps.filter((step) => step.session === id);
  const { usage, cost } = usageOf(own);
  const prompts = promptsOf(subAgent ? own : steps);
  const summary = {
    name,
    id,
    branch: `bough/${name}`,
    tip,
    state: await stateOf(repository, session, unsaved),
    subAgent,
    turns: prompts.length,
    lastPrompt: prompts.at(-1),
    model: model ?? configuredModel(conversation.config?.extra),
    cost,
    worktree,
    lastActivity: at,
  };
  return { summary, took: usage === undefined ? 0 : cost };
}

/** The session's commits after the records that none of them holds. */
async function* commitsOf(reading: Reading, { tip }: FoundSession, unsaved: readonly StepRecord[]) {
  yield { id: "", subject: "", author: "", records: unsaved };
  yield* firstParents(reading, tip);
}

/** What began each turn; what the user said while one ran is no prompt. */
function promptsOf(steps: readonly Step[]): string[] {
  const prompts = new Map<number, string>();
  for (const { turn, blocks } of steps) {
    const prompt = blocks.find(({ type }) => type === "user")?.text;
    if (prompt !== undefined && !prompts.has(turn)) prompts.set(turn, prompt);
  }
  return [...prompts.values()];
}

/** A session whose model has not answered yet has one nevertheless. */
function configuredModel(extra: StepRecord["extra"]): string | undefined {
  const model = extra?.model;
  return typeof model === "string" ? model : undefined;
}

async function stateOf(
  repository: Repository,
  session: FoundSession | ArchivedSession,
  unsaved: readonly StepRecord[],
): Promise<SessionSummary["state"]> {
  if (isArchived(session)) return "archived";
  const { id, name } = session;
  // A fork may begin with steps of another's.
  const begun = unsaved.some(({ session, blocks }) => session === id && blocks.some(({ type }) => type !== "config"));
  if (!begun) return "idle";
  return (await isHeld(repository, name)) ? "running" : "interrupted";
}

/** An empty folder is none: a session that could not be opened left it. */
async function findWorktree(repository: Repository, name: string): Promise<SessionSummary["worktree"]> {
  const usual = join(repository.folders.worktrees, name);
  if (await exists(join(usual, ".git"))) return { path: usual, exists: true };
  const linked = await linkedWorktreeOf(repository, name);
  return linked === undefined
    ? { path: usual, exists: false }
    : { path: linked.path, exists: await exists(linked.path) };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
