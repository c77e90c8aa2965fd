/** Bytes of UTF-8 that one token stands for: a little under 4 for English and code, 3 for most other scripts. */
const BYTES_PER_TOKEN = 3.5;

/** Estimates how many tokens a text takes; a reported usage says later by how much that is off. */
export function tokensOfText(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}
