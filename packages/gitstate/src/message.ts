import { isUnsafe, parseJson, quoteLine, safeJson, unquoteLine } from "./quoted-line.ts";
import type { Block, Extra, StepRecord } from "./step-record.ts";
import { usageExtras } from "./step-usage.ts";

const INDENT = "    ";
const SUBJECT_LENGTH = 72;
/**
 * A subject that git or this format would take for something else: a header, a patch, a fixup, what `git am` strips
 * off a subject, or a comment, which may begin with any of the characters git chooses from.
 */
const MISTAKABLE =
  /^(?:step \d|(?:user|assistant|thinking|call|result|config|rewind|summary|note)\b|diff |Index: |From |From:|Date:|Subject:|Re:|(?:fixup|squash|amend)!|[#;@!$%^&|:[>\\-])/i;
/** How deeply what stands after a `+` may be nested; what anybody may have written must not exhaust the stack. */
const DEPTH = 200;
/** Characters of the longest message that is read: more than any model reads, and less than a string can hold. */
const LENGTH = 128 * 1024 * 1024;

/** A commit message taken apart: the conversation since the previous commit. */
export interface Message {
  readonly subject: string;
  readonly records: readonly StepRecord[];
}

/** Writes records as a transcript that {@link parseMessage} reads back exactly; the last record names the commit. */
export function formatMessage({ subject, records }: Message): string {
  const sections = [formatSubject(subject), ...records.map(formatRecord), formatTrailers(records)];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** Cuts text to a subject line that means something to a person and nothing to git. */
export function formatSubject(text: string): string {
  const line = Array.from(text, (character) => (isUnsafe(character) || character === "\n" ? " " : character))
    .join("")
    .replace(/\s+/g, " ")
    .trim();
  const safe = MISTAKABLE.test(line) || line === "" ? `bough: ${line}`.trim() : line;
  const characters = Array.from(safe);
  if (characters.length <= SUBJECT_LENGTH) return safe;
  return `${characters
    .slice(0, SUBJECT_LENGTH - 1)
    .join("")
    .trimEnd()}…`;
}

function formatRecord(record: StepRecord): string {
  const header = `step ${record.step} turn ${record.turn} +${safeJson({ session: record.session, ...apart(record.extra, "_") })}`;
  return [header, ...record.blocks.map(formatBlock)].join("\n\n");
}

/** Sets keys of the caller's apart from the session's id, which stands among them, or together again. */
function apart(extra: Extra | undefined, by: "_" | ""): Extra {
  const entries = Object.entries(extra ?? {});
  return Object.fromEntries(
    entries.map(([key, value]) => [/^session_*$/.test(key) ? (by === "" ? key.slice(0, -1) : key + by) : key, value]),
  );
}

function formatBlock(block: Block): string {
  const extra = block.extra === undefined ? [] : [`+${safeJson(block.extra)}`];
  return [[...headerWords(block), ...extra].join(" "), ...indent(block.text)].join("\n");
}

function headerWords(block: Block): string[] {
  switch (block.type) {
    case "call":
    case "result":
      return [block.type, formatWord(block.name), formatWord(block.id)];
    case "rewind":
      return [block.type, String(block.to)];
    default:
      return [block.type];
  }
}

/** Names and ids come from models: whatever is not a plain word is written as a JSON string without blanks. */
function formatWord(word: string): string {
  if (/^[\w.:-]+$/.test(word)) return word;
  return safeJson(word).replace(/\s/g, (blank) => `\\u${blank.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A lone backslash stands for each empty line that git's clean-up would eat: at an edge, or after another. */
function indent(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  const written: string[] = [];
  for (const [i, line] of lines.entries()) {
    if (line !== "") written.push(INDENT + quoteLine(line));
    else if (i > 0 && i < lines.length - 1 && written.at(-1) !== "") written.push("");
    else written.push(`${INDENT}\\`);
  }
  return written;
}

/** For people and `git log --format`; nothing here is ever read back. */
function formatTrailers(records: readonly StepRecord[]): string {
  const last = records.at(-1);
  if (last === undefined) return "";
  const model = last.extra?.["model"];
  const usage = sumUsage(records);
  return [
    `Agent-Session: ${trailerValue(last.session)}`,
    `Agent-Turn: ${last.turn}`,
    `Agent-Step: ${last.step}`,
    ...(typeof model === "string" ? [`Agent-Model: ${trailerValue(model)}`] : []),
    ...(usage === "" ? [] : [`Agent-Usage: ${usage}`]),
    "Agent-Format: 1",
  ].join("\n");
}

function trailerValue(text: string): string {
  const value = Array.from(text, (character) => (isUnsafe(character) || /\s/.test(character) ? "?" : character)).join(
    "",
  );
  return value === "" ? "?" : value;
}

function sumUsage(records: readonly StepRecord[]): string {
  const totals = new Map<string, number>();
  let isCostKnown = true;
  for (const extra of records.flatMap(usageExtras)) {
    const usage = extra["usage"];
    if (typeof usage !== "object" || usage === null) continue;
    if (!("cost" in usage)) isCostKnown = false;
    for (const [key, count] of Object.entries(usage)) {
      if (typeof count === "number") totals.set(key, (totals.get(key) ?? 0) + count);
    }
  }
  return [...totals]
    .filter(([key, count]) => (key === "cost" ? isCostKnown : count > 0 || key === "input" || key === "output"))
    .map(([key, count]) => `${kebab(key)}=${key === "cost" ? Number(count.toFixed(6)) : count}`)
    .join(" ");
}

function kebab(camel: string): string {
  return trailerValue(camel.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
}

/** Reads the records out of any commit message; a message of somebody else's making simply has none. */
export function parseMessage(message: string): Message {
  if (message.length > LENGTH) return { subject: message.slice(0, message.indexOf("\n") + 1).trimEnd(), records: [] };
  const [subject = "", ...lines] = message.split("\n");
  const records: (StepRecord & { blocks: Block[] })[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at++] ?? "";
    if (line === "") continue;
    const step = parseStep(line);
    if (step !== undefined) {
      records.push({ ...step, blocks: [] });
      continue;
    }
    const header = parseHeader(line);
    if (header === undefined) continue;
    const end = endOfContent(lines, at);
    records.at(-1)?.blocks.push({ ...header, text: parseContent(lines.slice(at, end)) });
    at = end;
  }
  return { subject, records };
}

/** Content reaches to the next line at column 0; blank lines before that only set it apart. */
function endOfContent(lines: readonly string[], start: number): number {
  let end = start;
  for (let at = start; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.startsWith(INDENT)) end = at + 1;
    else if (line !== "") break;
  }
  return end;
}

function parseContent(lines: readonly string[]): string {
  return lines.map((line) => (line === "" ? "" : unquoteLine(line.slice(INDENT.length)))).join("\n");
}

function parseStep(line: string): Omit<StepRecord, "blocks"> | undefined {
  const match = /^step (\d{1,15}) turn (\d{1,15}) \+(\{.*\})$/.exec(line);
  const parsed = parseExtra(match?.[3]);
  if (match === null || parsed === undefined) return undefined;
  const { session, ...rest } = parsed;
  if (typeof session !== "string") return undefined;
  const extra = apart(rest, "");
  const record = { session, step: Number(match[1]), turn: Number(match[2]) };
  return Object.keys(extra).length === 0 ? record : { ...record, extra };
}

type Header = Block extends infer Member ? (Member extends Block ? Omit<Member, "text"> : never) : never;

function parseHeader(line: string): Header | undefined {
  const [head = "", json] = splitExtra(line);
  const extra = parseExtra(json);
  if (json !== undefined && extra === undefined) return undefined;
  const kept = extra === undefined ? {} : { extra };
  const [type, first, second, ...more] = head.split(" ");
  if (more.length > 0) return undefined;
  switch (type) {
    case "user":
    case "assistant":
    case "thinking":
    case "summary":
    case "note":
    case "config":
      return first === undefined ? { type, ...kept } : undefined;
    case "rewind":
      return second === undefined && first !== undefined && /^\d{1,15}$/.test(first)
        ? { type, to: Number(first), ...kept }
        : undefined;
    case "call":
    case "result": {
      const [name, id] = [parseWord(first), parseWord(second)];
      return name === undefined || id === undefined ? undefined : { type, name, id, ...kept };
    }
    default:
      return undefined;
  }
}

function splitExtra(line: string): [string, string?] {
  const at = line.indexOf(" +{");
  return at === -1 ? [line] : [line.slice(0, at), line.slice(at + 2)];
}

function parseExtra(json: string | undefined): Extra | undefined {
  const value = json === undefined ? undefined : parseJson(json);
  return isObject(value) && !isDeep(value) ? value : undefined;
}

function isDeep(value: unknown, depth = DEPTH): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeep(inner, depth - 1));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseWord(word: string | undefined): string | undefined {
  if (word === undefined || !word.startsWith('"')) return word;
  const text = parseJson(word);
  return typeof text === "string" ? text : undefined;
}
