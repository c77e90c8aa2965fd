import { stripVTControlCharacters } from "node:util";
import type {
  FileChange,
  Landing,
  LogEntry,
  LogOutside,
  LogStart,
  LogStep,
  LogSteps,
  SessionLog,
} from "@bough/gitstate";
import { oneLine } from "../one-line.ts";
import { age, spent, sumOf } from "./amounts.ts";
import { fileName, lineCounts } from "./file-counts.ts";
import { formatNoSessions } from "./format-no-sessions.ts";
import type { Page } from "./page.ts";

/** Writes logs as a graph down the margin: a branch, its turns, below each what was done for it, the newest on top. */
export function formatLog(logs: readonly SessionLog[], page: Page, elsewhere: readonly string[] = []): string {
  if (logs.length === 0) return formatNoSessions(elsewhere, page);
  return logs.map((log) => formatSession(log, page)).join("\n");
}

function formatSession(log: SessionLog, page: Page): string {
  const { look, width } = page;
  const margin = look.accent("│");
  const lines = [`${look.accent("●")} ${look.bold(oneLine(nameOf(log), width - 2))}`];
  if (log.entries.length === 0) lines.push(margin, `${margin} ${look.dim("Nothing was done yet.")}`);
  let session = log.session;
  const sections = sectionsOf(log.entries);
  for (const { turn, entries } of sections) {
    if (turn !== undefined && turn.session !== session) lines.push(margin, formatFork(turn, page));
    session = turn?.session ?? session;
    lines.push(margin);
    // Of a turn that goes on beyond the limit the sum is not known.
    const isWhole = log.start !== undefined || entries !== sections.at(-1)?.entries;
    if (turn !== undefined) lines.push(...formatHeading(turn, { entries, isWhole }, page));
    lines.push(...entries.flatMap((entry) => formatEntry(entry, page)));
  }
  return `${[...lines, margin, formatStart(log.start, page)].join("\n")}\n`;
}

/** In another clone it has the name by which it was asked for. */
function nameOf({ branch, revision, session }: SessionLog): string {
  return branch ?? (revision === undefined ? `session ${session}` : `${revision} (session ${session})`);
}

/** What stands under one heading: a turn's entries, the newest of which tells the turn, or commits that belong to none. */
interface Section {
  readonly turn: LogSteps | undefined;
  readonly entries: LogEntry[];
}

/** A commit of the user's between two of a turn's belongs to it; any other stands alone. */
function sectionsOf(entries: readonly LogEntry[]): Section[] {
  const sections: Section[] = [];
  let outside: LogEntry[] = [];
  for (const entry of entries) {
    const last = sections.at(-1);
    if (entry.type === "outside") {
      outside.push(entry);
      continue;
    }
    if (last?.turn?.turn === entry.turn && last.turn.session === entry.session) last.entries.push(...outside, entry);
    else {
      if (outside.length > 0) sections.push({ turn: undefined, entries: outside });
      sections.push({ turn: entry, entries: [entry] });
    }
    outside = [];
  }
  return outside.length > 0 ? [...sections, { turn: undefined, entries: outside }] : sections;
}

/** Says where the session left the one whose steps follow. */
function formatFork({ session, branch }: LogSteps, { look, width }: Page): string {
  return `${look.accent("├─")} ${look.dim(`forked from ${oneLine(branch ?? `session ${session}`, width - 15)}`)}`;
}

function formatHeading(
  { turn, prompt, date }: LogSteps,
  { entries, isWhole }: { readonly entries: readonly LogEntry[]; readonly isWhole: boolean },
  { look, width, now }: Page,
): string[] {
  const when = age(date, now);
  const label = `turn ${turn}`;
  const room = width - label.length - when.length - 6;
  const said = oneLine(prompt ?? "(its prompt is gone)", room).padEnd(room);
  const steps = entries.filter((entry) => entry.type === "steps");
  const total = isWhole ? oneLine(spent(sumOf(steps)), width - 2) : "";
  return [
    `${look.accent("◆")} ${look.accent(label)}  ${look.bold(said)}  ${look.dim(when)}`,
    ...(total === "" ? [] : [`${look.accent("│")} ${look.dim(total)}`]),
  ];
}

const ID_LENGTH = 9;
/** As wide as what stands before a commit's subject. */
const MARGIN = "│ ".length + ID_LENGTH + 2;

