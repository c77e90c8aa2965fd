import { isAbsolute, join, resolve } from "node:path";
import { FileMissing, FileTooLarge, WorktreeFiles } from "@bough/sandbox";
import * as z from "zod";
import { defineTool, type ToolContext, type ToolOutput } from "../tool.ts";
import { linesThatFit } from "./bounded-lines.ts";
import { type ImageFile, isTooLarge, mostImageBytes, readImage } from "./image-file.ts";
import { filePath, wholeNumber } from "./input-fields.ts";
import { missingFile } from "./missing-file.ts";
import { outsidePath } from "./outside-path.ts";
import { shownPath } from "./shown-path.ts";
import { shownSize } from "./shown-size.ts";
import { decodeFile, type FileText } from "./text-file.ts";

const defaultLimit = 2_000;
const mostLineCharacters = 2_000;

/** Shows the model a file with line numbers, and remembers which version of it was shown. */
export const readTool = defineTool({
  name: "Read",
  description:
    "Reads a text file, or shows a picture (PNG, JPEG, GIF, WebP). Each line is given as its number, a tab and the text. " +
    "Long files are cut and say so: read on with offset.",
  effect: "read",
  input: z.object({
    file_path: filePath,
    offset: wholeNumber(1, Number.MAX_SAFE_INTEGER, "The line to start from, 1 for the first."),
    limit: wholeNumber(1, Number.MAX_SAFE_INTEGER, `How many lines to read at most; ${defaultLimit} unless given.`),
  }),
  async execute({ file_path, offset = 1, limit = defaultLimit }, context) {
    const { files, mayRead, hiddenBy, skills = [] } = context;
    const folder = skills.find((skill) => skill.folder !== undefined && isIn(skill.folder, file_path))?.folder;
    const source = folder === undefined ? files : new WorktreeFiles({ root: folder });
    const { path: found, bytes } = await readFile({ files: source, mayRead }, file_path);
    const path = folder === undefined ? found : outsidePath(join(folder, found), files);
    // Where a link leads may have changed since the call was permitted.
    if (!mayRead(path)) throw new Error(`${shownPath(path)} may not be read by ${hiddenBy.join(", ")}.`);
    if (folder === undefined) files.markSeen(path, bytes);
    const content = decodeFile(bytes);
    const name = shownPath(folder === undefined ? path : file_path);
    const image = readImage(bytes);
    if (image !== undefined) return showImage(image, { name, bytes });
    if (content.encoding === "binary") {
      return {
        text: `${name} is not a text file: ${content.kind}, ${shownSize(bytes.length)}. Nothing of it is shown.`,
      };
    }
    if (content.text === "") return { text: `${name} is empty.` };
    return { text: showLines(content, { name, offset, limit }) };
  },
});

function isIn(folder: string, path: string): boolean {
  return isAbsolute(path) && resolve(path).startsWith(`${folder}/`);
}

async function readFile({ files, mayRead }: Pick<ToolContext, "files" | "mayRead">, path: string) {
  const info = await files.stat(path);
  if (info?.kind === "folder") throw new Error(`${shownPath(info.path)} is a folder. Use Ls to see what is in it.`);
  try {
    return await files.read(path);
  } catch (error) {
    if (error instanceof FileMissing) throw await missingFile({ files, mayRead }, path);
    if (error instanceof FileTooLarge) {
      throw new Error(
        `${shownPath(path)} is too large to read (${shownSize(error.size)}). Use Grep, or Bash with sed -n.`,
        {
          cause: error,
        },
      );
    }
    throw error;
  }
}

function showImage(image: ImageFile, { name, bytes }: { name: string; bytes: Uint8Array }): ToolOutput {
  const { mediaType, width, height } = image;
  const text = `${name} is a picture: ${mediaType}, ${width} × ${height} pixels, ${shownSize(bytes.length)}.`;
  if (!isTooLarge(image, bytes)) return { text, image: { mediaType, bytes } };
  return { text: `${text} It is not shown: it may have ${shownSize(mostImageBytes)} and 8000 pixels a side at most.` };
}

function showLines(
  content: Exclude<FileText, { encoding: "binary" }>,
  part: { name: string; offset: number; limit: number },
): string {
  const { name, offset, limit } = part;
  const lines = linesOf(content.text);
  if (offset > lines.length) {
    throw new Error(`${name} has ${lines.length} lines, so there is no line ${offset}.`);
  }
  const width = Math.max(6, String(lines.length).length);
  const numbered = lines
    .slice(offset - 1, offset - 1 + limit)
    .map((line, index) => `${String(offset + index).padStart(width)}${line === "" ? "" : `\t${clip(line)}`}`);
  const shown = linesThatFit(numbered);
  const next = offset + shown.length;
  const notes = notesOn(content, lines.length);
  if (next <= lines.length) notes.push(`… lines ${next}-${lines.length} not shown; read on with offset ${next}`);
  return [...shown, ...notes.map((note) => `(${note})`)].join("\n");
}

/** The lines without what ends them; a last one without an end counts. */
function linesOf(text: string): string[] {
  const lines = text.replace(/^\ufeff/, "").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

function clip(line: string): string {
  if (line.length <= mostLineCharacters) return line;
  const start = line.slice(0, mostLineCharacters).replace(/[\ud800-\udbff]$/, "");
  return `${start} [… line clipped, ${line.length.toLocaleString("en")} characters in all]`;
}

function notesOn({ encoding, text }: Exclude<FileText, { encoding: "binary" }>, lineCount: number): string[] {
  const notes: string[] = [];
  const windowsEnds = text.match(/\r\n/g)?.length ?? 0;
  const ends = text.match(/\n/g)?.length ?? 0;
  if (windowsEnds > 0 && windowsEnds === ends) notes.push("lines end with CRLF");
  else if (windowsEnds > 0) notes.push(`${windowsEnds} of ${lineCount} lines end with CRLF, the others with LF`);
  if (encoding === "latin1") notes.push("not UTF-8, shown as Latin-1");
  if (encoding.startsWith("utf-16")) notes.push(`stored as ${encoding.toUpperCase()}`);
  if (encoding === "utf-8" && text.startsWith("\ufeff")) notes.push("starts with a byte order mark");
  if (!text.endsWith("\n")) notes.push("no line break at the end of the file");
  return notes;
}
