import type { Block, NewStep } from "@bough/gitstate";
import type { Message } from "@bough/models";
import { addEntry, addUser, type Entry, toMessages } from "../conversation.ts";
import type { Pictures } from "../pictures.ts";
import type { Room } from "./context-settings.ts";
import { reportedTokens } from "./reported-tokens.ts";
import { shortenResults } from "./shorten-results.ts";
import { isSummary, readSummary, type SummaryRecord } from "./summary-record.ts";
import type { Said } from "./summary-text.ts";
import { tokensOfBlock, tokensOfEntry, tokensOfText } from "./token-estimate.ts";

/** The last steps whose results stay whole as long as the window is not full. */
const PROTECTED_STEPS = 4;
/** Where shortening stops, as a share of where it begins: far enough that the sent prefix then stays for long. */
const LOW_MARK = 0.6;
/** The share of the window that shortening must win, or the cached prefix would be given up for next to nothing. */
const WORTH_IT = 0.1;
/** The share of the window that the newest steps may take when those before them are summarized. */
const TAIL = 0.2;
/** What is taken for the window, as a share of what the provider refused. */
const SAFE = 0.9;
/** How far a reported usage may be off the estimate; anybody may have written the record that holds it. */
const MOST_OFF = 3;

/** What a conversation is shown with. */
export interface ProjectionOptions {
  readonly room: Room;
  /** Estimated tokens of what is sent beside the messages: system prompt and tools. */
  readonly fixed: number;
  /** The name of the model that it is shown to. */
  readonly model?: string;
  readonly pictures?: Pictures;
}

/** The oldest part of a conversation, to be summarized. */
export interface OldPart extends Pick<StepsSummary, "from" | "to"> {
  /** As they are shown now. */
  readonly entries: readonly Entry[];
  /** What is shown before them. */
  readonly beginning: readonly Message[];
  /** What the user said in all the steps that the part stands for. */
  readonly prompts: readonly Said[];
  readonly pictures: Pictures | undefined;
}

/** An entry that is shown, with what it takes whole and shortened. */
interface Shown {
  readonly entry: Entry;
  readonly short: Entry;
  readonly tokens: number;
  readonly shortTokens: number;
}

type StepsSummary = Extract<SummaryRecord, { kind: "steps" }>;

/** How many tokens the parts of the messages take, by estimate. */
export interface MessageTokens {
  readonly messages: number;
  /** Steps whose results are shortened. */
  readonly shortened: number;
  readonly summaries: number;
}

/**
 * What a model is shown of a conversation, entry by entry: all of it while there is room, then old results of tools
 * shortened, and summaries in the place of the steps that they stand for. It depends on nothing but the entries, the room
 * and what is fixed, so it is the same whenever it is made anew. Adding an entry costs the same however many there are.
 */
export class Projection {
  readonly #options: ProjectionOptions;
  #shown: Shown[] = [];
  /** Entries before it are shown shortened. */
  #cut = 0;
  /** Results up to this step are shortened whatever they are. */
  #hard = -1;
  #summaries: StepsSummary[] = [];
  /** What the user said since the last clearing. */
  #prompts: Said[] = [];
  /** What the provider found to be too much. */
  #most = Number.POSITIVE_INFINITY;
  /** Those of the entries; made anew when the cut moves. */
  #messages: Message[] = [];
  #estimate: number;
  /** What the provider counted last, by what was estimated for the same. */
  #scale = 1;

  constructor(options: ProjectionOptions) {
    this.#options = options;
    this.#estimate = options.fixed;
  }

  /** Adds a whole entry. */
  add(entry: Entry): void {
    if (!("blocks" in entry)) {
      this.#append(entry);
      return;
    }
    const blocks = this.#applySummaries(entry);
    const opening = blocks.slice(0, endOfOpening(blocks));
    this.#prepare(sum(opening));
    const sent = this.#estimate + sum(blocks.filter(({ type }) => type !== "result"));
    this.#append(blocks === entry.blocks ? entry : { ...entry, blocks });
    for (const { type, text } of blocks) if (type === "user") this.#prompts.push({ step: entry.step, text });
    const reported = reportedTokens(entry);
    if (reported > sent / MOST_OFF && reported < sent * MOST_OFF) this.#scale = reported / sent;
  }

