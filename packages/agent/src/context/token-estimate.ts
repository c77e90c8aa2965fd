import type { Block, OutsideCommit } from "@bough/gitstate";

/** Bytes of UTF-8 that one token stands for: a little under 4 for English and code, 3 for most other scripts. */
const BYTES_PER_TOKEN = 3.5;
/** What a picture takes at most with the providers that say. */
const PICTURE_TOKENS = 1_500;
/** What a provider sets around a block. */
const BLOCK_TOKENS = 6;
const OUTSIDE_TOKENS = 60;

/** Estimates how many tokens a text takes; a reported usage says later by how much that is off. */
export function tokensOfText(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** Estimates how many tokens a block of a record takes when a model is sent it. */
export function tokensOfBlock(block: Block): number {
  if (block.type === "config" || block.type === "rewind" || block.type === "summary") return 0;
  const picture = block.type === "result" && block.extra?.["image"] !== undefined ? PICTURE_TOKENS : 0;
  return tokensOfText(block.text) + picture + BLOCK_TOKENS;
}

/** Estimates how many tokens an entry of a conversation takes. */
export function tokensOfEntry(entry: { readonly blocks: readonly Block[] } | OutsideCommit): number {
  if (!("blocks" in entry)) return OUTSIDE_TOKENS;
  return entry.blocks.reduce((sum, block) => sum + tokensOfBlock(block), 0);
}
