import type { Question } from "@bough/agent";
import { oneLine } from "../one-line.ts";
import { describeInput } from "../print/progress.ts";
import { questionTitle } from "../program/describe-question.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import type { Line, Role } from "../text/line.ts";
import { clip, pad, widthOfLine, wrap } from "../text/wrap.ts";
import { diffLines } from "./diff-lines.ts";

/** How a question is looked at. */
export interface QuestionLook {
  readonly width: number;
  /** The most rows that it may fill. */
  readonly rows: number;
  /** The first row of what it is about that is seen. */
  readonly top: number;
  /** Which of the rules is offered. */
  readonly rule: number;
  /** Whether a key would answer it. */
  readonly isArmed: boolean;
  /** How many are put, this one included. */
  readonly count: number;
}

/** A question as it is laid out. */
export interface QuestionLayout {
  readonly lines: readonly Line[];
  /** The first row that is seen, when the last one is. */
  readonly lastTop: number;
}

/** Lays a question out: who asks and why, all of what it is about, and the rule that would hold from now on. */
export function layOutQuestion(question: Question, look: QuestionLook): QuestionLayout {
  const { width, isArmed, count } = look;
  const role: Role = isArmed ? "warning" : "muted";
  const more: Line = count > 1 ? [{ text: `1 of ${count}`, style: { role: "muted" } }] : [];
  const { what, why } = questionTitle(question);
  const title: Line = [
    { text: "? ", style: { role, bold: true } },
    { text: what, style: { role, bold: true } },
    { text: `  ${oneLine(why, 300)}`, style: { role: "muted" } },
  ];
  const head = [pad(clip(title, width - widthOfLine(more) - 1), width - widthOfLine(more)).concat(more)];
  const foot = question.type === "permission" ? ruleLines(question.rules, look.rule, width) : [];
  const body = bodyOf(question).flatMap((line) => wrap(line, Math.max(1, width - BAR.length)));
  const room = Math.max(1, look.rows - head.length - foot.length - 1);
  const lastTop = Math.max(0, body.length - room);
  const top = Math.min(look.top, lastTop);
  const seen = body.slice(top, top + room).map((line): Line => [{ text: BAR, style: { role } }, ...line]);
  return { lines: [...head, ...seen, ...(lastTop > 0 ? [rest(top, lastTop)] : []), ...foot], lastTop };
}

const BAR = "│ ";

function bodyOf(question: Question): Line[] {
  switch (question.type) {
    case "permission":
      return bodyOfCall(question);
    case "plan":
      return plain(question.plan);
    case "question":
      return [
        ...plain(question.question),
        ...question.options.flatMap((option, index) => plain(`${index + 1}. ${option}`, "muted")),
      ];
    case "trust":
      return question.files.flatMap(({ path, details }) => [
        ...plain(path),
        ...details.flatMap((detail) => plain(`  ${detail}`, "muted")),
      ]);
    default:
      return question satisfies never;
  }
}

/** Edits are shown as what they change; of anything else all that the tool is given. */
function bodyOfCall({ tool, input }: Extract<Question, { type: "permission" }>): Line[] {
  const { file_path: path, old_string: before, new_string: after, content, edits, command } = input;
  if (tool === "Edit" && typeof path === "string") {
    const passages = Array.isArray(edits) ? edits.filter(isRecord) : [{ old_string: before, new_string: after }];
    return [...plain(path), ...passages.flatMap((each) => diffLines(hunkOf(each.old_string, each.new_string)))];
  }
  if (tool === "Write" && typeof path === "string") return [...plain(path), ...diffLines(hunkOf("", content))];
  if (typeof command === "string") {
    const others = Object.entries(input).filter(([name]) => name !== "command" && name !== "description");
    return [
      ...plain(command),
      ...others.flatMap(([name, value]) => plain(`${name}: ${JSON.stringify(value)}`, "muted")),
    ];
  }
  const about = describeInput(input);
  const all = JSON.stringify(input, undefined, 2);
  return about === JSON.stringify(input) ? plain(all) : [...plain(about), ...plain(all, "muted")];
}

function hunkOf(before: unknown, after: unknown): string {
  const signed = (sign: string, text: unknown) =>
    typeof text !== "string" || text === ""
      ? []
      : text
          .replace(/\n$/, "")
          .split("\n")
          .map((line) => sign + line);
  return [...signed("-", before), ...signed("+", after)].join("\n");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function ruleLines(rules: readonly string[], chosen: number, width: number): Line[] {
  const rule = rules[chosen];
  if (rule === undefined) return [];
  const other = rules.length > 1 ? `  (Tab: ${chosen + 1} of ${rules.length})` : "";
  const line: Line = [
    { text: "For the session or always: ", style: { role: "muted" } },
    { text: escapeForTerminal(rule).replaceAll("\n", "\\n"), style: { role: "code" } },
    { text: other, style: { role: "muted" } },
  ];
  return wrap(line, width);
}

function rest(top: number, lastTop: number): Line {
  const text =
    top < lastTop ? `  ↓ ${lastTop - top} more rows: PgDn, End. It can be allowed once the end was seen` : "  the end";
  return [{ text, style: { role: top < lastTop ? "warning" : "muted" } }];
}

function plain(text: string, role: Role = "text"): Line[] {
  return escapeForTerminal(text)
    .split("\n")
    .map((line): Line => [{ text: line.replaceAll("\t", "    ").replace(/\r$/, ""), style: { role } }]);
}
