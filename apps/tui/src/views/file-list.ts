import type { FileChange } from "@bough/gitstate";
import { fileName } from "../history/file-counts.ts";
import type { Line, Span } from "../text/line.ts";
import { widthOf } from "../text/width.ts";
import { pad, widthOfLine } from "../text/wrap.ts";

/** Rows that a file's changes are drawn on at most. */
const BAR = 20;

/** Lists files with how many of their lines changed, as numbers in columns and as a bar. */
export function fileList(files: readonly FileChange[], width: number): Line[] {
  const numbers = files.map(({ added, removed }) => ({
    added: added === undefined ? "" : `+${added}`,
    removed: removed === undefined ? "" : `−${removed}`,
  }));
  const column = (key: "added" | "removed") => Math.max(0, ...numbers.map((each) => widthOf(each[key])));
  const [addedWidth, removedWidth] = [column("added"), column("removed")];
  const bar = Math.min(BAR, Math.max(0, width - 60));
  const room = Math.max(8, width - addedWidth - removedWidth - bar - 6);
  const names = files.map((file) => fileName(file, room));
  const nameWidth = Math.max(0, ...names.map(widthOf));
  const most = Math.max(1, ...files.map(({ added = 0, removed = 0 }) => added + removed));
  return files
    .map((file, index): Line => {
      const { added = "", removed = "" } = numbers[index] ?? {};
      const isText = file.added !== undefined;
      const counts: Span[] = isText
        ? [
            { text: `  ${added.padStart(addedWidth)}`, style: { role: "added" } },
            { text: ` ${removed.padStart(removedWidth)}`, style: { role: "removed" } },
          ]
        : [{ text: "  binary", style: { role: "muted" } }];
      return [
        ...pad([{ text: names[index] ?? "" }], nameWidth),
        ...pad(counts, addedWidth + removedWidth + 3),
        ...barOf(file, bar, most),
      ];
    })
    .map((line) => (widthOfLine(line) > width ? line.slice(0, 2) : line));
}

function barOf({ added = 0, removed = 0 }: FileChange, length: number, most: number): Line {
  if (length === 0 || added + removed === 0) return [];
  const scale = Math.min(1, length / most);
  const cells = (count: number) => (count === 0 ? 0 : Math.max(1, Math.round(count * scale)));
  return [
    { text: `  ${"+".repeat(cells(added))}`, style: { role: "added" } },
    { text: "−".repeat(cells(removed)), style: { role: "removed" } },
  ];
}
