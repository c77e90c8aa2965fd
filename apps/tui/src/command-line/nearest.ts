/** Finds the candidate that a word was most likely meant to be, if one is near enough to ask about. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const near = candidates
    .map((candidate) => ({ candidate, distance: distance(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

/** How many letters have to be added, dropped, changed, or swapped with the next to turn one word into the other. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...to].entries()) {
      const at = (costs: number[], index: number) => costs[index] ?? Number.POSITIVE_INFINITY;
      const changed = at(last, column) + (letter === other ? 0 : 1);
      const swapped = letter === to[column - 1] && from[row - 1] === other ? at(beforeLast, column - 1) + 1 : changed;
      current.push(Math.min(at(last, column + 1) + 1, at(current, column) + 1, changed, swapped));
    }
    beforeLast = last;
    last = current;
  }
  return last.at(-1) ?? 0;
}
