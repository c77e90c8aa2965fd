import type { Block, NewStep } from "@bough/gitstate";
import { editTool } from "../tools/edit.ts";
import { findTool } from "../tools/find.ts";
import { grepTool } from "../tools/grep.ts";
import { lsTool } from "../tools/ls.ts";
import { readTool } from "../tools/read.ts";
import { writeTool } from "../tools/write.ts";

type Result = Extract<Block, { type: "result" }>;

/** How many lines are left of the beginning and the end of a result. */
interface Ends {
  readonly head: number;
  readonly tail: number;
}

/** Of a file the beginning says what it is; of a command's output the end says how it went. */
const ends = new Map<string, Ends>([
  [readTool.name, { head: 8, tail: 0 }],
  [grepTool.name, { head: 6, tail: 0 }],
  [findTool.name, { head: 6, tail: 0 }],
  [lsTool.name, { head: 6, tail: 0 }],
]);
const OTHERWISE: Ends = { head: 5, tail: 10 };
/** What they changed is not to be read anywhere else, and it is short. */
const kept = new Set([editTool.name, writeTool.name]);
const LINE_CHARACTERS = 160;
/** A result that is hardly longer than what would be left of it stays as it is. */
const SHORT = 500;
const WORTH_IT = 0.8;

/**
 * Shortens the results of a step by their kind and says how much is left out; what edits did stays, and what went wrong
 * unless `hard`. Returns the step itself when nothing of it is long.
 */
export function shortenResults<Shortened extends NewStep>(step: Shortened, { hard = false } = {}): Shortened {
  const blocks = step.blocks.map((block) => (isLong(block, hard) ? shorten(block, step.step) : block));
  return blocks.some((block, index) => block !== step.blocks[index]) ? { ...step, blocks } : step;
}

function isLong(block: Block, hard: boolean): block is Result {
  if (block.type !== "result" || (!hard && (block.extra?.["error"] === true || kept.has(block.name)))) return false;
  return block.text.length > SHORT || block.extra?.["image"] !== undefined;
}

function shorten(block: Result, step: number): Block {
  const { image, ...extra } = block.extra ?? {};
  const text = shortText(block.text, ends.get(block.name) ?? OTHERWISE, step);
  if (text === block.text && image === undefined) return block;
  const picture = image === undefined ? "" : "\n(The picture is not shown again.)";
  const { extra: _, ...rest } = block;
  return {
    ...rest,
    text: `${text}${picture}`,
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function shortText(text: string, { head, tail }: Ends, step: number): string {
  if (text.length <= SHORT) return text;
  const lines = text.split("\n");
  const end = tail === 0 ? [] : lines.slice(Math.max(head, lines.length - tail));
  const start = lines.slice(0, head);
  const left = lines.length - start.length - end.length;
  const what = left > 0 ? `${left} of ${lines.length} lines` : "the rest of long lines";
  const marker = `[… ${what} left out to save room; they are in step ${step} …]`;
  const shortened = [...start.map(clip), marker, ...end.map(clip)].join("\n");
  return shortened.length < text.length * WORTH_IT ? shortened : text;
}

function clip(line: string): string {
  if (line.length <= LINE_CHARACTERS) return line;
  return `${line.slice(0, LINE_CHARACTERS).replace(/[\ud800-\udbff]$/, "")}…`;
}
