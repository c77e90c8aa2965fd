import type { Secret } from "./secret-values.ts";
import { type Span, withoutOverlaps } from "./spans.ts";

/** A shorter secret may be the end or the middle of an ordinary word, so it is masked only where it stands alone. */
const SHORTEST_ANYWHERE = 16;

/** Takes secrets out of texts; what stands there instead names them, the same wherever they stand. */
export class Masker {
  /** Length of the longest value. */
  readonly longest: number;
  readonly #secrets: readonly Secret[];
  readonly #findMore: (text: string) => readonly Span[];

  /** Masks the values of the secrets, and what else is found in a text. */
  constructor(secrets: readonly Secret[], findMore: (text: string) => readonly Span[] = () => []) {
    const byValue = new Map(secrets.map((secret) => [secret.value, secret]));
    this.#secrets = [...byValue.values()];
    this.longest = Math.max(0, ...byValue.keys().map(({ length }) => length));
    this.#findMore = findMore;
  }

  mask(text: string): string {
    return withMasks(text, this.find(text));
  }

  /** Finds what is to be masked, in order and without overlaps. */
  find(text: string): readonly Span[] {
    // A value tells more by its name than by its shape, so it comes first.
    return withoutOverlaps([...this.#secrets.flatMap((secret) => occurrences(text, secret)), ...this.#findMore(text)]);
  }
}

/** Puts masks in the place of spans. */
export function withMasks(text: string, spans: readonly Span[]): string {
  let masked = "";
  let from = 0;
  for (const { start, end, name } of spans) {
    masked += `${text.slice(from, start)}[masked: ${name}]`;
    from = end;
  }
  return masked + text.slice(from);
}

/** Finds a mask in a text. */
export function findMask(text: string): string | undefined {
  return /\[masked: [^\]\n]+\]/.exec(text)?.[0];
}

function occurrences(text: string, { name, value }: Secret): Span[] {
  const spans: Span[] = [];
  for (let start = text.indexOf(value); start !== -1; start = text.indexOf(value, start + 1)) {
    const end = start + value.length;
    if (value.length >= SHORTEST_ANYWHERE || standsAlone(text, start, end)) spans.push({ start, end, name });
  }
  return spans;
}

function standsAlone(text: string, start: number, end: number): boolean {
  return !/\w/.test(text[start - 1] ?? "") && !/\w/.test(text[end] ?? "");
}
