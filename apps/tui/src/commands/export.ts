import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { bundleSession, Repository, readTranscript } from "@bough/gitstate";
import type { ExportCommand } from "../command-line/parse.ts";
import { type ExitCode, ExitError, exitCode, UsageError } from "../exit-code.ts";
import { transcriptJson } from "../export/transcript-json.ts";
import { transcriptMarkdown } from "../export/transcript-markdown.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";

/** `bough export`: a session for others; what a terminal would obey or hide is written as escapes, wherever it goes. */
export async function exportSession(command: ExportCommand, { stdout }: Streams): Promise<ExitCode> {
  const { format, output, cwd } = command;
  if (format === "bundle" && output === undefined && stdout.isTTY) {
    throw new UsageError("A bundle is nothing to read on a terminal. Name a file for it: -o session.bundle");
  }
  const content = await contentOf(command);
  if (output === undefined) stdout.write(content);
  else await writeFile(resolve(cwd, output), content).catch((error: unknown) => cannotWrite(output, error));
  return exitCode.done;
}

async function contentOf({ branch, format, cwd }: ExportCommand): Promise<string | Uint8Array> {
  const repository = await Repository.open(resolve(cwd));
  switch (format) {
    case "md":
      return escapeForTerminal(transcriptMarkdown(await readTranscript(repository, branch)));
    case "json":
      return transcriptJson(await readTranscript(repository, branch));
    case "bundle":
      return bundleSession(repository, branch);
    default:
      return format satisfies never;
  }
}

function cannotWrite(file: string, error: unknown): never {
  const reason = error instanceof Error ? reasonOf(error) : String(error);
  const message = `Cannot write the export to ${file}: ${reason}. Name another file with -o.`;
  throw new ExitError(exitCode.badInput, message, { cause: error });
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
      return "there is no such folder";
    case "EISDIR":
      return "it is a folder";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "you may not write there";
    default:
      return error.message;
  }
}
