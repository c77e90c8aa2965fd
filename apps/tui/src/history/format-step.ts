import type { Block, StepCommit, StepRecord } from "@bough/gitstate";
import { oneLine } from "../one-line.ts";
import { describeInput } from "../print/progress.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { age, spent } from "./amounts.ts";
import { describeSummary } from "./describe-summary.ts";
import { formatFiles, formatPatch } from "./format-diff.ts";
import type { Page } from "./page.ts";

const ID_LENGTH = 9;

type ResultBlock = Extract<Block, { type: "result" }>;

/** Writes a commit as a transcript: what was said and run, then what changed. */
export function formatStep(step: StepCommit, page: Page): string {
  const sections = [
    formatHeader(step, page),
    ...(step.records.length === 0 ? [page.look.dim(describeOutside(step))] : []),
    ...withoutReplacedConfigs(step.records).flatMap((record) => formatRecord(record, page)),
    formatFiles(step.files, page),
    formatPatch(step.diff, page.look),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function describeOutside({ merged }: StepCommit): string {
  if (merged.length === 0) return "No step of a session: nothing was said here.";
  const names = merged.map((commit) => commit.slice(0, ID_LENGTH));
  return `Merged ${names.join(", ")}; how that came about: bough log ${names[0]}`;
}

/** A fork begins with the configuration of what it left, then has its own. */
function withoutReplacedConfigs(records: readonly StepRecord[]): StepRecord[] {
  const last = records.findLastIndex(({ blocks }) => blocks.some(({ type }) => type === "config"));
  return records.map((record, i) =>
    i === last ? record : { ...record, blocks: record.blocks.filter(({ type }) => type !== "config") },
  );
}

function formatHeader(step: StepCommit, { look, width, now }: Page): string {
  const { commit, subject, author, date, records } = step;
  const told = records.filter(({ blocks }) => blocks.some(({ type }) => type !== "config"));
  const last = told.at(-1);
  const [first, end] = [told[0]?.step, last?.step];
  const numbers =
    last === undefined ? "" : `turn ${last.turn}, ${first === end ? `step ${end}` : `steps ${first}–${end}`}`;
  const what = [numbers, spent(step)].filter((part) => part !== "").join(" · ");
  return [
    look.accent(`commit ${commit}`),
    look.bold(oneLine(subject, width)),
    ...(what === "" ? [] : [look.dim(oneLine(what, width))]),
    look.dim(`${oneLine(author, 40)}, ${date.toISOString().slice(0, 16).replace("T", " ")} UTC, ${age(date, now)}`),
  ].join("\n");
}

/** Results stand below their calls, whatever was called in between. */
function formatRecord({ blocks }: StepRecord, page: Page): string[] {
  const results = new Map(blocks.flatMap((block) => (block.type === "result" ? [[block.id, block] as const] : [])));
  const calls = new Set(blocks.flatMap((block) => (block.type === "call" ? [block.id] : [])));
  return blocks
    .filter((block) => block.type !== "result" || !calls.has(block.id))
    .map((block) => formatBlock(block, block.type === "call" ? results.get(block.id) : undefined, page));
}

function formatBlock(block: Block, result: ResultBlock | undefined, page: Page): string {
  const { look } = page;
  switch (block.type) {
    case "user":
      return prefixLines(block.text.trim(), `${look.accent(">")} `, look.bold);
    case "assistant":
      return escapeForTerminal(block.text.trim());
    case "thinking":
      return prefixLines(block.text.trim(), "  ", look.dim);
    case "call":
      return [
        formatCall(block, page),
        result === undefined ? look.dim("  (no result in this step)") : formatResult(result, page),
      ].join("\n");
    case "result":
      return [formatAnswered(block, page), formatResult(block, page)].join("\n");
    case "config":
      return look.dim(oneLine(describeConfig(block.extra), page.width));
    case "rewind":
      return look.dim(`Rewound to step ${block.to}`);
    case "summary": {
      const text = block.text.trim();
      const label = describeSummary(block);
      return prefixLines(text === "" ? label : `${label}:\n${text}`, "  ", look.dim);
    }
    case "note":
      return prefixLines(`note: ${block.text.trim()}`, "  ", look.dim);
    default:
      return block satisfies never;
  }
}

/** The text beside it is the system prompt, which is long and the same each time. */
function describeConfig(extra: Block["extra"]): string {
  const settings = Object.entries(extra ?? {}).map(([name, value]) => {
    return `${name} ${Array.isArray(value) ? value.join(", ") : typeof value === "string" ? value : JSON.stringify(value)}`;
  });
  return ["Configured", ...settings].join(" · ");
}

function prefixLines(text: string, prefix: string, style: (text: string) => string): string {
  return escapeForTerminal(text)
    .split("\n")
    .map((line) => `${prefix}${style(line)}`.trimEnd())
    .join("\n");
}

function formatCall({ name, text }: Extract<Block, { type: "call" }>, { look, width }: Page): string {
  const tool = oneLine(name, 30);
  return `${look.accent(`● ${tool}`)} ${oneLine(describeCall(text), width - tool.length - 3)}`;
}

/** Names what is answered here and was called for in an earlier step: another agent, by its branch. */
function formatAnswered({ name, extra }: ResultBlock, { look, width }: Page): string {
  const tool = oneLine(name, 30);
  const branch = typeof extra?.agent === "string" ? extra.agent : "";
  return `${look.accent(`● ${tool}`)} ${oneLine(branch, width - tool.length - 3)}`.trimEnd();
}

/** The input is what a model sent: JSON as a rule. */
function describeCall(text: string): string {
  try {
    const input: unknown = JSON.parse(text);
    return typeof input === "object" && input !== null ? describeInput({ ...input }) : text;
  } catch {
    return text;
  }
}

const RESULT_LINES = 12;

function formatResult({ text, extra }: ResultBlock, { look, width }: Page): string {
  if (text.trim() === "") return look.dim("  (no output)");
  const lines = escapeForTerminal(text.trimEnd()).split("\n");
  const shown = lines.length > RESULT_LINES + 1 ? lines.slice(0, RESULT_LINES) : lines;
  const mark = extra?.error === true ? look.alarm("✗ ") : "";
  return [
    ...shown.map((line, i) => `  ${i === 0 ? mark : ""}${look.dim(cut(expandTabs(line), width - 4))}`.trimEnd()),
    ...(shown.length < lines.length
      ? [look.dim(`  … ${lines.length - shown.length} more lines, in full with --json`)]
      : []),
  ].join("\n");
}

function expandTabs(line: string): string {
  const [first = "", ...rest] = line.split("\t");
  return rest.reduce((text, part) => text + " ".repeat(4 - (text.length % 4)) + part, first);
}

function cut(line: string, length: number): string {
  const characters = Array.from(line);
  return characters.length <= length ? line : `${characters.slice(0, length - 1).join("")}…`;
}
