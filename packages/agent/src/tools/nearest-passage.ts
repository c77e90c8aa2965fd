import { findMask } from "../secrets/masker.ts";
import { withLineEnding } from "./line-endings.ts";
import { similarity } from "./similarity.ts";

const mostLinesCompared = 20_000;
const mostLinesShown = 12;
const mostLineCharacters = 200;
const leastSimilarity = 0.5;
const mostPassagesCompared = 20;

interface Passage {
  /** Index of its first line. */
  readonly start: number;
  readonly reason: string;
}

/** What two lines may differ in and still be the same to a careless reader, the least first. */
const allowances: readonly { reason: string; plain: (line: string) => string }[] = [
  { reason: "it has other blanks at the ends of lines", plain: (line) => line.trimEnd() },
  { reason: "it is indented differently", plain: (line) => line.trim() },
  { reason: "it has other blanks", plain: (line) => line.replace(/\s+/g, "") },
  { reason: "it has other quotation marks or dashes", plain: (line) => withPlainPunctuation(line).replace(/\s+/g, "") },
  { reason: "it has other upper and lower case", plain: (line) => line.replace(/\s+/g, "").toLowerCase() },
];

/** Says, for a passage that a text does not have, which one comes nearest and how it differs. */
export function explainMiss(text: string, wanted: string): string {
  const plainText = withLineEnding(text, "\n");
  const plainWanted = withLineEnding(wanted, "\n");
  const mistake = mistakeInWriting(plainText, plainWanted);
  if (mistake !== undefined) return mistake;
  const lines = plainText.split("\n").slice(0, mostLinesCompared);
  const wantedLines = plainWanted.split("\n");
  const passage = nearlySame(lines, wantedLines) ?? mostSimilar(lines, wantedLines);
  if (passage === undefined) return "Nothing in it is similar. Read the file again.";
  return `The nearest passage differs: ${passage.reason}.\n${showPassage(lines, passage.start, wantedLines.length)}`;
}

/** The ways in which a model writes down a passage that it did see. */
function mistakeInWriting(text: string, wanted: string): string | undefined {
  const mask = findMask(wanted);
  if (mask !== undefined) {
    return `${mask} is not in it: that stands for a secret, which you are not shown. Give the text before or after it only.`;
  }
  const withoutNumbers = wanted.replace(/^ *\d+\t/gm, "");
  if (withoutNumbers !== wanted && text.includes(withoutNumbers)) {
    return "It would be found without the line numbers that Read puts before the lines.";
  }
  const unescaped = wanted
    .replace(/\\n/g, "\n")
    .replace(/\\t/g, "\t")
    .replace(/\\(["'`\\])/g, "$1");
  if (unescaped !== wanted && text.includes(unescaped)) {
    return "It would be found with one level of backslash escapes less.";
  }
  return undefined;
}

function nearlySame(lines: readonly string[], wanted: readonly string[]): Passage | undefined {
  for (const { reason, plain } of allowances) {
    const plainWanted = wanted.map(plain);
    if (plainWanted.every((line) => line === "")) return undefined;
    const plainLines = lines.map(plain);
    const start = plainLines.findIndex((_, index) => matchesAt(plainLines, index, plainWanted));
    if (start < 0) continue;
    const found = lines.slice(start, start + wanted.length);
    return { start, reason: reason === "it is indented differently" ? indentation(found, wanted) : reason };
  }
  return undefined;
}

/** The first and the last line of a passage may be parts of lines. */
function matchesAt(lines: readonly string[], start: number, wanted: readonly string[]): boolean {
  return wanted.every((line, index) => {
    const there = lines[start + index];
    if (there === undefined) return false;
    if (wanted.length === 1) return there.includes(line);
    if (index === 0) return there.endsWith(line);
    return index === wanted.length - 1 ? there.startsWith(line) : there === line;
  });
}

function indentation(found: readonly string[], wanted: readonly string[]): string {
  const indentedBy = (lines: readonly string[], blank: string) => lines.some((line) => line.startsWith(blank));
  if (indentedBy(found, "\t") && indentedBy(wanted, " ")) return "it is indented with tabs, old_string with spaces";
  if (indentedBy(found, " ") && indentedBy(wanted, "\t")) return "it is indented with spaces, old_string with tabs";
  return "it is indented differently";
}

/** Where the longest of the wanted lines has a line like it, and of these places the one where the others have, too. */
function mostSimilar(lines: readonly string[], wanted: readonly string[]): Passage | undefined {
  const anchor = wanted.reduce((longest, line) => (line.trim().length > longest.trim().length ? line : longest), "");
  const anchorIndex = wanted.indexOf(anchor);
  const [best] = lines
    .map((line, index) => ({ start: Math.max(0, index - anchorIndex), likeness: likenessTo(anchor, line) }))
    .filter(({ likeness }) => likeness >= leastSimilarity)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, mostPassagesCompared)
    .map(({ start, likeness }) => ({ start, likeness: likeness + likenessAt(lines, start, wanted) }))
    .sort((a, b) => b.likeness - a.likeness);
  if (best === undefined) return undefined;
  const { start } = best;
  const differing = wanted.findIndex((line, index) => lines[start + index] !== line);
  const line = lines[start + differing] ?? "";
  return { start, reason: `line ${start + differing + 1} is ${quoted(line)}, not ${quoted(wanted[differing] ?? "")}` };
}

function likenessTo(anchor: string, line: string): number {
  if (line.length * 3 < anchor.length || line.length > anchor.length * 3) return 0;
  return similarity(line.trim(), anchor.trim());
}

/** How alike a passage is, on the average of its lines. */
function likenessAt(lines: readonly string[], start: number, wanted: readonly string[]): number {
  const likenesses = wanted.map((line, index) => similarity(line.trim(), (lines[start + index] ?? "").trim()));
  return likenesses.reduce((sum, likeness) => sum + likeness, 0) / wanted.length;
}

function showPassage(lines: readonly string[], start: number, length: number): string {
  const end = Math.min(lines.length, start + Math.min(length, mostLinesShown));
  const shown = lines.slice(start, end).map((line, index) => `${String(start + index + 1).padStart(6)}\t${clip(line)}`);
  const cut = length - shown.length;
  return [...shown, ...(cut > 0 && end < lines.length ? [`(${cut} more lines)`] : [])].join("\n");
}

function withPlainPunctuation(line: string): string {
  return line
    .replace(/[\u2018\u2019\u201a\u2032`]/g, "'")
    .replace(/[\u201c\u201d\u201e\u2033]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/\u2026/g, "...");
}

function quoted(line: string): string {
  return JSON.stringify(clip(line));
}

function clip(line: string): string {
  return line.length <= mostLineCharacters ? line : `${line.slice(0, mostLineCharacters)}…`;
}
