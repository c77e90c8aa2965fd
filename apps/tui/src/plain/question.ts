import type { Answer, Question } from "@bough/agent";
import { oneLine } from "../one-line.ts";
import { questionSubject, questionTitle } from "../program/describe-question.ts";
import { escapeForTerminal } from "../terminal-text.ts";

/** Lines of a text to be written that are shown before the rest is counted. */
const MOST_LINES = 40;

/** Writes a question and what can be answered, in lines. */
export function formatQuestion(question: Question): string {
  const { what, why } = questionTitle(question);
  return [
    `? ${what}${what.endsWith("?") ? "" : ":"} ${oneLine(why, 400)}`,
    ...bodyOf(question),
    ...choicesOf(question),
  ].join("\n");
}

/** Reads an answer; undefined when it is none, since nothing is allowed by a line that was meant for something else. */
export function parseAnswer(line: string, question: Question): Answer | undefined {
  const [, word = "", rest = ""] = /^(\S+)(?:\s+(.*))?$/s.exec(line.trim()) ?? [];
  if (question.type === "question") return parseWords(line.trim(), question.options);
  if (/^no?$/i.test(word)) return refusal(question, rest);
  if (/^y(es)?$/i.test(word) && rest === "") return { allow: true };
  const rule = /^\d+$/.test(word) && question.type === "permission" ? question.rules[Number(word) - 1] : undefined;
  if (rule === undefined || !["", "always"].includes(rest)) return undefined;
  return { allow: true, remember: { rule, for: rest === "" ? "session" : "always" } };
}

/** What is to be changed of a plan goes back to the model, which makes another. */
function refusal({ type }: Question, reason: string): Answer {
  if (reason === "") return { allow: false };
  return type === "plan" ? { text: reason } : { allow: false, reason };
}

/** Words of one's own, or the number of an option. */
function parseWords(text: string, options: readonly string[]): Answer | undefined {
  if (text === "") return undefined;
  return { text: options[Number(text) - 1] ?? text };
}

function bodyOf(question: Question): string[] {
  const lines = (text: string) =>
    escapeForTerminal(text)
      .split("\n")
      .map((line) => `  ${line}`);
  switch (question.type) {
    case "permission":
      return [...lines(questionSubject(question)), ...textOf(question.input)];
    case "plan":
    case "question":
      return lines(questionSubject(question));
    case "trust":
      return question.files.flatMap(({ path, details }) => [
        ...lines(path),
        ...details.flatMap((each) => lines(`- ${each}`)),
      ]);
    default:
      return question satisfies never;
  }
}

function choicesOf(question: Question): string[] {
  if (question.type === "question") {
    return [...question.options.map((option, at) => `  ${at + 1}  ${oneLine(option, 200)}`), "  or in your own words"];
  }
  if (question.type === "trust") return ["  y  yes, as they are now", "  n  no: what is listed is not used"];
  const no =
    question.type === "plan" ? "n <what to change> sends it back" : "what follows it is told to the model: n <reason>";
  const rules = question.type === "permission" ? question.rules : [];
  return [
    question.type === "permission" ? "  y  yes, this once" : "  y  yes",
    `  n  no; ${no}`,
    ...rules.map(
      (rule, at) =>
        `  ${at + 1}  yes, and from now on: ${oneLine(rule, 200)} (${at + 1} always: in later sessions too)`,
    ),
  ];
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