  /** The messages that ask for the reply of a step, of which the record holds what comes before the reply. */
  messages(now?: NewStep): Message[] {
    const blocks = now === undefined ? [] : this.#applySummaries(now);
    this.#prepare(sum(blocks));
    const messages = [...this.#messages];
    if (now !== undefined) addEntry(messages, { ...now, blocks }, this.#options.pictures);
    return messages;
  }

  /** How many tokens a request takes that adds this to what was said. */
  size(now?: NewStep): number {
    return Math.round((this.#estimate + sum(now?.blocks ?? [])) * this.#scale);
  }

  /** Estimated tokens of what is sent beside the messages. */
  get fixed(): number {
    return this.#options.fixed;
  }

  /** How many tokens the model reads at most, as far as is known. */
  get window(): number {
    return this.#room.window;
  }

  /** Whether a request that adds this is so large that there should be a summary. */
  isFull(now?: NewStep): boolean {
    return this.size(now) > this.#room.summarizeAt;
  }

  /** Whether shortening all results, also the protected ones, would win anything. */
  get hasLongResults(): boolean {
    return this.#shown.some((each, index) => {
      const shown = this.#at(each, index);
      return "blocks" in shown && shortenResults(shown, { hard: true }) !== shown;
    });
  }

  /** The steps before the ones that are kept, with all that is to be known of them; undefined when they are next to nothing. */
  oldPart(keep: "usual" | "hard" | "all"): OldPart | undefined {
    const end = keep === "all" ? this.#shown.length : this.#startOfTail(keep === "usual" ? this.window * TAIL : 0);
    const steps = this.#shown.slice(0, end).flatMap(({ entry }) => ("blocks" in entry ? [entry.step] : []));
    const told = this.#summaries.flatMap(({ from, to }) => [from, to]);
    if (steps.length === 0) return undefined;
    const [from, to] = [Math.min(...steps, ...told), Math.max(...steps, ...told)];
    const isCovered = this.#coveredBy({ from, to });
    const entries = this.#shown.flatMap((each, index) => (isCovered(each, index) ? [this.#at(each, index)] : []));
    const tokens = entries.reduce((total, entry) => total + tokensOfEntry(entry), 0) * this.#scale;
    if (tokens === 0 || (keep === "usual" && tokens < this.window * WORTH_IT)) return undefined;
    const prompts = this.#prompts.filter(({ step }) => from <= step && step <= to);
    return { from, to, entries, beginning: this.#told(), prompts, pictures: this.#options.pictures };
  }

  /** Where the newest steps begin that take no more than that; the last one is among them whatever it takes. */
  #startOfTail(most: number): number {
    let start = this.#shown.length - 1;
    let tokens = 0;
    for (; start > 0; start--) {
      tokens += (this.#shown[start - 1]?.tokens ?? 0) * this.#scale;
      if (tokens > most) break;
    }
    // A call is not parted from a result that came a step later.
    while (start > 0 && answersEarlier(this.#shown[start])) start--;
    return start;
  }

  /** What the messages are made of. */
  get tokens(): MessageTokens {
    const parts = { messages: 0, shortened: 0, summaries: 0 };
    for (const [index, each] of this.#shown.entries()) {
      const shown = this.#at(each, index);
      parts[shown === each.entry ? "messages" : "shortened"] += tokensOfEntry(shown);
    }
    for (const summary of this.#summaries) parts.summaries += tokensOfText(textOf(summary));
    return {
      messages: Math.round(parts.messages * this.#scale),
      shortened: Math.round(parts.shortened * this.#scale),
      summaries: Math.round(parts.summaries * this.#scale),
    };
  }

  /** Takes in what the summaries of a step do, and returns what else it holds. */
  #applySummaries({ step, blocks }: NewStep): readonly Block[] {
    let rest = blocks;
    for (const block of blocks) {
      if (!isSummary(block)) continue;
      const summary = readSummary(block, step);
      if (summary?.kind === "clear") rest = this.#clear(blocks.slice(blocks.indexOf(block) + 1), summary.text);
      else if (summary !== undefined) this.#apply(summary);
    }
    return rest;
  }

  #clear(after: readonly Block[], text: string): readonly Block[] {
    this.#shown = [];
    this.#summaries = [];
    this.#prompts = [];
    this.#cut = 0;
    this.#rebuild();
    return text === "" ? after : [{ type: "user", text }, ...after];
  }

  #apply(summary: Exclude<SummaryRecord, { kind: "clear" }>): void {
    this.#hard = Math.max(this.#hard, summary.hard);
    const { overflow } = summary;
    if (overflow !== undefined && overflow.model === this.#options.model) {
      this.#most = Math.min(this.#most, overflow.tokens);
    }
    if (summary.kind === "steps") {
      const isCovered = this.#coveredBy(summary);
      this.#shown = this.#shown.filter((each, index) => !isCovered(each, index));
      const isWithin = ({ from, to }: StepsSummary) => summary.from <= from && to <= summary.to;
      this.#summaries = [...this.#summaries.filter((each) => !isWithin(each)), summary];
    }
    this.#cut = 0;
    this.#rebuild();
  }

  /** Says what steps cover of what is shown; what others committed between them is told by their summary too. */
  #coveredBy({ from, to }: Pick<StepsSummary, "from" | "to">): (each: Shown, index: number) => boolean {
    const isStep = ({ entry }: Shown) => "blocks" in entry && from <= entry.step && entry.step <= to;
    const last = this.#shown.findLastIndex(isStep);
    return (each, index) => isStep(each) || (index < last && !("blocks" in each.entry));
  }

  /** The room there is, after what the provider refused. */
  get #room(): Room {
    const { window, shortenAt, summarizeAt } = this.#options.room;
    const share = Math.min(1, (this.#most * SAFE) / window);
    return { window: window * share, shortenAt: shortenAt * share, summarizeAt: summarizeAt * share };
  }

  /** Moves the cut when too much would be sent: far at once, since each move makes the provider read all of it again. */
  #prepare(opening: number): void {
    const room = this.#room;
    const size = (this.#estimate + opening) * this.#scale;
    if (size <= room.shortenAt) return;
    const last = this.#shown.length - PROTECTED_STEPS;
    let saved = 0;
    let cut = this.#cut;
    for (; cut < last && size - saved > room.shortenAt * LOW_MARK; cut++) {
      const { tokens = 0, shortTokens = 0 } = this.#shown[cut] ?? {};
      saved += (tokens - shortTokens) * this.#scale;
    }
    if (saved === 0 || (saved < room.window * WORTH_IT && size <= room.summarizeAt)) return;
    this.#cut = cut;
    this.#rebuild();
  }

  #append(entry: Entry): void {
    const short = "blocks" in entry ? shortenResults(entry) : entry;
    const tokens = tokensOfEntry(entry);
    const shown = { entry, short, tokens, shortTokens: short === entry ? tokens : tokensOfEntry(short) };
    this.#shown.push(shown);
    this.#estimate += tokens;
    addEntry(this.#messages, entry, this.#options.pictures);
  }

  #at({ entry, short }: Shown, index: number): Entry {
    if ("blocks" in entry && entry.step <= this.#hard) return shortenResults(entry, { hard: true });
    return index < this.#cut ? short : entry;
  }

  /** The messages that the summaries are told by. */
  #told(): Message[] {
    const messages: Message[] = [];
    const texts = this.#summaries.map((summary) => ({ type: "text" as const, text: textOf(summary) }));
    addUser(messages, texts);
    return messages;
  }

  #rebuild(): void {
    const entries = this.#shown.map((each, index) => this.#at(each, index));
    this.#messages = toMessages(entries, this.#options.pictures, this.#told());
    const tokens = [...entries.map(tokensOfEntry), ...this.#summaries.map((summary) => tokensOfText(textOf(summary)))];
    this.#estimate = tokens.reduce((total, each) => total + each, this.#options.fixed);
  }
}

/** Whether an entry answers calls of the one before it, as what sub-agents said does. */
function answersEarlier(shown: Shown | undefined): boolean {
  if (shown === undefined || !("blocks" in shown.entry)) return false;
  const { blocks } = shown.entry;
  const calls = new Set(blocks.flatMap((block) => (block.type === "call" ? [block.id] : [])));
  return blocks.some((block) => block.type === "result" && !calls.has(block.id));
}

/** How a model is told that a text stands for steps. */
function textOf({ from, to, text }: StepsSummary): string {
  return `[What was said and done in steps ${from} to ${to} of this conversation, summarized because there is no room for all of it]\n\n${text}`;
}

function sum(blocks: readonly Block[]): number {
  return blocks.reduce((total, block) => total + tokensOfBlock(block), 0);
}

/** Where the reply begins, if there is one yet. */
function endOfOpening(blocks: readonly Block[]): number {
  const reply = blocks.findIndex(({ type }) => type === "assistant" || type === "thinking" || type === "call");
  return reply === -1 ? blocks.length : reply;
}
