/** What begins a word in a path or a name. */
const boundary = /[/._\- ]/;

/** Finds those that hold the letters of a query in its order, the best first; all of them when it is empty. */
export function rankFuzzy(query: string, candidates: readonly string[], limit: number): string[] {
  if (query === "") return candidates.slice(0, limit);
  const wanted = query.toLowerCase();
  const scored: { readonly candidate: string; readonly score: number }[] = [];
  for (const candidate of candidates) {
    const score = scoreOf(wanted, candidate);
    if (score !== undefined) scored.push({ candidate, score });
  }
  return scored
    .sort((a, b) => b.score - a.score || a.candidate.length - b.candidate.length)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** Letters count more one after the other, where words begin, and in the last part of a path. */
function scoreOf(wanted: string, candidate: string): number | undefined {
  const text = candidate.toLowerCase();
  const name = text.lastIndexOf("/") + 1;
  const within = scoreFrom(wanted, text, name);
  return within === undefined ? scoreFrom(wanted, text, 0) : within + 2 * wanted.length;
}

function scoreFrom(wanted: string, text: string, start: number): number | undefined {
  const whole = text.indexOf(wanted, start);
  if (whole !== -1) return 3 * wanted.length + 2 + bonusAt(text, whole);
  let score = 0;
  let at = start - 1;
  for (const letter of wanted) {
    const next = text.indexOf(letter, at + 1);
    if (next === -1) return undefined;
    score += (next === at + 1 ? 2 : 0) + bonusAt(text, next);
    at = next;
  }
  return score;
}

function bonusAt(text: string, at: number): number {
  return at === 0 || boundary.test(text[at - 1] ?? "") ? 2 : 0;
}
