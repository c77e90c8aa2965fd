import { resolve } from "node:path";
import {
  findRewindable,
  previewRewind,
  Repository,
  type RewindOptions,
  type RewindResult,
  resumeSession,
} from "@bough/gitstate";
import type { RewindCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { formatRewind } from "../history/format-rewind.ts";
import { pageOf } from "../history/page.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";

/** `bough rewind`: a session goes back to an earlier moment, by a new step. */
export async function rewind(command: RewindCommand, { stdout }: Streams): Promise<ExitCode> {
  const { target, only, preview } = command;
  const repository = await Repository.open(resolve(command.cwd));
  const revision = "after" in target ? target.after : undefined;
  const { session, commit } = await findRewindable(repository, { branch: command.branch, revision });
  const { branch } = session;
  const options = { ...(commit === undefined ? target : { after: commit }), only, preview };
  const result = await rewinding(repository, branch, options);
  stdout.write(command.json ? jsonDocument({ branch, ...result }) : formatRewind(result, branch, pageOf(stdout)));
  return exitCode.done;
}

async function rewinding(repository: Repository, branch: string, options: RewindOptions): Promise<RewindResult> {
  if (options.preview) return previewRewind(repository, branch, options);
  const session = await resumeSession(repository, branch);
  try {
    await session.recover({ name: "bough", email: "bough@localhost" });
    return await session.rewind(options);
  } finally {
    await session.close();
  }
}
