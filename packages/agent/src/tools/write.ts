import { FileChanged, FileMissing, type WorktreeFiles } from "@bough/sandbox";
import * as z from "zod";
import { defineTool } from "../tool.ts";
import { filePath } from "./input-fields.ts";
import { lineEnding, withLineEnding } from "./line-endings.ts";
import { refuseMasks } from "./refuse-masks.ts";
import { shownPath } from "./shown-path.ts";
import { shownSize } from "./shown-size.ts";
import { decodeFile, encodeText, type TextEncoding } from "./text-file.ts";
import { unifiedDiff } from "./unified-diff.ts";

/** Creates a file or replaces all of it, unless the model does not know what it would be replacing. */
export const writeTool = defineTool({
  name: "Write",
  description:
    "Creates a file with this content, or replaces all of a file that you have read. Folders are made as needed. " +
    "To change parts of a file use Edit.",
  effect: "edit",
  input: z.object({ file_path: filePath, content: z.string().describe("All that the file is to hold.") }),
  async execute({ file_path, content }, { files, mayRead }) {
    if (!content.isWellFormed()) throw new Error("The content holds half a surrogate pair, which no file can hold.");
    const before = await existing(files, file_path);
    if (before !== undefined && before.bytes.length > 0) refuseUnlessKnown(files, before);
    if (before !== undefined) refuseMasks(Buffer.from(before.bytes).toString(), content);
    const { text, encoding, notes } = keepingConventions(before?.bytes, content);
    const bytes = encodeText(text, encoding);
    if (bytes === undefined) throw new Error(unencodable(before?.path ?? file_path));
    if (before !== undefined && Buffer.compare(before.bytes, bytes) === 0) {
      return { text: `${shownPath(before.path)} already holds exactly this.` };
    }
    const { path, created } = await files.write(file_path, bytes, { expected: before?.bytes ?? "nothing" });
    files.markSeen(path, bytes);
    const size = `${shownLines(text)}, ${shownSize(bytes.length)}`;
    const summary = [`${created ? "Created" : "Replaced"} ${shownPath(path)} (${size}).`, ...notes].join(" ");
    const diff = before === undefined || !mayRead(before.path) ? "" : await diffFrom(before.bytes, text);
    return { text: diff === "" ? summary : `${summary}\n${diff}`, changed: [path] };
  },
});

async function existing(files: WorktreeFiles, path: string) {
  try {
    return await files.read(path);
  } catch (error) {
    if (error instanceof FileMissing) return undefined;
    throw error;
  }
}

function refuseUnlessKnown(files: WorktreeFiles, { path, bytes }: { path: string; bytes: Uint8Array }): void {
  const seen = files.seen(path, bytes);
  if (seen === "earlier-version") throw new FileChanged(path);
  if (seen === "never") {
    throw new Error(`${shownPath(path)} exists and you have not read it. Read it first, or use Edit to change a part.`);
  }
}

/**
 * Read shows neither CRs nor the byte order mark, nor how characters are stored, so a model that writes without regard to
 * them did not mean to change them.
 */
function keepingConventions(
  before: Uint8Array | undefined,
  content: string,
): { text: string; encoding: TextEncoding; notes: string[] } {
  const old = before === undefined ? undefined : decodeFile(before);
  if (old === undefined || old.encoding === "binary") return { text: content, encoding: "utf-8", notes: [] };
  const notes: string[] = [];
  let text = content;
  if (lineEnding(old.text) === "\r\n" && !content.includes("\r\n") && content.includes("\n")) {
    text = withLineEnding(text, "\r\n");
    notes.push("Its CRLF line endings were kept.");
  }
  if (old.text.startsWith("\ufeff") && !content.startsWith("\ufeff")) {
    text = `\ufeff${text}`;
    notes.push("Its byte order mark was kept.");
  }
  if (old.encoding !== "utf-8") notes.push(`It is stored as ${old.encoding.toUpperCase()}, as before.`);
  return { text, encoding: old.encoding, notes };
}

async function diffFrom(before: Uint8Array, after: string): Promise<string> {
  const old = decodeFile(before);
  return old.encoding === "binary" ? "" : unifiedDiff(old.text, after);
}

function unencodable(path: string): string {
  return (
    `${shownPath(path)} is not UTF-8, and the content has characters that Latin-1 lacks; nothing was written. ` +
    "To have it as UTF-8, convert it with Bash (iconv) first."
  );
}

function shownLines(text: string): string {
  const ends = text.match(/\n/g)?.length ?? 0;
  const lines = text === "" || text.endsWith("\n") ? ends : ends + 1;
  return lines === 1 ? "1 line" : `${lines} lines`;
}
