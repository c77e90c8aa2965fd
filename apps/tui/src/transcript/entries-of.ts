import type { StopReason } from "@bough/agent";
import type { Block, Transcript } from "@bough/gitstate";
import type { Entry } from "./entry.ts";

/** Turns a conversation that was read out of git into the entries that its events made when it ran. */
export function entriesOf({ entries, commits }: Pick<Transcript, "entries" | "commits">): Entry[] {
  const byId = new Map(commits.map((commit) => [commit.id, commit]));
  return entries.flatMap((entry, index): Entry[] => {
    if (entry.type === "outside") {
      return [{ type: "notice", text: `${entry.author} committed ${entry.commit.slice(0, 7)} ${entry.subject}` }];
    }
    const said = entriesOfStep(entry);
    const commit = byId.get(entry.commit ?? "");
    // A commit stands below the last of its steps.
    const isLast = commit !== undefined && entries[index + 1]?.commit !== entry.commit;
    if (!isLast || commit.files.length === 0) return said;
    const files = commit.files.map(({ path }) => path);
    return [...said, { type: "commit", step: entry.step, commit: commit.id, subject: commit.subject, files }];
  });
}

function entriesOfStep({ turn, blocks }: { readonly turn: number; readonly blocks: readonly Block[] }): Entry[] {
  const results = new Map(blocks.flatMap((block) => (block.type === "result" ? [[block.id, block] as const] : [])));
  return blocks.flatMap((block): Entry[] => {
    switch (block.type) {
      case "user":
        return [{ type: "prompt", turn, text: block.text }];
      case "assistant":
        return block.text === "" ? [] : [{ type: "answer", text: block.text, isOpen: false }];
      case "thinking":
        return block.text === "" ? [] : [{ type: "thinking", text: block.text, isOpen: false }];
      case "call":
        return [callEntry(block, results.get(block.id))];
      case "note": {
        const stop = stopOf(block.extra?.stop);
        return [stop === undefined ? { type: "notice", text: block.text } : { type: "stop", stop, text: block.text }];
      }
      case "summary":
        return [{ type: "notice", text: block.text === "" ? "The conversation was cleared" : block.text }];
      case "rewind":
        return [{ type: "notice", text: `Back to step ${block.to}` }];
      case "result":
      case "config":
        return [];
      default:
        return block satisfies never;
    }
  });
}

function callEntry(
  { id, name, text }: Extract<Block, { type: "call" }>,
  result: Extract<Block, { type: "result" }> | undefined,
): Entry {
  const isError = result?.extra?.error === true;
  return {
    type: "call",
    id,
    name,
    input: parseInput(text),
    state: isError ? "failed" : "done",
    text: result?.text ?? "",
  };
}

/** What a model sent is a JSON object as a rule. */
function parseInput(text: string): Record<string, unknown> {
  try {
    const input: unknown = JSON.parse(text);
    return typeof input === "object" && input !== null && !Array.isArray(input) ? { ...input } : { input };
  } catch {
    return { input: text };
  }
}

const stops: readonly StopReason[] = [
  "interrupted",
  "turn-limit",
  "token-limit",
  "cost-limit",
  "time-limit",
  "refused",
  "loop",
  "error",
];

/** What a branch holds may have been written by anybody. */
function stopOf(value: unknown): StopReason | undefined {
  return stops.find((stop) => stop === value);
}
