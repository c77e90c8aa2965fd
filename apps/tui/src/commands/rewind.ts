import { resolve } from "node:path";
import { findRewindable, previewRewind, Repository } from "@bough/gitstate";
import type { RewindCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { formatRewind } from "../history/format-rewind.ts";
import { pageOf } from "../history/page.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";
import { withSession } from "./with-session.ts";

/** `bough rewind`: a session goes back to an earlier moment, by a new step. */
export async function rewind(command: RewindCommand, streams: Streams): Promise<ExitCode> {
  const { stdout } = streams;
  const { target, only, preview } = command;
  const repository = await Repository.open(resolve(command.cwd));
  const revision = "after" in target ? target.after : undefined;
  const { session, commit } = await findRewindable(repository, { branch: command.branch, revision });
  const { branch } = session;
  const options = { ...(commit === undefined ? target : { after: commit }), only, preview };
  const result = preview
    ? await previewRewind(repository, branch, options)
    : await withSession({ repository, branch }, streams, (session) => session.rewind(options));
  stdout.write(command.json ? jsonDocument({ branch, ...result }) : formatRewind(result, branch, pageOf(stdout)));
  return exitCode.done;
}
