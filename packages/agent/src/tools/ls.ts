import { posix } from "node:path";
import { FileMissing, type FolderEntry } from "@bough/sandbox";
import * as z from "zod";
import { defineTool } from "../tool.ts";
import { linesThatFit } from "./bounded-lines.ts";
import { optional } from "./input-fields.ts";
import { missingFile } from "./missing-file.ts";
import { shownPath } from "./shown-path.ts";
import { shownSize } from "./shown-size.ts";

/** Lists one folder, what git ignores included. */
export const lsTool = defineTool({
  name: "Ls",
  description: "Lists one folder: its folders, then its files with their sizes and its links with where they lead.",
  effect: "read",
  input: z.object({
    path: optional(z.string(), "Folder to list, relative to the worktree; the worktree unless given."),
  }),
  async execute({ path = "." }, { files, mayRead, hiddenBy }) {
    const info = await files.stat(path);
    if (info === undefined) throw await missingFile({ files, mayRead }, path);
    if (info.kind !== "folder")
      throw new Error(`${shownPath(info.path)} is not a folder. Use Read to see what is in it.`);
    try {
      const entries = await files.list(path);
      const shown = entries.filter(({ name }) => mayRead(posix.join(info.path, name)));
      const hidden = entries.length - shown.length;
      if (hidden === 0) return { text: showEntries(entries) };
      const note = `(${hidden} left out, which may not be read by ${hiddenBy.join(", ")}.)`;
      return { text: shown.length === 0 ? note : `${showEntries(shown)}\n${note}` };
    } catch (error) {
      if (error instanceof FileMissing) throw await missingFile({ files, mayRead }, path);
      throw error;
    }
  },
});

function showEntries(entries: readonly FolderEntry[]): string {
  if (entries.length === 0) return "(The folder is empty.)";
  const folders = entries.filter(({ kind }) => kind === "folder");
  const others = entries.filter(({ kind }) => kind !== "folder");
  const lines = [...folders, ...others].map(showEntry);
  const shown = linesThatFit(lines);
  const cut = lines.length - shown.length;
  return [...shown, ...(cut > 0 ? [`(${cut} more of ${lines.length} not shown. Use Find with a pattern.)`] : [])].join(
    "\n",
  );
}

function showEntry({ name, kind, size, target = "" }: FolderEntry): string {
  switch (kind) {
    case "folder":
      return `${shownPath(name)}/`;
    case "link":
      return `${shownPath(name)} -> ${shownPath(target)}`;
    case "file":
      return `${shownPath(name)}  ${shownSize(size)}`;
    case "other":
      return `${shownPath(name)}  (a pipe, socket or device)`;
    default:
      return kind satisfies never;
  }
}
