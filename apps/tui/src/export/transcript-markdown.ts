import type { Block, StepRecord, Transcript, TranscriptCommit, TranscriptStep } from "@bough/gitstate";
import { counted, spent, sumOf } from "../history/amounts.ts";
import { describeSummary } from "../history/describe-summary.ts";
import { callMarkdown } from "./call-markdown.ts";
import { folded, html, oneLineOf } from "./markdown-text.ts";
import { prose } from "./prose.ts";

type Entry = Transcript["entries"][number];

/** Writes a conversation as a Markdown page: its turns, what was said, each call folded to a line, the commits. */
export function transcriptMarkdown(whole: Transcript): string {
  const transcript = withoutParent(whole);
  const commits = commitsBelow(transcript);
  const sections = turnsOf(transcript.entries).flatMap((turn) => formatTurn(turn, commits));
  return `${[...formatHead(transcript), ...sections].filter((section) => section !== "").join("\n\n")}\n`;
}

/** A sub-agent was told nothing of what its parent's branch holds: its conversation begins with its task. */
function withoutParent(transcript: Transcript): Transcript {
  const { session, entries } = transcript;
  // Its configuration comes before it.
  const isToldByIt = (entry: Entry) =>
    entry.type === "step" && entry.session === session && entry.blocks.some(({ type }) => type !== "config");
  const first = entries.findIndex(isToldByIt);
  const entry = entries[first];
  if (first < 1 || entry?.type !== "step" || !entry.blocks.some(isBeginning)) return transcript;
  const own = entries.slice(first);
  return { ...transcript, entries: own, ...sumOf(own.filter((each) => each.type === "step").toReversed()) };
}

function isBeginning({ type, text }: Block): boolean {
  return type === "summary" && text === "";
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
  const results = answersOf(steps);
  const body = entries.flatMap((entry) => {
    const commit = commits.get(entry);
    return [
      ...(entry.type === "step" ? formatStep(entry, results.get(entry) ?? new Map()) : []),
      ...(commit === undefined ? [] : formatCommit(commit, entry)),
    ];
  });
  // A session's configuration alone is no turn.
  if (body.length === 0) return [];
  const title = number === undefined || number === 0 ? "## Before the first turn" : `## Turn ${number}`;
  return [title, ...body, formatSpent(steps)];
}

function formatSpent(steps: readonly TranscriptStep[]): string {
  const replies = steps.filter(({ usage }) => usage !== undefined);
  const total = spent(sumOf(replies.toReversed()));
  return total === "" ? "" : `<sub>${counted(replies.length, "step")}: ${html(total)}</sub>`;
}

type Answers = ReadonlyMap<string, Extract<Block, { type: "result" }>>;

/** What answers the calls of each step: other agents do in a later one. An id counts for the step that used it last. */
function answersOf(steps: readonly StepRecord[]): ReadonlyMap<StepRecord, Answers> {
  const found = new Map<StepRecord, Answers>();
  let later: Answers = new Map();
  for (const step of steps.toReversed()) {
    const own = step.blocks.flatMap((block) => (block.type === "result" ? [[block.id, block] as const] : []));
    later = new Map([...later, ...own]);
    found.set(step, later);
    const called = new Set(step.blocks.flatMap((block) => (block.type === "call" ? [block.id] : [])));
    later = new Map([...later].filter(([id]) => !called.has(id)));
  }
  return found;
}

/** Results stand with their calls. */
function formatStep({ blocks }: StepRecord, results: Answers): string[] {
  return blocks.flatMap((block) => {
    switch (block.type) {
      case "user":
        return [quote(prose(block.text))];
      case "assistant":
        return [prose(block.text)];
      case "thinking":
        return block.text.trim() === "" ? [] : [folded("Thinking", quote(prose(block.text)))];
      case "call":
        return [callMarkdown(block, results.get(block.id))];
      case "rewind":
        return [`*Rewound to step ${block.to}.*`];
      case "summary":
        return [
          block.text.trim() === ""
            ? `*${describeSummary(block)}.*`
            : folded(describeSummary(block), quote(prose(block.text))),
        ];
      case "note":
        return [quote(prose(`Note: ${block.text.trim()}`))];
      case "result":
      case "config":
        return [];
      default:
        return block satisfies never;
    }
  });
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

function quote(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => `> ${line}`.trimEnd())
    .join("\n");
}

/** Text on one line, in which nothing is markup. */
function plain(text: string): string {
  return oneLineOf(text, 100).replace(/[\\`*_[\]<>#|~&]/g, "\\$&");
}

function code(text: string): string {
  const line = oneLineOf(text, 200);
  return line.includes("`") ? `<code>${html(line)}</code>` : `\`${line}\``;
}

function id(commit: string): string {
  return code(commit.slice(0, 9));
}
