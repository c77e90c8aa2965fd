import { homedir } from "node:os";
import type { SessionSummary } from "@bough/gitstate";
import { oneLine } from "../one-line.ts";
import { age, counted, dollars } from "./amounts.ts";
import { formatNoSessions } from "./format-no-sessions.ts";
import type { Page } from "./page.ts";

const STATES = {
  idle: { sign: "●", word: "idle" },
  running: { sign: "◐", word: "at work" },
  interrupted: { sign: "◌", word: "interrupted" },
  archived: { sign: "○", word: "archived" },
} as const satisfies Record<SessionSummary["state"], { sign: string; word: string }>;

/** What stands in the place of a worktree. */
const PLACELESS = {
  removed: "worktree removed, the branch holds everything",
  archived: "--resume brings it back",
} as const;

/** Writes the list of sessions: a line of figures for each, then its last prompt and its worktree. */
export function formatSessions(
  sessions: readonly SessionSummary[],
  page: Page,
  elsewhere: readonly string[] = [],
): string {
  if (sessions.length === 0) return formatNoSessions(elsewhere, page);
  const rows = sessions.map((session) => ({ session, figures: figuresOf(session, page) }));
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map(({ figures }) => figures[i]?.length ?? 0)));
  const room = page.width - 4 - widths.reduce((sum, width) => sum + width + 2, 0) - AGE_LENGTH;
  const column = Math.max(0, ...sessions.map((session) => nameOf(session).length).filter((length) => length <= room));
  return rows
    .map(({ session, figures }) => `${formatSession(session, { figures: pad(figures, widths), column }, page)}\n`)
    .join("\n");
}

/** As long as an age gets. */
const AGE_LENGTH = "59 min ago".length;

function figuresOf(session: SessionSummary, { now }: Page): string[] {
  const { state, subAgent, turns, lastActivity } = session;
  const { word } = STATES[state];
  return [subAgent ? `sub-agent, ${word}` : word, counted(turns, "turn"), costOf(session), age(lastActivity, now)];
}

/** What a session took with all that worked for it; of those each says its own. */
function costOf({ cost, costWithSubAgents }: SessionSummary): string {
  if (cost === undefined) return "";
  if (costWithSubAgents === cost) return dollars(cost);
  return costWithSubAgents === undefined ? `${dollars(cost)} and more` : `${dollars(costWithSubAgents)} in all`;
}

function pad(figures: readonly string[], widths: readonly number[]): string[] {
  return figures.map((figure, i) => figure.padEnd(widths[i] ?? 0)).filter((figure) => figure !== "");
}

/** Never cut, as it is what one types. */
function nameOf({ branch }: SessionSummary): string {
  return oneLine(branch, Number.POSITIVE_INFINITY);
}

/** Where the name is too long for its column the figures go to a line of their own. */
function formatSession(
  session: SessionSummary,
  { figures, column }: { readonly figures: readonly string[]; readonly column: number },
  { width, look }: Page,
): string {
  const { lastPrompt, model, worktree, state, subAgent } = session;
  const branch = nameOf(session);
  const strong = subAgent ? look.dim : look.bold;
  const gap = branch.length > column ? "\n  " : " ".repeat(column - branch.length + 2);
  const sign = (state === "interrupted" ? look.alarm : subAgent ? look.dim : look.accent)(STATES[state].sign);
  const place = worktree.exists ? homeRelative(worktree.path) : PLACELESS[state === "archived" ? state : "removed"];
  return [
    `${sign} ${strong(branch)}${gap}${figures.join("  ").trimEnd()}`,
    ...(lastPrompt === undefined ? [] : [`  > ${oneLine(lastPrompt, width - 4)}`]),
    ...(model === undefined ? [] : [look.dim(`  ${oneLine(model, width - 2)}`)]),
    // Not cut, so that it can be copied.
    look.dim(`  ${oneLine(place, Number.POSITIVE_INFINITY)}`),
  ].join("\n");
}

function homeRelative(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
