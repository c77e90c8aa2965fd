import type { Diff, FileChange } from "@bough/gitstate";
import { oneLine } from "../one-line.ts";
import type { Styles } from "../styles.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { fileName, lineCounts } from "./file-counts.ts";
import type { Page } from "./page.ts";
import { sideBySide } from "./side-by-side.ts";

const ID_LENGTH = 9;

/** How a difference is laid out, where it is not as a patch. */
type Layout = "stat" | "side-by-side" | undefined;

/** Writes what differs between two commits: which they are, the files, and the lines unless only `stat` is wanted. */
export function formatDiff({ from, to, branch, since, files, diff }: Diff, page: Page, layout: Layout): string {
  const { look, width } = page;
  const second = branch ?? (since === undefined ? undefined : to.slice(0, ID_LENGTH));
  const names = [since, second].filter((name) => name !== undefined).join(" → ");
  const name = names === "" ? "" : `  ${oneLine(names, width - 2 * ID_LENGTH - 5)}`;
  const sections = [
    `${look.accent(`${from?.slice(0, ID_LENGTH) ?? "nothing"} → ${to.slice(0, ID_LENGTH)}`)}${look.bold(name)}`,
    formatFiles(files, page),
    formatLines(diff, page, layout),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function formatLines(diff: string, page: Page, layout: Layout): string {
  if (diff === "" || layout === "stat") return "";
  return layout === "side-by-side" ? sideBySide(diff, page) : formatPatch(diff, page.look);
}

/** Lists files with how many of their lines changed, and the sum of several. */
export function formatFiles(files: readonly FileChange[], { look, width }: Page): string {
  if (files.length === 0) return look.dim("No file changed.");
  const names = files.map((file) => fileName(file, width - 20));
  const column = Math.max(...names.map((name) => Array.from(name).length));
  const lines = files.map((file, i) => ` ${(names[i] ?? "").padEnd(column)}  ${lineCounts([file], look)}`.trimEnd());
  if (files.length > 1) lines.push(look.dim(` ${files.length} files `.padEnd(column + 3)) + lineCounts(files, look));
  return lines.join("\n");
}

/** Writes a patch with its lines told apart by colour. */
export function formatPatch(diff: string, look: Styles): string {
  let isHeader = false;
  return diff
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => {
      if (line.startsWith("diff --git ")) isHeader = true;
      else if (line.startsWith("@@")) isHeader = false;
      return styleDiffLine(escapeForTerminal(line), isHeader, look);
    })
    .join("\n");
}

function styleDiffLine(line: string, isHeader: boolean, look: Styles): string {
  if (isHeader) return line.startsWith("diff --git ") ? look.bold(line) : look.dim(line);
  if (line.startsWith("@@")) return look.accent(line);
  if (line.startsWith("+")) return look.added(line);
  return line.startsWith("-") ? look.removed(line) : line;
}
