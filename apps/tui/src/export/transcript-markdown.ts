import type { Block, StepRecord, Transcript, TranscriptCommit } from "@bough/gitstate";
import { spent } from "../history/amounts.ts";
import { describeInput } from "../print/progress.ts";

type Entry = Transcript["entries"][number];
type Result = Extract<Block, { type: "result" }>;

/** Writes a conversation as a Markdown page: its turns, what was said, each call folded to a line, the commits. */
export function transcriptMarkdown(transcript: Transcript): string {
  const commits = commitsBelow(transcript);
  const sections = turnsOf(transcript.entries).flatMap((turn) => formatTurn(turn, commits));
  return `${[...formatHead(transcript), ...sections].filter((section) => section !== "").join("\n\n")}\n`;
}

function formatHead(transcript: Transcript): string[] {
  const { session, branch, tip, base, entries } = transcript;
  const facts = [
    branch === undefined ? `Session ${code(session)}` : `Session ${code(session)} on branch ${code(branch)}`,
    base === undefined ? `Now at ${id(tip)}` : `Started from ${id(base)}, now at ${id(tip)}`,
    spent(transcript),
  ];
  const title = plain(firstPrompt(entries) ?? branch ?? session);
  return [
    `# ${title}`,
    facts
      .filter((fact) => fact !== "")
      .map((fact) => `- ${fact}`)
      .join("\n"),
  ];
}

/** A commit stands below the last of its steps. */
function commitsBelow({ entries, commits }: Transcript): ReadonlyMap<Entry, TranscriptCommit> {
  const byId = new Map(commits.map((commit) => [commit.id, commit]));
  const below = new Map<Entry, TranscriptCommit>();
  for (const [i, entry] of entries.entries()) {
    const commit = byId.get(entry.commit ?? "");
    if (commit !== undefined && entries[i + 1]?.commit !== entry.commit) below.set(entry, commit);
  }
  return below;
}

function firstPrompt(entries: readonly Entry[]): string | undefined {
  const blocks = entries.flatMap((entry) => (entry.type === "step" ? entry.blocks : []));
  return blocks
    .find(({ type }) => type === "user")
    ?.text.trim()
    .split("\n", 1)[0];
}

/** What stands under one heading: a turn's steps with the commits of others between them, or such commits alone. */
interface Turn {
  readonly number: number | undefined;
  readonly entries: Entry[];
}

function turnsOf(entries: readonly Entry[]): Turn[] {
  const turns: Turn[] = [];
  for (const entry of entries) {
    const last = turns.at(-1);
    const number = entry.type === "step" ? entry.turn : last?.number;
    if (last !== undefined && last.number === number) last.entries.push(entry);
    else turns.push({ number, entries: [entry] });
  }
  return turns;
}

function formatTurn({ number, entries }: Turn, commits: ReadonlyMap<Entry, TranscriptCommit>): string[] {
  const steps = entries.filter((entry) => entry.type === "step");
  const body = entries.flatMap((entry) => {
    const commit = commits.get(entry);
    return [
      ...(entry.type === "step" ? formatStep(entry) : []),
      ...(commit === undefined ? [] : formatCommit(commit, entry)),
    ];
  });
  // A session's configuration alone is no turn.
  if (body.length === 0) return [];
  const used = steps.map((step) => ({ step: step.step, text: spent(step) })).filter(({ text }) => text !== "");
  const usage = used.map(({ step, text }) => `<sub>step ${step}: ${html(text)}</sub>`).join("  \n");
  return [number === undefined || number === 0 ? "## Before the first turn" : `## Turn ${number}`, ...body, usage];
}

/** Results stand with their calls. */
function formatStep({ blocks }: StepRecord): string[] {
  const results = new Map(blocks.flatMap((block) => (block.type === "result" ? [[block.id, block] as const] : [])));
  return blocks.flatMap((block) => {
    switch (block.type) {
      case "user":
        return [quote(block.text.trim())];
      case "assistant":
        return [block.text.trim()];
      case "thinking":
        return block.text.trim() === "" ? [] : [folded("Thinking", quote(block.text.trim()))];
      case "call":
        return [formatCall(block, results.get(block.id))];
      case "rewind":
        return [`*Rewound to step ${block.to}.*`];
      case "summary":
        return [
          block.text.trim() === "" ? "*The conversation was cleared.*" : folded("Summary", quote(block.text.trim())),
        ];
      case "note":
        return [quote(`Note: ${block.text.trim()}`)];
      case "result":
      case "config":
        return [];
      default:
        return block satisfies never;
    }
  });
}

function formatCall({ name, text }: Extract<Block, { type: "call" }>, result: Result | undefined): string {
  const input = parseInput(text);
  const about = input === undefined ? text : describeInput(input);
  const failed = result?.extra?.error === true ? " ✗" : "";
  const title = `<b>${html(name)}</b> <code>${html(cut(about, 100))}</code>${failed}`;
  const sent = input === undefined ? text : JSON.stringify(input, undefined, 2);
  return folded(title, fenced(sent, "json"), fenced(clip(result?.text ?? "(no result)"), "text"));
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

function formatCommit({ id: commit, subject, author, files }: TranscriptCommit, { type }: Entry): string[] {
  const by = type === "outside" ? ` by ${plain(author)}` : "";
  if (files.length === 0 && type === "step") return [];
  const changes = files.map(({ path, from, added, removed }) => {
    const name = from === undefined ? code(path) : `${code(from)} → ${code(path)}`;
    return `- ${name} ${added === undefined || removed === undefined ? "binary" : `+${added} −${removed}`}`;
  });
  return [[`Commit ${id(commit)}${by}: ${plain(subject)}`, "", ...changes].join("\n").trim()];
}

const RESULT_LINES = 40;
const RESULT_LENGTH = 4000;

function clip(text: string): string {
  // A cut may not part the two halves of a character.
  const start = text
    .trimEnd()
    .slice(0, RESULT_LENGTH)
    .replace(/[\ud800-\udbff]$/, "");
  const shown = start.split("\n").slice(0, RESULT_LINES).join("\n");
  const left = text.trimEnd().length - shown.length;
  return left > 0 ? `${shown}\n… ${left} more characters` : shown;
}

function folded(title: string, ...content: readonly string[]): string {
  return [`<details><summary>${title}</summary>`, ...content, "</details>"].join("\n\n");
}

/** A fence longer than any in the text, so that nothing of the text can end it. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function quote(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => `> ${line}`.trimEnd())
    .join("\n");
}

/** Text on one line, in which nothing is markup. */
function plain(text: string): string {
  return cut(text, 100).replace(/[\\`*_[\]<>#|~&]/g, "\\$&");
}

function code(text: string): string {
  const line = cut(text, 200);
  return line.includes("`") ? `<code>${html(line)}</code>` : `\`${line}\``;
}

function id(commit: string): string {
  return code(commit.slice(0, 9));
}

function html(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function cut(text: string, length: number): string {
  const characters = Array.from(text.trim().replace(/\s+/g, " "));
  return characters.length <= length ? characters.join("") : `${characters.slice(0, length - 1).join("")}…`;
}
