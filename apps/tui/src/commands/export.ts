import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { bundleSession, Repository, readTranscript } from "@bough/gitstate";
import type { ExportCommand } from "../command-line/parse.ts";
import { type ExitCode, ExitError, exitCode, UsageError } from "../exit-code.ts";
import { transcriptJson } from "../export/transcript-json.ts";
import { transcriptMarkdown } from "../export/transcript-markdown.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";

/** `bough export`: a session for others, as it is; only a terminal is shown what it would obey as escapes. */
export async function exportSession(command: ExportCommand, { stdout }: Streams): Promise<ExitCode> {
  const { format, output, cwd } = command;
  if (format === "bundle" && output === undefined && stdout.isTTY) {
    throw new UsageError("A bundle is nothing to read on a terminal. Name a file for it: -o session.bundle");
  }
  const content = await contentOf(command);
  if (output !== undefined) await writeFile(resolve(cwd, output), content).catch(cannotWrite);
  else stdout.write(stdout.isTTY && typeof content === "string" ? escapeForTerminal(content) : content);
  return exitCode.done;
}

async function contentOf({ branch, format, cwd }: ExportCommand): Promise<string | Uint8Array> {
  const repository = await Repository.open(resolve(cwd));
  switch (format) {
    case "md":
      return transcriptMarkdown(await readTranscript(repository, branch));
    case "json":
      return transcriptJson(await readTranscript(repository, branch));
    case "bundle":
      return bundleSession(repository, branch);
    default:
      return format satisfies never;
  }
}

function cannotWrite(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new ExitError(exitCode.badInput, `Cannot write the export: ${reason}`, { cause: error });
}
