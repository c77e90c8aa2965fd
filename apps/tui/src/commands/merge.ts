import { resolve } from "node:path";
import { findLandable, type MergePreview, type MergeResult, previewMerge, Repository } from "@bough/gitstate";
import type { MergeCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode, UsageError } from "../exit-code.ts";
import { describeMerge } from "../history/describe-merge.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { withSession } from "./with-session.ts";

/** `bough merge`: a session's changes, or newer commits of the user's branch, into a session. */
export async function merge(command: MergeCommand, streams: Streams): Promise<ExitCode> {
  const repository = await Repository.open(resolve(command.cwd));
  const into = await findLandable(repository, command.into);
  const { stdout, stderr } = streams;
  const { branch, preview } = command;
  if ([into.branch, into.id].some((name) => name === branch || name === `bough/${branch}`)) {
    throw new UsageError(`${into.branch} cannot go into itself. Say which session it goes into: --into <branch>`);
  }
  const result = preview
    ? withoutDiff(await previewMerge(repository, { other: branch, into }))
    : await withSession({ repository, branch: into.branch }, streams, (session) => session.merge(branch));
  if (command.json) stdout.write(jsonDocument({ branch: into.branch, ...result }));
  else {
    const again = `Make one side give way and merge again, as with: bough -p "<what to change>" --resume ${into.branch}`;
    const text = escapeForTerminal(describeMerge(result, { branch, into: into.branch, again }));
    if (result.type === "conflict") stderr.write(`bough: ${text}\n`);
    else stdout.write(`${text}\n`);
  }
  return result.type === "conflict" ? exitCode.failed : exitCode.done;
}

/** The JSON of a preview has the form of a merge's. */
function withoutDiff(preview: MergePreview): MergeResult {
  return preview.type === "would-merge" ? { type: preview.type, paths: preview.paths } : preview;
}
