import type { Block, NewStep } from "@bough/gitstate";
import type { Message } from "@bough/models";
import { addEntry, addUser, type Entry, toMessages } from "../conversation.ts";
import type { Pictures } from "../pictures.ts";
import type { Room } from "./context-settings.ts";
import { reportedTokens } from "./reported-tokens.ts";
import { shortenResults } from "./shorten-results.ts";
import { isSummary, readSummary, type SummaryRecord } from "./summary-record.ts";
import { tokensOfBlock, tokensOfEntry, tokensOfText } from "./token-estimate.ts";

/** The last steps whose results stay whole as long as the window is not full. */
const PROTECTED_STEPS = 4;
/** Where shortening stops, as a share of where it begins: far enough that the sent prefix then stays for long. */
const LOW_MARK = 0.6;
/** The share of the window that shortening must win, or the cached prefix would be given up for next to nothing. */
const WORTH_IT = 0.1;
/** How far a reported usage may be off the estimate; anybody may have written the record that holds it. */
const MOST_OFF = 3;

/** What a conversation is shown with. */
export interface ProjectionOptions {
  readonly room: Room;
  /** Estimated tokens of what is sent beside the messages: system prompt and tools. */
  readonly fixed: number;
  readonly pictures?: Pictures;
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
    this.#cut = 0;
    this.#rebuild();
    return text === "" ? after : [{ type: "user", text }, ...after];
  }

  #apply(summary: Exclude<SummaryRecord, { kind: "clear" }>): void {
    this.#hard = Math.max(this.#hard, summary.hard);
    if (summary.kind === "steps") {
      const isCovered = ({ entry }: Shown) =>
        "blocks" in entry && summary.from <= entry.step && entry.step <= summary.to;
      const last = this.#shown.findLastIndex(isCovered);
      // What others committed meanwhile is told by the summary too.
      this.#shown = this.#shown.filter((each, index) => !isCovered(each) && ("blocks" in each.entry || index > last));
      const isWithin = ({ from, to }: StepsSummary) => summary.from <= from && to <= summary.to;
      this.#summaries = [...this.#summaries.filter((each) => !isWithin(each)), summary];
    }
    this.#cut = 0;
    this.#rebuild();
  }

  /** Moves the cut when too much would be sent: far at once, since each move makes the provider read all of it again. */
  #prepare(opening: number): void {
    const { room } = this.#options;
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

  #rebuild(): void {
    const entries = this.#shown.map((each, index) => this.#at(each, index));
    const told: Message[] = [];
    const texts = this.#summaries.map(textOf);
    addUser(
      told,
      texts.map((text) => ({ type: "text", text })),
    );
    this.#messages = toMessages(entries, this.#options.pictures, told);
    const tokens = [...entries.map(tokensOfEntry), ...texts.map(tokensOfText)];
    this.#estimate = tokens.reduce((total, each) => total + each, this.#options.fixed);
  }
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
