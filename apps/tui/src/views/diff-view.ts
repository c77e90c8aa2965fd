import type { Diff, FileChange } from "@bough/gitstate";
import { counted } from "../history/amounts.ts";
import { fileName } from "../history/file-counts.ts";
import { oneLine } from "../one-line.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import type { Line, Role, Span, Style } from "../text/line.ts";
import { clip, pad, widthOfLine, wrap } from "../text/wrap.ts";
import { compareLines, type Part } from "./diff-lines.ts";
import { fileList } from "./file-list.ts";
import type { PatchFile, PatchLine, PatchRow } from "./patch.ts";

/** Columns from which two sides have room beside each other. */
export const SIDE_BY_SIDE = 90;
/** Rows of a patch up to which what differs within a line is marked. */
const MOST_MARKED = 20_000;

/** How a diff is laid out. */
export interface DiffLook {
  readonly width: number;
  readonly isSideBySide: boolean;
}

/** A diff as it is laid out. */
export interface DiffLayout {
  readonly lines: readonly Line[];
  /** The row at which each file begins. */
  readonly files: readonly number[];
}

/** Lays out what differs: the files with how much of them changed, then each with its lines by their numbers. */
export function layOutDiff({ files }: Pick<Diff, "files">, patch: readonly PatchFile[], look: DiffLook): DiffLayout {
  const lines: Line[] = [...summary(files), ...fileList(files, look.width)];
  const starts: number[] = [];
  const rows = patch.reduce((sum, { hunks }) => sum + hunks.reduce((all, hunk) => all + hunk.rows.length, 0), 0);
  for (const [index, file] of patch.entries()) {
    lines.push([]);
    starts.push(lines.length);
    const name = files[index];
    lines.push(heading(name === undefined ? "" : fileName(name, look.width - 8), look.width));
    for (const line of patchLines(file, look, rows <= MOST_MARKED)) lines.push(line);
  }
  return { lines, files: starts };
}

/** Lays out the hunks of one file. */
export function patchLines({ notes, hunks }: PatchFile, look: DiffLook, isMarked = true): Line[] {
  const last = hunks
    .at(-1)
    ?.rows.reduce((most, { before, after }) => Math.max(most, before?.number ?? 0, after?.number ?? 0), 0);
  const digits = String(last ?? 0).length;
  const rowLines = look.isSideBySide ? sideBySide : unified;
  return [
    ...notes.map((note): Line => [{ text: oneLine(note, look.width), style: muted }]),
    ...hunks.flatMap(({ heading: where, rows }, index) => [
      ...(index > 0 || where !== "" ? [hunkLine(where, look.width)] : []),
      ...rowLines(rows, { ...look, digits, isMarked }),
    ]),
  ];
}

const muted: Style = { role: "muted" };
const faint: Style = { role: "muted", dim: true };

function summary(files: readonly FileChange[]): Line[] {
  if (files.length === 0) return [[{ text: "No file changed.", style: muted }]];
  const sum = (key: "added" | "removed") => files.reduce((total, file) => total + (file[key] ?? 0), 0);
  return [
    [
      { text: counted(files.length, "file"), style: { bold: true } },
      { text: `  +${sum("added")}`, style: { role: "added" } },
      { text: ` −${sum("removed")}`, style: { role: "removed" } },
    ],
  ];
}

function heading(name: string, width: number): Line {
  const line: Line = [
    { text: "── ", style: muted },
    { text: name, style: { bold: true, role: "accent" } },
    { text: " " },
  ];
  return [...line, { text: "─".repeat(Math.max(0, width - widthOfLine(line))), style: muted }];
}

function hunkLine(where: string, width: number): Line {
  return clip([{ text: `⋯ ${oneLine(where, width)}`, style: muted }], width);
}

interface RowsLook extends DiffLook {
  readonly digits: number;
  readonly isMarked: boolean;
}

function unified(rows: readonly PatchRow[], { width, digits, isMarked }: RowsLook): Line[] {
  const lines: Line[] = [];
  // What came in the place of lines stands below all of them.
  let added: Line[] = [];
  const flush = () => {
    lines.push(...added);
    added = [];
  };
  for (const row of rows) {
    const { before, after, isSame } = row;
    const parts = partsOf(row, isMarked);
    if (isSame) {
      flush();
      lines.push(...line({ numbers: [before, after], sign: " ", spans: parts.after, role: undefined }, width, digits));
      continue;
    }
    if (before !== undefined) {
      lines.push(
        ...line({ numbers: [before, undefined], sign: "-", spans: parts.before, role: "removed" }, width, digits),
      );
    }
    if (after !== undefined) {
      added.push(...line({ numbers: [undefined, after], sign: "+", spans: parts.after, role: "added" }, width, digits));
    }
  }
  flush();
  return lines;
}

interface Side {
  readonly numbers: readonly (PatchLine | undefined)[];
  readonly sign: string;
  readonly spans: readonly Span[];
  readonly role: Role | undefined;
}

/** A line behind its numbers; what does not fit goes on below. */
function line({ numbers, sign, spans, role }: Side, width: number, digits: number): Line[] {
  const gutter = numbers.map((each) => String(each?.number ?? "").padStart(digits)).join(" ");
  const style: Style = role === undefined ? faint : { role };
  const head: Line = [
    { text: `${gutter} `, style: role === undefined ? faint : muted },
    { text: `${sign} `, style },
  ];
  const hang: Line = [{ text: " ".repeat(widthOfLine(head)) }];
  return wrap([{ text: "" }, ...spans], Math.max(1, width - widthOfLine(head))).map((row, index) => [
    ...(index === 0 ? head : hang),
    ...row,
  ]);
}

function sideBySide(rows: readonly PatchRow[], { width, digits, isMarked }: RowsLook): Line[] {
  const column = Math.floor((width - 3) / 2);
  return rows.flatMap((row) => {
    const { before, after, isSame } = row;
    const parts = partsOf(row, isMarked);
    const cell = (each: PatchLine | undefined, spans: readonly Span[], [sign, role]: readonly [string, Role]) =>
      each === undefined
        ? []
        : line({ numbers: [each], sign: isSame ? " " : sign, spans, role: isSame ? undefined : role }, column, digits);
    const left = cell(before, parts.before, ["-", "removed"]);
    const right = cell(after, parts.after, ["+", "added"]);
    return Array.from(
      { length: Math.max(left.length, right.length) },
      (_, i): Line => [...pad(left[i] ?? [], column), { text: " │ ", style: faint }, ...(right[i] ?? [])],
    );
  });
}

/** What both sides of a row say, with what differs within them told apart. */
function partsOf({ before, after, isSame }: PatchRow, isMarked: boolean): { before: Span[]; after: Span[] } {
  if (isSame) {
    const spans: Span[] = [{ text: safe(after?.text ?? ""), style: { role: "text" } }];
    return { before: spans, after: spans };
  }
  const compared =
    isMarked && before !== undefined && after !== undefined ? compareLines(before.text, after.text) : undefined;
  const whole = (each: PatchLine | undefined): Part[] => [{ text: each?.text ?? "", isChanged: false }];
  return {
    before: (compared?.removed ?? whole(before)).map((part) => spanOf(part, "removed")),
    after: (compared?.added ?? whole(after)).map((part) => spanOf(part, "added")),
  };
}

function spanOf({ text, isChanged }: Part, role: "added" | "removed"): Span {
  return { text: safe(text), style: { role: isChanged ? `${role}-part` : role } };
}

function safe(text: string): string {
  return escapeForTerminal(text).replaceAll("\t", "    ").replace(/\r$/, "");
}
