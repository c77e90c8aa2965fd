/** A part of a text that must not be seen. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** What it is, as the mask in its place says. */
  readonly name: string;
}

/** Puts spans in order and makes one of those that overlap, named after the one that starts first. */
export function withoutOverlaps(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = joined.at(-1);
    if (last === undefined || span.start >= last.end) joined.push(span);
    else if (span.end > last.end) joined[joined.length - 1] = { ...last, end: span.end };
  }
  return joined;
}
