import { extname } from "node:path";
import type { Block } from "@bough/gitstate";
import { describeInput } from "../print/progress.ts";
import { fenced } from "./fenced.ts";
import { folded, html, oneLineOf } from "./markdown-text.ts";

type Call = Extract<Block, { type: "call" }>;
type Result = Extract<Block, { type: "result" }>;

const TITLE_LENGTH = 100;

/** Writes a call folded to a line that says what it is about; in it what was sent, then what came back. */
export function callMarkdown({ name, text }: Call, result: Result | undefined): string {
  const input = parseInput(text);
  const about = input === undefined ? text : describeInput(input);
  const failed = result?.extra?.error === true ? " ✗" : "";
  const title = `<b>${html(name)}</b> <code>${html(oneLineOf(about, TITLE_LENGTH))}</code>${failed}`;
  const answer = result?.text ?? "(no result)";
  // A difference says what was put in the place of what.
  const isDiff = failed === "" && /^@@ -\d/m.test(answer) && typeof input?.["file_path"] === "string";
  const sent = input === undefined ? [fenced(text, "json")] : isDiff ? [] : inputBlocks(input, about);
  return folded(title, ...sent, fenced(clipped(answer), isDiff ? "diff" : "text"));
}

/** The input is what a model sent: JSON as a rule. */
function parseInput(text: string): Record<string, unknown> | undefined {
  try {
    const input: unknown = JSON.parse(text);
    return typeof input === "object" && input !== null ? { ...input } : undefined;
  } catch {
    return undefined;
  }
}

/** Texts of several lines stand for themselves; what is left is JSON, but for what the title says already. */
function inputBlocks(input: Record<string, unknown>, about: string): string[] {
  const isInTitle = (value: unknown) => value === about && oneLineOf(about, TITLE_LENGTH) === about;
  const left = Object.entries(input).filter(([, value]) => !isInTitle(value));
  const texts = left.flatMap(([key, value]) => (isText(value) ? [{ key, value }] : []));
  const rest = Object.fromEntries(left.filter(([, value]) => !isText(value)));
  return [
    ...(Object.keys(rest).length === 0 ? [] : [fenced(JSON.stringify(rest, undefined, 2), "json")]),
    ...texts.flatMap(({ key, value }) => [
      ...(texts.length > 1 ? [`${html(oneLineOf(key, 40))}:`] : []),
      fenced(clipped(value), languageOf(key, input)),
    ]),
  ];
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim().includes("\n");
}

/** Named as people's files are; a page that does not know the language shows it plain. */
function languageOf(key: string, { file_path: path }: Record<string, unknown>): string {
  if (key === "command") return "sh";
  return typeof path === "string" ? extname(path).slice(1) || "text" : "text";
}

/** Of a long text the beginning and the end, where tests and compilers say what matters. */
const LINES = { first: 30, last: 10, length: 500 } as const;

function clipped(text: string): string {
  const lines = text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => clippedLine(line));
  const left = lines.length - LINES.first - LINES.last;
  if (left <= 1) return lines.join("\n");
  return [...lines.slice(0, LINES.first), `… ${left} more lines …`, ...lines.slice(-LINES.last)].join("\n");
}

function clippedLine(line: string): string {
  if (line.length <= LINES.length) return line;
  // A cut may not part the two halves of a character.
  const shown = line.slice(0, LINES.length).replace(/[\ud800-\udbff]$/, "");
  return `${shown}… ${line.length - shown.length} more characters`;
}
