import { FileMissing, type WorktreeFiles } from "@bough/sandbox";
import * as z from "zod";
import { defineTool, type ToolContext } from "../tool.ts";
import { filePath, flag, optional } from "./input-fields.ts";
import { missingFile } from "./missing-file.ts";
import { explainMiss } from "./nearest-passage.ts";
import { refuseMasks } from "./refuse-masks.ts";
import { replaceText } from "./replace-text.ts";
import { shownPath } from "./shown-path.ts";
import { decodeFile, encodeText, type TextEncoding } from "./text-file.ts";
import { unifiedDiff } from "./unified-diff.ts";

const mostLinesNamed = 10;

const passages = {
  old_string: z.string().describe("The passage to replace, exactly as it is in the file and without line numbers."),
  new_string: z.string().describe("What to put in its place."),
  replace_all: flag("Whether to replace every occurrence; without it there has to be exactly one."),
};

interface Edit {
  readonly old_string: string;
  readonly new_string: string;
  readonly replace_all?: boolean;
}

/** Replaces passages of a file, all of them or none. */
export const editTool = defineTool({
  name: "Edit",
  description:
    "Replaces a passage of a file by another: give old_string and new_string, or edits for several, which are made one after " +
    "the other and all or none. A passage has to occur exactly once unless replace_all is set; add lines around it to " +
    "tell it from others. An empty old_string fills a file that is missing or empty.",
  effect: "edit",
  input: z
    .object({
      file_path: filePath,
      old_string: optional(z.string(), passages.old_string.description ?? ""),
      new_string: optional(z.string(), passages.new_string.description ?? ""),
      replace_all: passages.replace_all,
      edits: optional(z.array(z.object(passages)), "Several replacements, instead of old_string and new_string."),
    })
    .transform(({ file_path, old_string, new_string, replace_all, edits = [] }, context) => {
      if (old_string !== undefined && new_string !== undefined && edits.length === 0) {
        return { file_path, edits: [{ old_string, new_string, replace_all }] };
      }
      if (old_string === undefined && new_string === undefined && edits.length > 0) return { file_path, edits };
      context.addIssue("Give either old_string and new_string, or edits.");
      return z.NEVER;
    }),
  async execute({ file_path, edits }, context) {
    const { files } = context;
    const before = await readForEdit(context, file_path, edits);
    const text = edits.reduce((current, edit, index) => {
      return applyEdit(current, edit, {
        name: shownPath(before.path),
        number: edits.length > 1 ? index + 1 : undefined,
      });
    }, before.text);
    if (before.bytes !== undefined) refuseMasks(before.text, text);
    if (text === before.text) throw new Error("The edits leave the file as it is; nothing was written.");
    const bytes = encodeText(text, before.encoding);
    if (bytes === undefined) throw new Error(unencodable(before));
    const known = before.bytes === undefined || files.seen(before.path, before.bytes) === "this-version";
    const { path, created } = await files.write(file_path, bytes, { expected: before.bytes ?? "nothing" });
    // Whoever knew the file before knows it now; whoever only saw a passage does not.
    if (known) files.markSeen(path, bytes);
    const diff = await unifiedDiff(before.text, text);
    return { text: `${created ? "Created" : "Edited"} ${shownPath(path)}.\n${diff}`, changed: [path] };
  },
});

interface FileToEdit {
  readonly path: string;
  readonly text: string;
  readonly encoding: TextEncoding;
  /** Undefined when there is no file yet. */
  readonly bytes: Uint8Array | undefined;
}

async function readForEdit(
  { files, mayRead, hiddenBy }: ToolContext,
  given: string,
  edits: readonly Edit[],
): Promise<FileToEdit> {
  let file: Awaited<ReturnType<WorktreeFiles["read"]>>;
  try {
    file = await files.read(given);
  } catch (error) {
    if (!(error instanceof FileMissing)) throw error;
    if (edits[0]?.old_string !== "") throw await missingFile({ files, mayRead }, given);
    return { path: files.resolve(given), text: "", encoding: "utf-8", bytes: undefined };
  }
  const { path, bytes } = file;
  // What is around a passage, and whether it is there at all, would be told.
  if (!mayRead(path)) {
    throw new Error(`${shownPath(path)} may not be read by ${hiddenBy.join(", ")}, so parts of it cannot be changed.`);
  }
  const content = decodeFile(bytes);
  if (content.encoding === "binary") throw new Error(`${shownPath(path)} is not a text file (${content.kind}).`);
  if (encodeText(content.text, content.encoding)?.equals(bytes) !== true) {
    throw new Error(
      `${shownPath(path)} has bytes that are not ${content.encoding.toUpperCase()}. Change it with Bash.`,
    );
  }
  return { path, bytes, text: content.text, encoding: content.encoding };
}

function applyEdit(text: string, edit: Edit, at: { name: string; number: number | undefined }): string {
  const refuse = (problem: string): never => {
    throw new Error(at.number === undefined ? problem : `Edit ${at.number}: ${problem} None of the edits was made.`);
  };
  const { old_string, new_string, replace_all = false } = edit;
  if (old_string === new_string) return refuse("old_string and new_string are the same.");
  if (old_string === "") {
    if (text !== "") return refuse(`old_string is empty, but ${at.name} is not. Give the passage to replace.`);
    return new_string;
  }
  const result = replaceText(text, { old: old_string, new: new_string, all: replace_all });
  switch (result.type) {
    case "replaced":
      return result.text === text
        ? refuse("It changes line ends only, which Edit keeps. Use Bash for that.")
        : result.text;
    case "missing":
      return refuse(`old_string is not in ${at.name}. ${explainMiss(text, old_string)}`);
    case "ambiguous":
      return refuse(
        `old_string occurs ${result.lines.length} times in ${at.name}, in ${shownLines(result.lines)}. ` +
          "Add lines around it so that it occurs once, or set replace_all.",
      );
    default:
      return result satisfies never;
  }
}

function shownLines(lines: readonly number[]): string {
  const named = lines.slice(0, mostLinesNamed).join(", ");
  return `lines ${named}${lines.length > mostLinesNamed ? ", …" : ""}`;
}

function unencodable({ path, encoding }: FileToEdit): string {
  if (encoding === "latin1") return `${shownPath(path)} is not UTF-8; only characters of Latin-1 can be put into it.`;
  return "new_string holds half a surrogate pair, which no file can hold.";
}
