import { lineEnding, withLineEnding } from "./line-endings.ts";

/** A passage and what is to stand in its place. */
export interface Replacement {
  readonly old: string;
  readonly new: string;
  /** Replaces every occurrence; without it there has to be exactly one. */
  readonly all: boolean;
}

/** The new text, or why there is none. */
export type ReplaceResult =
  | { readonly type: "replaced"; readonly text: string; readonly count: number }
  | { readonly type: "missing" }
  /** `lines` are the numbers of the lines in which the occurrences start. */
  | { readonly type: "ambiguous"; readonly lines: readonly number[] };

/**
 * Replaces a passage, whether its lines end with LF or CRLF. New lines end like most lines of the text; what the
 * passages have in common, and all around them, stays as it is byte for byte.
 */
export function replaceText(text: string, { old, new: replacement, all }: Replacement): ReplaceResult {
  const plain = withLineEnding(text, "\n");
  const oldPlain = withLineEnding(old, "\n");
  const newPlain = withLineEnding(replacement, "\n");
  const starts = occurrences(plain, oldPlain, all ? oldPlain.length : 1);
  if (starts.length === 0) return { type: "missing" };
  if (starts.length > 1 && !all) return { type: "ambiguous", lines: starts.map((start) => lineAt(plain, start)) };

  const { before, after } = common(oldPlain, newPlain);
  const middle = newPlain.slice(before, newPlain.length - after);
  const inserted = text.includes("\n") ? withLineEnding(middle, lineEnding(text)) : middle;
  const original = originalOffsets(text);
  let result = "";
  let copied = 0;
  for (const start of starts) {
    result += text.slice(copied, original(start + before)) + inserted;
    copied = original(start + oldPlain.length - after);
  }
  return { type: "replaced", text: result + text.slice(copied), count: starts.length };
}

function occurrences(text: string, wanted: string, step: number): number[] {
  const starts: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + step)) starts.push(at);
  return starts;
}

/** How many characters two texts share at their beginnings and, apart from those, at their ends. */
function common(a: string, b: string): { before: number; after: number } {
  const most = Math.min(a.length, b.length);
  let before = 0;
  while (before < most && a[before] === b[before]) before += 1;
  let after = 0;
  while (after < most - before && a.at(-1 - after) === b.at(-1 - after)) after += 1;
  return { before, after };
}

/** Turns ascending offsets in the text with LF only into those in the text as it is. */
function originalOffsets(text: string): (offset: number) => number {
  let dropped = 0;
  let next = text.indexOf("\r\n");
  return (offset) => {
    while (next >= 0 && next - dropped < offset) {
      dropped += 1;
      next = text.indexOf("\r\n", next + 2);
    }
    return offset + dropped;
  };
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}
