const mostCharacters = 300;

/** How much two short texts have in common, from 0 to 1: their pairs of neighbouring characters, case ignored. */
export function similarity(a: string, b: string): number {
  const pairsOfA = pairs(a);
  const pairsOfB = pairs(b);
  if (pairsOfA.size === 0 || pairsOfB.size === 0) return a === b ? 1 : 0;
  let common = 0;
  let total = 0;
  for (const [pair, count] of pairsOfA) {
    common += Math.min(count, pairsOfB.get(pair) ?? 0);
    total += count;
  }
  for (const count of pairsOfB.values()) total += count;
  return (2 * common) / total;
}

function pairs(text: string): Map<string, number> {
  const plain = ` ${text.slice(0, mostCharacters).toLowerCase()} `;
  const counts = new Map<string, number>();
  for (let index = 0; index + 1 < plain.length; index += 1) {
    const pair = plain.slice(index, index + 2);
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return counts;
}
