import { FileMissing, type GrepResult, grepFiles } from "@bough/sandbox";
import * as z from "zod";
import { defineTool } from "../tool.ts";
import { linesThatFit } from "./bounded-lines.ts";
import { flag, optional, wholeNumber } from "./input-fields.ts";
import { missingFile } from "./missing-file.ts";
import { shownPath } from "./shown-path.ts";

const defaultLimit = 100;
const mostMatches = 1_000;

/** Searches the contents of the files that git does not ignore. */
export const grepTool = defineTool({
  name: "Grep",
  description:
    "Searches file contents with a regular expression (ripgrep's) and gives matching lines as path:line:text, in the order " +
    "of paths. What git ignores is left out unless path names it.",
  effect: "read",
  input: z.object({
    pattern: z.string().min(1).describe("Regular expression to search for."),
    path: optional(z.string(), "File or folder to search, relative to the worktree; all of it unless given."),
    glob: optional(
      z.string(),
      "Which files to search: *.ts for names, src/**/*.ts for paths relative to path, !x for not x.",
    ),
    ignore_case: flag("Whether upper and lower case are the same."),
    literal: flag("Whether the pattern is plain text and not a regular expression."),
    context: wholeNumber(0, 50, "How many lines to give before and after each match."),
    limit: wholeNumber(1, mostMatches, `How many matching lines to give at most; ${defaultLimit} unless given.`),
  }),
  async execute(
    { pattern, path, glob, ignore_case, literal, context = 0, limit = defaultLimit },
    { files, mayRead, hiddenBy, signal },
  ) {
    const options = { pattern, path, glob, ignoreCase: ignore_case, literal, context, limit, mayRead, signal };
    try {
      return { text: showMatches(await grepFiles(files, options), { context, limit, hiddenBy }) };
    } catch (error) {
      if (error instanceof FileMissing && path !== undefined) throw await missingFile({ files, mayRead }, path);
      throw error;
    }
  },
});

function showMatches(
  result: GrepResult,
  { context, limit, hiddenBy }: { context: number; limit: number; hiddenBy: readonly string[] },
): string {
  const { lines, binaryFiles, more, warning } = result;
  const shown: string[] = [];
  for (const [index, { path, line, text, isMatch }] of lines.entries()) {
    const before = lines[index - 1];
    const follows = before?.path === path && before.line + 1 === line;
    if (context > 0 && before !== undefined && !follows) shown.push("--");
    const sign = isMatch ? ":" : "-";
    shown.push(`${shownPath(path)}${sign}${line}${sign}${text}`);
  }
  for (const path of binaryFiles) shown.push(`${shownPath(path)}: a binary file that matches`);
  const fitting = linesThatFit(shown);
  const notes: string[] = [];
  if (shown.length === 0) notes.push(more ? "The first match is too long to show." : "Nothing matches.");
  else if (fitting.length < shown.length)
    notes.push("More lines match than fit. Narrow the search with path, glob or pattern.");
  else if (more) {
    const count = lines.filter(({ isMatch }) => isMatch).length;
    const remedy = count < limit ? "Narrow the search" : "Give a higher limit or narrow the search";
    notes.push(`More than these ${count} lines match. ${remedy} with path, glob or pattern.`);
  }
  // Also when nothing was left out: or it would tell what is in those files, a guess at a time.
  if (hiddenBy.length > 0) notes.push(`Not searched: what may not be read by ${hiddenBy.join(", ")}.`);
  if (warning !== undefined) notes.push(`Not everything could be searched: ${warning}`);
  return [...fitting, ...notes.map((note) => `(${note})`)].join("\n");
}
