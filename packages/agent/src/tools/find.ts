import { FileMissing, type FindResult, findFiles } from "@bough/sandbox";
import * as z from "zod";
import { defineTool } from "../tool.ts";
import { linesThatFit } from "./bounded-lines.ts";
import { optional, wholeNumber } from "./input-fields.ts";
import { missingFile } from "./missing-file.ts";
import { shownPath } from "./shown-path.ts";

const defaultLimit = 500;
const mostPaths = 5_000;

/** Finds files and folders by name among those that git does not ignore. */
export const findTool = defineTool({
  name: "Find",
  description:
    "Finds files and folders by a glob and gives their paths in order, folders with a slash at the end. Left out are what git " +
    "ignores, links, and folders without a file; Ls shows those.",
  effect: "read",
  input: z.object({
    pattern: optional(z.string(), "Glob: *.ts for names in any folder, src/**/*.ts for paths relative to path."),
    path: optional(z.string(), "Folder to look in, relative to the worktree; all of it unless given."),
    type: optional(z.enum(["file", "directory"]), "Gives just files, or just folders."),
    limit: wholeNumber(1, mostPaths, `How many paths to give at most; ${defaultLimit} unless given.`),
  }),
  async execute({ pattern, path, type, limit = defaultLimit }, { files, mayRead, hiddenBy, signal }) {
    try {
      const found = await findFiles(files, { pattern, path, type, limit, mayRead, signal });
      return { text: showPaths(found, { pattern, hiddenBy }) };
    } catch (error) {
      if (error instanceof FileMissing && path !== undefined) throw await missingFile({ files, mayRead }, path);
      throw error;
    }
  },
});

function showPaths(
  { paths, total, hidden, warning }: FindResult,
  { pattern, hiddenBy }: { pattern: string | undefined; hiddenBy: readonly string[] },
): string {
  const shown = linesThatFit(paths.map(shownPath));
  const notes: string[] = [];
  if (hidden > 0) notes.push(`${hidden} left out, which may not be read by ${hiddenBy.join(", ")}.`);
  if (total === 0 && hidden === 0) {
    const isWholeName = pattern !== undefined && !/[*?[{]/.test(pattern);
    notes.push(
      isWholeName ? `Nothing has this name. For a part of a name search for *${pattern}*.` : "Nothing was found.",
    );
  } else if (shown.length < total) {
    notes.push(`${total - shown.length} more of ${total} not shown. Narrow the search with path or pattern.`);
  }
  if (warning !== undefined) notes.push(`Not everything could be searched: ${warning}`);
  return [...shown, ...notes.map((note) => `(${note})`)].join("\n");
}
