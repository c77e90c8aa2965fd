import type { Block } from "@bough/gitstate";
import { type Message, type Model, ModelError, type ModelRequest, type Usage } from "@bough/models";
import { addUser, type Entry, toMessages } from "../conversation.ts";
import type { Pictures } from "../pictures.ts";
import { shortenResults } from "./shorten-results.ts";
import { summaryRequest } from "./summary-text.ts";
import { tokensOfEntry, tokensOfText } from "./token-estimate.ts";

/** How often a part is made smaller when the provider finds it too long as well. */
const MOST_HALVINGS = 4;

/** What is summarized, and by whom. */
export interface SummarizeOptions {
  readonly model: Model;
  /** What every request of the conversation holds, so that the provider finds the beginning of this one in its cache. */
  readonly beside: Pick<ModelRequest, "system" | "tools">;
  /** The messages before the entries: earlier summaries. */
  readonly beginning: readonly Message[];
  readonly entries: readonly Entry[];
  readonly pictures: Pictures | undefined;
  /** Estimated tokens that the messages of one request may have. */
  readonly most: number;
  /** What the user wants to be heeded. */
  readonly instructions?: string;
  readonly signal: AbortSignal;
  /** Is told what each request took, also when a later one fails. */
  onUsage(usage: Usage): void;
}

/**
 * Has the model summarize all of the entries: at once where they fit into a request, else part by part, each time with
 * what was summarized so far. Throws when it gives no summary.
 */
export async function summarize(options: SummarizeOptions): Promise<string> {
  for (let most = options.most, halvings = 0; ; most /= 2, halvings++) {
    try {
      return await summarizeParts(options, most);
    } catch (error) {
      const isTooLong = error instanceof ModelError && error.kind === "context-overflow";
      if (!isTooLong || halvings === MOST_HALVINGS) throw error;
    }
  }
}

async function summarizeParts(options: SummarizeOptions, most: number): Promise<string> {
  let { beginning } = options;
  let summary = "";
  for (const part of partsOf(options.entries, most)) {
    const messages = toMessages(part, options.pictures, beginning);
    addUser(messages, [{ type: "text", text: summaryRequest(options.instructions) }]);
    summary = await ask(options, messages);
    const soFar = `[A summary of all that came before]\n\n${atMost(summary, most / 2)}`;
    beginning = [{ role: "user", content: [{ type: "text", text: soFar }] }];
  }
  return summary;
}

async function ask({ model, beside, signal, onUsage }: SummarizeOptions, messages: readonly Message[]) {
  for await (const event of model.stream({ ...beside, messages }, { signal })) {
    if (event.type !== "reply") continue;
    onUsage(event.reply.usage);
    const text = event.reply.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n\n");
    if (event.reply.stop === "refused" || text.trim() === "") throw new Error(`${model.name} wrote no summary`);
    return text.trim();
  }
  throw new Error(`${model.name} ended its answer without a reply`);
}

/** Splits entries into runs that fit; none is split, for a call must not be apart from its result. */
function partsOf(entries: readonly Entry[], most: number): Entry[][] {
  const parts: Entry[][] = [];
  let left = 0;
  for (const entry of entries.map((each) => fitting(each, most))) {
    const tokens = tokensOfEntry(entry);
    const last = parts.at(-1);
    if (last !== undefined && tokens <= left) last.push(entry);
    else {
      parts.push([entry]);
      left = most;
    }
    left -= tokens;
  }
  return parts;
}

/** An entry that is too long by itself with its results shortened, and with all its texts if that is not enough. */
function fitting(entry: Entry, most: number): Entry {
  if (!("blocks" in entry) || tokensOfEntry(entry) <= most) return entry;
  const short = shortenResults(entry, { hard: true });
  if (tokensOfEntry(short) <= most) return short;
  const each = most / short.blocks.length;
  return { ...short, blocks: short.blocks.map((block): Block => cutBlock(block, each)) };
}

function cutBlock(block: Block, most: number): Block {
  if (tokensOfText(block.text) <= most) return block;
  // Of a call's input a part would be none.
  return { ...block, text: block.type === "call" ? "{}" : atMost(block.text, most) };
}

/** The beginning of a text, where it is longer than that many tokens. */
export function atMost(text: string, tokens: number): string {
  if (tokensOfText(text) <= tokens) return text;
  const characters = Math.floor((text.length * tokens) / tokensOfText(text));
  return `${text.slice(0, characters).replace(/[\ud800-\udbff]$/, "")}\n[… the rest was left out …]`;
}