function formatEntry(entry: LogEntry, page: Page): string[] {
  const { look, width } = page;
  const id = entry.commit === undefined ? look.dim("(pending)") : look.accent(entry.commit.slice(0, ID_LENGTH));
  const label = labelOf(entry, width);
  const subject = oneLine(subjectOf(entry), width - MARGIN - label.length - 2);
  const isGone = entry.type === "steps" && entry.steps.every(({ rewound }) => rewound);
  const isMerge = entry.type === "outside" && entry.merged.length > 0;
  return [
    ...entry.landings.map((landing) => formatLanding(landing, page)),
    `${look.accent(isMerge ? "├" : "│")} ${id}  ${look.dim(label)}  ${isGone ? look.dim(subject) : subject}`,
    ...formatRemarks(entry, page),
    ...formatFiles(entry.files, page).map((line) => `${look.accent("│")}${" ".repeat(MARGIN - 1)}${line}`),
  ];
}

/** Says which steps the model was sent only a summary of from then on, and why a turn ended early. */
function formatRemarks(entry: LogEntry, { look, width }: Page): string[] {
  const remarks = entry.type === "steps" ? entry.steps.flatMap(remarksOf) : [];
  return remarks
    .filter((remark) => remark !== entry.subject)
    .map((remark) => `${look.accent("│")}${" ".repeat(MARGIN - 1)}${look.dim(oneLine(remark, width - MARGIN))}`);
}

function remarksOf({ summary, stopped }: LogStep): string[] {
  const summarized = summary === undefined ? [] : [`summarized ${numbersOf(summary.from, summary.to)}`];
  return [...summarized, ...(stopped === undefined ? [] : [stopped])];
}

function numbersOf(from: number, to: number): string {
  return from === to ? `step ${from}` : `steps ${from}–${to}`;
}

/** Says where the session went from here, above the commit that landed. */
function formatLanding({ commit, branch, date }: Landing, { look, width, now }: Page): string {
  const id = commit.slice(0, ID_LENGTH);
  const when = age(date, now);
  const where = branch === undefined ? "" : ` on ${oneLine(branch, width - ID_LENGTH - when.length - 20)}`;
  return `${look.accent("├─")} ${look.dim(`landed${where} as ${id}, ${when}`)}`;
}

/** Whose a commit is: the steps it holds, what it merged, or who made it. */
function labelOf(entry: LogEntry, width: number): string {
  if (entry.type === "steps") return stepNumbers(entry);
  return entry.merged.length > 0 ? "merge" : `by ${oneLine(entry.author, Math.floor(width / 4))}`;
}

function stepNumbers({ steps }: LogSteps): string {
  const [first, last] = [steps[0]?.step, steps.at(-1)?.step];
  if (first === undefined || last === undefined) return "no step";
  const numbers = numbersOf(first, last);
  return steps.some(({ rewound }) => rewound) ? `${numbers}, rewound` : numbers;
}

/** Where a commit's subject is missing, what the model said last or did. */
function subjectOf(entry: LogEntry): string {
  if (entry.type === "outside") return describeOutside(entry);
  if (entry.subject !== "") return entry.subject;
  const said = entry.steps.findLast(({ text }) => text !== "")?.text;
  return (said ?? entry.steps.flatMap(({ tools }) => tools).join(", ")) || "no answer yet";
}

/** The sessions that a merge brought in, each with the commit it stood at; of any other the subject tells most. */
function describeOutside({ merged, subject }: LogOutside): string {
  if (merged.length === 0) return subject;
  if (merged.some(({ session }) => session === undefined)) return subject.replace(/^Merge /, "");
  return merged
    .map(({ branch, session, commit }) => `${branch ?? `session ${session}`} at ${commit.slice(0, ID_LENGTH)}`)
    .join(", ");
}

const FILES_SHOWN = 4;

function formatFiles(files: readonly FileChange[], { look, width }: Page): string[] {
  const shown = files.length > FILES_SHOWN + 1 ? files.slice(0, FILES_SHOWN) : files;
  const rest = files.slice(shown.length);
  const line = (name: (length: number) => string, of: readonly FileChange[]) => {
    const counts = lineCounts(of, look);
    return `${look.dim(name(width - MARGIN - stripVTControlCharacters(counts).length - 1))} ${counts}`.trimEnd();
  };
  return [
    ...shown.map((file) => line((length) => fileName(file, length), [file])),
    ...(rest.length > 0 ? [line(() => `and ${rest.length} more files`, rest)] : []),
  ];
}

function formatStart(start: LogStart | undefined, { look, width }: Page): string {
  if (start === undefined) return `${look.accent("┆")} ${look.dim("older steps are not shown")}`;
  const id = start.commit.slice(0, ID_LENGTH);
  if (start.forkedFrom === undefined) return `${look.accent("○")} ${look.dim(`${id}  where it started`)}`;
  return `${look.accent("╰─")} ${look.dim(`forked from ${oneLine(start.forkedFrom, width - 29)} at ${id}`)}`;
}
