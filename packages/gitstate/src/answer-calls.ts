import type { OutsideCommit, Step } from "./fold.ts";
import type { Block } from "./step-record.ts";

interface OpenCall {
  readonly call: Extract<Block, { type: "call" }>;
  /** Where its answer goes when there is none. */
  readonly blocks: Block[];
}

/**
 * Sees to it that each call has one result and each result its call, as providers demand. A call can be answered in a later
 * step, as one that had a sub-agent work is, until the model has replied again.
 */
export function answerCalls(entries: readonly (Step | OutsideCommit)[]): (Step | OutsideCommit)[] {
  const open = new Map<string, OpenCall>();
  const answered = entries.map((entry) => {
    if (entry.type !== "step") return entry;
    if (entry.blocks.some(endsWaiting)) interrupt(open);
    const blocks: Block[] = [];
    for (const block of entry.blocks) {
      if (block.type === "call") open.set(block.id, { call: block, blocks });
      if (block.type !== "result" || open.delete(block.id)) blocks.push(block);
    }
    return { ...entry, blocks };
  });
  interrupt(open);
  return answered;
}

/** After a reply, or without what came before it, a result would have no call. */
function endsWaiting({ type }: Block): boolean {
  return type === "assistant" || type === "thinking" || type === "call" || type === "summary";
}

function interrupt(open: Map<string, OpenCall>): void {
  for (const { call, blocks } of open.values()) {
    blocks.push({ type: "result", name: call.name, id: call.id, text: "interrupted", extra: { error: true } });
  }
  open.clear();
}
