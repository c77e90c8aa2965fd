import type { Block, Extra, NewStep, OutsideCommit, Step } from "@bough/gitstate";
import type { AssistantBlock, Message, ResultBlock, UserBlock } from "@bough/models";
import type { Pictures } from "./pictures.ts";

/** Turns what a model answered into blocks of a step record. */
export function recordReply(content: readonly AssistantBlock[]): Block[] {
  return content.map((block): Block => {
    const extra = block.extra === undefined ? {} : { extra: { ...block.extra } };
    switch (block.type) {
      case "text":
        return { type: "assistant", text: block.text, ...extra };
      case "thinking":
        return { type: "thinking", text: block.text, ...extra };
      case "call": {
        const { name, id, malformed } = block;
        if (malformed === undefined) return { type: "call", name, id, text: JSON.stringify(block.input), ...extra };
        return { type: "call", name, id, text: malformed, extra: { ...block.extra, malformed: true } };
      }
      default:
        return block satisfies never;
    }
  });
}

/** What a record keeps of results beside their text, by the ids of their calls. */
export type RecordedBeside = ReadonlyMap<string, Extra>;

/** Turns results of calls into blocks of a step record; a picture is named, `pictures` having it already. */
export function recordResults(
  results: readonly ResultBlock[],
  pictures?: Pictures,
  beside: RecordedBeside = new Map(),
): Block[] {
  return results.map((result) => {
    const { name, id, text, isError } = result;
    const extra = { ...(isError ? { error: true } : {}), ...pictures?.recorded(result), ...beside.get(id) };
    return { type: "result", name, id, text, ...(Object.keys(extra).length === 0 ? {} : { extra }) };
  });
}

/** What a conversation is made of: steps, those of the running turn too, and what others committed beside them. */
export type Entry = Step | OutsideCommit | NewStep;

/**
 * Writes a conversation as the messages a model is sent, after those that it begins with: roles alternate, the user
 * begins, no call is left open.
 */
export function toMessages(
  entries: readonly Entry[],
  pictures?: Pictures,
  beginning: readonly Message[] = [],
): Message[] {
  const messages = [...beginning];
  for (const entry of entries) addEntry(messages, entry, pictures);
  return messages;
}

/** Adds an entry to the messages of those before it. No message is altered; one in the list may be replaced. */
export function addEntry(messages: Message[], entry: Entry, pictures?: Pictures): void {
  if ("blocks" in entry) addStep(messages, entry.blocks, pictures);
  else addUser(messages, [{ type: "text", text: describeOutside(entry) }]);
}

function describeOutside({ commit, subject, author }: OutsideCommit): string {
  return `[Beside your steps ${author} committed ${commit.slice(0, 12)} "${subject}" on this branch. The files are as that left them.]`;
}

function addStep(messages: Message[], blocks: readonly Block[], pictures: Pictures | undefined): void {
  const said: UserBlock[] = [];
  const answered: AssistantBlock[] = [];
  const results: UserBlock[] = [];
  for (const block of blocks) {
    switch (block.type) {
      case "user":
      case "note":
        // What follows the reply, as that it was interrupted, follows its results.
        (answered.length === 0 ? said : results).push({
          type: "text",
          text: block.type === "note" ? `[${block.text}]` : block.text,
        });
        break;
      case "assistant":
        // Without words it may still carry what its provider wants back.
        if (block.text !== "" || block.extra !== undefined)
          answered.push({ type: "text", text: block.text, extra: block.extra });
        break;
      case "thinking":
        answered.push({ type: "thinking", text: block.text, extra: block.extra });
        break;
      case "call":
        answered.push(readCall(block));
        break;
      case "result":
        results.push({
          type: "result",
          id: block.id,
          name: block.name,
          ...(pictures?.shown(block) ?? { text: block.text }),
          isError: block.extra?.error === true,
        });
        break;
      case "config":
      case "rewind":
      // What a summary stands for, and where it is told, depends on the whole.
      case "summary":
        break;
      default:
        block satisfies never;
    }
  }
  addUser(messages, said);
  addAssistant(messages, answered);
  addUser(messages, results);
}

function readCall(block: Extract<Block, { type: "call" }>): AssistantBlock {
  const { malformed, ...extra } = block.extra ?? {};
  const input = parseObject(block.text);
  return input === undefined || malformed === true
    ? { type: "call", id: block.id, name: block.name, input: {}, malformed: block.text, extra }
    : { type: "call", id: block.id, name: block.name, input, extra };
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Adds what the user's side says; next to what it said already, it is one message with that. */
export function addUser(messages: Message[], content: readonly UserBlock[]): void {
  const kept = content.filter((block) => block.type === "result" || block.text !== "");
  const last = messages.at(-1);
  if (kept.length === 0) return;
  if (last?.role === "user") {
    const content = resultsFirst([...last.content, ...kept], messages.at(-2));
    messages[messages.length - 1] = { role: "user", content };
  } else messages.push({ role: "user", content: kept });
}

/** Providers refuse words before a result, and some of a reply's results come with the step after it. */
function resultsFirst(content: readonly UserBlock[], reply: Message | undefined): UserBlock[] {
  const calls = reply?.role === "assistant" ? reply.content.flatMap((b) => (b.type === "call" ? [b.id] : [])) : [];
  const place = (block: UserBlock) => (block.type === "result" ? calls.indexOf(block.id) : calls.length);
  return content.toSorted((a, b) => place(a) - place(b));
}

function addAssistant(messages: Message[], content: readonly AssistantBlock[]): void {
  if (content.length === 0) return;
  // A reply without the prompt before it is what a user's rebase can leave.
  if (messages.at(-1)?.role !== "user") addUser(messages, [{ type: "text", text: "Go on." }]);
  messages.push({ role: "assistant", content });
}
