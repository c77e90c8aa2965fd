import { oneLine } from "../one-line.ts";
import { describeInput } from "../print/progress.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import type { Line, Role, Span } from "../text/line.ts";
import { clip, pad, widthOfLine, wrap } from "../text/wrap.ts";
import type { CallState, Entry } from "../transcript/entry.ts";
import { diffLines } from "./diff-lines.ts";
import { spansOf } from "./styled-text.ts";

/** What an entry is laid out for. */
export interface EntryLook {
  readonly width: number;
  /** Whether all of it is shown, and not only what tells what it is. */
  readonly isExpanded: boolean;
}

/** Lines of a diff that are shown before they are asked for, and of the output of a call that failed. */
const SHOWN = { diff: 16, failure: 3, question: 8 };
const INDENT = 2;

const states: Readonly<Record<CallState, { readonly mark: string; readonly role: Role }>> = {
  running: { mark: "◌", role: "accent" },
  done: { mark: "✓", role: "muted" },
  failed: { mark: "✗", role: "alarm" },
  denied: { mark: "⊘", role: "warning" },
};

/** Lays an entry out in lines; none when there is nothing of it to show. */
export function entryLines(entry: Exclude<Entry, { type: "answer" }>, look: EntryLook): Line[] {
  switch (entry.type) {
    case "prompt":
      return promptLines(entry.text, look);
    case "thinking":
      return thinkingLines(entry, look);
    case "call":
      return callLines(entry, look);
    case "commit":
      return [commitLine(entry, look.width)];
    case "notice":
      return hanging([{ text: "· ", style: { role: "muted" } }], plainLines(entry.text, "muted"), look.width);
    case "stop":
      return hanging([{ text: "■ ", style: { role: "warning" } }], plainLines(entry.text, "warning"), look.width);
    case "output":
      return outputLines(entry, look);
    default:
      return entry satisfies never;
  }
}

/** Puts an answer's lines where answers stand. */
export function answerLines(lines: readonly Line[]): Line[] {
  return lines.map((line) => (line.length === 0 ? line : [{ text: " ".repeat(INDENT) }, ...line]));
}

/** How wide the lines of an answer may be. */
export function answerWidth(width: number): number {
  return Math.max(1, width - INDENT);
}

function promptLines(text: string, { width, isExpanded }: EntryLook): Line[] {
  const style = { role: "accent", bold: true } as const;
  const lines = plainLines(text.trimEnd(), "text", true);
  const all = lines.flatMap((line) => wrap(line, width - INDENT));
  const shown = isExpanded ? all : all.slice(0, SHOWN.question);
  const rows = shown.map((line, row): Line => [{ text: row === 0 ? "❯ " : "  ", style }, ...line]);
  return [...rows, ...more(all.length - shown.length, width)];
}

function thinkingLines(
  { text, isOpen }: Extract<Entry, { type: "thinking" }>,
  { width, isExpanded }: EntryLook,
): Line[] {
  const said = text.trim();
  if (said === "") return [];
  const style = { role: "muted", italic: true } as const;
  if (isExpanded) return hanging([{ text: "∴ ", style }], plainLines(said, "muted"), width);
  const last = said.split("\n").at(-1) ?? "";
  const line = isOpen ? `∴ ${oneLine(last, width)}` : `∴ thought for ${said.split(/\s+/).length} words`;
  return [clip([{ text: line, style }], width)];
}

