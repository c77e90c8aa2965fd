import { diffWordsWithSpace } from "diff";
import { escapeForTerminal } from "../terminal-text.ts";
import type { Line, Role, Span } from "../text/line.ts";

/** Pairs of lines that differ in more than this share are not marked within: they are different lines. */
const MOST_DIFFERENT = 0.6;
/** Characters of a line up to which it is looked at word by word. */
const LONGEST_COMPARED = 500;

/** Writes the hunks of a unified diff, with what differs within a line marked. */
export function diffLines(diff: string): Line[] {
  const lines: Line[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  const flush = () => {
    lines.push(...changedLines(removed, added));
    [removed, added] = [[], []];
  };
  for (const line of diff.split("\n")) {
    if (line.startsWith("-") && added.length === 0) removed.push(line.slice(1));
    else if (line.startsWith("+")) added.push(line.slice(1));
    else {
      flush();
      if (line.startsWith("-")) removed.push(line.slice(1));
      else lines.push([{ text: safe(line), style: { role: "muted" } }]);
    }
  }
  flush();
  return lines;
}

function changedLines(removed: readonly string[], added: readonly string[]): Line[] {
  // Only lines that came in the place of one each can be compared.
  const pairs =
    removed.length === added.length ? removed.map((line, index) => compareLines(line, added[index] ?? "")) : [];
  return [
    ...removed.map((line, index) =>
      marked("-", "removed", pairs[index]?.removed ?? [{ text: line, isChanged: false }]),
    ),
    ...added.map((line, index) => marked("+", "added", pairs[index]?.added ?? [{ text: line, isChanged: false }])),
  ];
}

/** A piece of a line that another one has too, or not. */
export interface Part {
  readonly text: string;
  readonly isChanged: boolean;
}

/** Takes two lines apart into what is the same and what is not; undefined when little is the same. */
export function compareLines(
  before: string,
  after: string,
): { readonly removed: Part[]; readonly added: Part[] } | undefined {
  if (before.length > LONGEST_COMPARED || after.length > LONGEST_COMPARED) return undefined;
  const parts = diffWordsWithSpace(before, after);
  const changed = parts.filter((part) => part.added || part.removed).reduce((sum, { value }) => sum + value.length, 0);
  if (changed > (before.length + after.length) * MOST_DIFFERENT) return undefined;
  const side = (other: "added" | "removed") =>
    parts.filter((part) => !part[other]).map((part) => ({ text: part.value, isChanged: part.added || part.removed }));
  return { removed: side("added"), added: side("removed") };
}

function marked(sign: string, role: "added" | "removed", parts: readonly Part[]): Line {
  const spans = parts.map(({ text, isChanged }): Span => {
    const look: Role = isChanged ? `${role}-part` : role;
    return { text: safe(text), style: { role: look } };
  });
  return [{ text: sign, style: { role } }, ...spans];
}

function safe(text: string): string {
  return escapeForTerminal(text).replaceAll("\t", "    ");
}
