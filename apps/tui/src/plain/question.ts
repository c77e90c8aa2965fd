import type { Answer, Question } from "@bough/agent";
import { oneLine } from "../one-line.ts";
import { describeInput } from "../print/progress.ts";
import { escapeForTerminal } from "../terminal-text.ts";

/** Lines of a text to be written that are shown before the rest is counted. */
const MOST_LINES = 40;

/** Writes a question and what can be answered, in lines. */
export function formatQuestion({ tool, input, why, rules }: Question): string {
  return [
    `? ${oneLine(tool, 60)}: ${escapeForTerminal(describeInput(input))}`,
    ...textOf(input),
    `  ${oneLine(why, 400)}.`,
    "  y  yes, this once",
    "  n  no; what follows it is told to the model: n <reason>",
    ...rules.map(
      (rule, at) =>
        `  ${at + 1}  yes, and from now on: ${oneLine(rule, 200)} (${at + 1} always: in later sessions too)`,
    ),
  ].join("\n");
}

/** Reads an answer; undefined when it is none, since nothing is allowed by a line that was meant for something else. */
export function parseAnswer(line: string, { rules }: Question): Answer | undefined {
  const [, word = "", rest = ""] = /^(\S+)(?:\s+(.*))?$/s.exec(line.trim()) ?? [];
  if (/^no?$/i.test(word)) return rest === "" ? { allow: false } : { allow: false, reason: rest };
  if (/^y(es)?$/i.test(word) && rest === "") return { allow: true };
  const rule = /^\d+$/.test(word) ? rules[Number(word) - 1] : undefined;
  if (rule === undefined || !["", "always"].includes(rest)) return undefined;
  return { allow: true, remember: { rule, for: rest === "" ? "session" : "always" } };
}

/** What of an edit or a new file is to be seen before it is allowed. */
function textOf(input: Record<string, unknown>): string[] {
  const { old_string: before, new_string: after, content } = input;
  const marked = (text: unknown, mark: string) =>
    typeof text === "string" && text !== ""
      ? text
          .replace(/\n$/, "")
          .split("\n")
          .map((line) => `  ${mark} ${escapeForTerminal(line)}`)
      : [];
  const lines = [...marked(before, "-"), ...marked(after, "+"), ...marked(content, "+")];
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES), `  … ${lines.length - MOST_LINES} more lines`];
}