function callLines(entry: Extract<Entry, { type: "call" }>, { width, isExpanded }: EntryLook): Line[] {
  const { mark, role } = states[entry.state];
  const about = oneLine(describeInput({ ...entry.input }), 1000);
  const left: Line = [
    { text: `${mark} `, style: { role } },
    { text: oneLine(entry.name, 40), style: { bold: true } },
    { text: ` ${about}`, style: { role: "muted" } },
  ];
  const right = took(entry);
  const head = pad(clip(left, width - widthOfLine(right) - 1), width - widthOfLine(right));
  const live: Line[] =
    entry.live === undefined
      ? []
      : [clip([{ text: `  ${oneLine(entry.live, width)}`, style: { role: "muted" } }], width)];
  const body = bodyOf(entry, isExpanded);
  const shown = body.lines.slice(0, body.shown).flatMap((line) => wrap(line, width - INDENT - 2));
  const rows = shown.map((line): Line => [{ text: "  " }, { text: "│ ", style: { role: "muted" } }, ...line]);
  return [[...head, ...right], ...live, ...rows, ...more(body.lines.length - body.shown, width)];
}

/** What of a call's answer is shown below it: changes always, the rest when it failed or is asked for. */
function bodyOf({ name, state, text }: Extract<Entry, { type: "call" }>, isExpanded: boolean) {
  const isChange = (name === "Edit" || name === "Write") && state === "done";
  if (isChange) {
    const lines = diffLines(hunksOf(text));
    return { lines, shown: isExpanded ? lines.length : Math.min(lines.length, SHOWN.diff) };
  }
  const lines = text === "" ? [] : plainLines(text.trimEnd(), "muted");
  const few = state === "failed" || state === "denied" ? SHOWN.failure : 0;
  return { lines: isExpanded || few > 0 ? lines : [], shown: isExpanded ? lines.length : Math.min(lines.length, few) };
}

/** What a tool says before its hunks is known from the call. */
function hunksOf(text: string): string {
  const at = text.search(/^@@ /m);
  return at === -1 ? text : text.slice(at);
}

/** How long a call took, when that was long enough to wonder about. */
function took({ startedAt, endedAt }: Extract<Entry, { type: "call" }>): Line {
  if (startedAt === undefined || endedAt === undefined || endedAt - startedAt < 1000) return [];
  const seconds = (endedAt - startedAt) / 1000;
  const text = seconds < 60 ? `${seconds.toFixed(1)}s` : `${Math.floor(seconds / 60)}m ${Math.floor(seconds % 60)}s`;
  return [{ text, style: { role: "muted" } }];
}

function commitLine({ commit, subject, files }: Extract<Entry, { type: "commit" }>, width: number): Line {
  const count = `${files.length} file${files.length === 1 ? "" : "s"}`;
  return clip(
    [
      { text: "● ", style: { role: "accent" } },
      { text: commit.slice(0, 7), style: { role: "accent" } },
      { text: ` ${oneLine(subject, 200)}`, style: { role: "muted" } },
      { text: `  ${count}`, style: { role: "muted" } },
    ],
    width,
  );
}

function outputLines({ title, text, isError }: Extract<Entry, { type: "output" }>, { width }: EntryLook): Line[] {
  const head: Line[] = title === "" ? [] : [[{ text: oneLine(title, width), style: { role: "accent" } }]];
  const role: Role = isError ? "alarm" : "text";
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => spansOf(line, role));
  return [
    ...head,
    ...lines.flatMap((line) => wrap(line, width - INDENT)).map((line): Line => [{ text: "  " }, ...line]),
  ];
}

function hanging(mark: Line, lines: readonly Line[], width: number): Line[] {
  const indent = widthOfLine(mark);
  return lines
    .flatMap((line) => wrap(line, width - indent))
    .map((line, row): Line => [...(row === 0 ? mark : [{ text: " ".repeat(indent) }]), ...line]);
}

function plainLines(text: string, role: Role, bold = false): Line[] {
  const style = bold ? { role, bold } : { role };
  return escapeForTerminal(text)
    .split("\n")
    .map((line): Span[] => [{ text: line.replaceAll("\t", "    ").replace(/\r$/, ""), style }]);
}

function more(count: number, width: number): Line[] {
  if (count <= 0) return [];
  const text = `  … ${count} more line${count === 1 ? "" : "s"} (Ctrl-O)`;
  return [clip([{ text, style: { role: "muted" } }], width)];
}
