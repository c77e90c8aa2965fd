import { homedir } from "node:os";
import type { SessionSummary } from "@bough/gitstate";
import { oneLine } from "../one-line.ts";
import { age, counted, dollars } from "./amounts.ts";
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
  if (sessions.length === 0) return formatNone(elsewhere, page);
  const rows = sessions.map((session) => ({ session, figures: figuresOf(session, page) }));
  const widths = [0, 1, 2, 3].map((i) => Math.max(...rows.map(({ figures }) => figures[i]?.length ?? 0)));
  return rows.map(({ session, figures }) => `${formatSession(session, pad(figures, widths), page)}\n`).join("\n");
}

const REMOTE_SHOWN = 10;

/** In a fresh clone there are those that were fetched, which nobody here went on with. */
function formatNone([first, ...others]: readonly string[], { width }: Page): string {
  if (first === undefined) return 'No sessions here yet. Start one: bough -p "<prompt>"\n';
  const names = [first, ...others].slice(0, REMOTE_SHOWN).map((name) => `  ${oneLine(name, width - 2)}`);
  const rest = others.length + 1 - names.length;
  return [
    "No sessions here yet, but in other clones, as they were when last fetched:",
    ...names,
    ...(rest > 0 ? [`  and ${rest} more`] : []),
    `Go on with one here: bough --resume ${oneLine(first, width)}`,
    "",
  ].join("\n");
}

function figuresOf(session: SessionSummary, { width, now }: Page): string[] {
  const { branch, state, subAgent, turns, cost, lastActivity } = session;
  return [
    oneLine(branch, Math.max(20, width - 48)),
    subAgent ? `sub-agent, ${STATES[state].word}` : STATES[state].word,
    counted(turns, "turn"),
    cost === undefined ? "" : dollars(cost),
    age(lastActivity, now),
  ];
}

function pad(figures: readonly string[], widths: readonly number[]): string[] {
  return figures.map((figure, i) => figure.padEnd(widths[i] ?? 0)).filter((figure) => figure !== "");
}

function formatSession(session: SessionSummary, figures: readonly string[], { width, look }: Page): string {
  const [branch = "", ...rest] = figures;
  const { lastPrompt, model, worktree, state, subAgent } = session;
  const strong = subAgent ? look.dim : look.bold;
  const sign = (state === "interrupted" ? look.alarm : subAgent ? look.dim : look.accent)(STATES[state].sign);
  const place = worktree.exists ? homeRelative(worktree.path) : PLACELESS[state === "archived" ? state : "removed"];
  return [
    `${sign} ${strong(branch)}  ${rest.join("  ").trimEnd()}`,
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
