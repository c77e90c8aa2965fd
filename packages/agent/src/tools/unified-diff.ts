import { linesThatFit } from "./bounded-lines.ts";

const contextLines = 3;
const mostBytes = 8_000;
const mostChangedLines = 2_000;
const mostLineCharacters = 500;

/** The hunks of a unified diff, cut and said to be when they are long; empty when nothing differs. */
export async function unifiedDiff(before: string, after: string): Promise<string> {
  const { structuredPatch } = await import("diff");
  const patch = structuredPatch("", "", before, after, undefined, undefined, {
    context: contextLines,
    // Beyond this the time it takes grows with the square.
    maxEditLength: mostChangedLines,
  });
  if (patch === undefined) return "(too many lines differ to show them)";
  const lines = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`,
    // A blank line of context is told apart by nothing that stands in it, and reads better in a commit without a blank.
    ...lines.map((line) => clip(line.replace(/^ $|\r$/, ""))),
  ]);
  const shown = linesThatFit(lines, mostBytes);
  const cut = lines.length - shown.length;
  return [...shown, ...(cut > 0 ? [`(${cut} more lines of the diff not shown)`] : [])].join("\n");
}

function clip(line: string): string {
  if (line.length <= mostLineCharacters) return line;
  const start = line.slice(0, mostLineCharacters).replace(/[\ud800-\udbff]$/, "");
  return `${start} [… line clipped, ${line.length.toLocaleString("en")} characters in all]`;
}

/** As git writes it: a range of no lines comes after the line it names. */
function range(start: number, length: number): string {
  return `${length === 0 ? start - 1 : start},${length}`;
}
