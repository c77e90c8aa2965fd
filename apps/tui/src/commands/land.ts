import { resolve } from "node:path";
import {
  type FoundLandable,
  findLandable,
  type LandOptions,
  type LandResult,
  landSession,
  Repository,
} from "@bough/gitstate";
import type { LandCommand } from "../command-line/parse.ts";
import { type ExitCode, ExitError, exitCode } from "../exit-code.ts";
import { describeLanding } from "../history/describe-landing.ts";
import { listenForInterruption } from "../interruption.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { withSession } from "./with-session.ts";

/** `bough land`: the agent's changes on the user's branch, or as uncommitted edits. */
export async function land(command: LandCommand, streams: Streams): Promise<ExitCode> {
  const { stdout, stderr } = streams;
  const repository = await Repository.open(resolve(command.cwd));
  const session = await findLandable(repository, command.branch);
  const onNotice = (text: string) => stderr.write(`${escapeForTerminal(text)}\n`);
  using interruption = listenForInterruption();
  const { mode, onto, preview } = command;
  const options = { mode, onto, preview, signal: interruption.signal, onNotice };
  const result = await landing({ repository, session, options }, streams).catch((error: unknown) => {
    if (interruption.exitCode === undefined) throw error;
    const message = `Interrupted: ${session.branch} was not landed, and everything is as it was before.`;
    throw new ExitError(interruption.exitCode, message, { cause: error });
  });
  if (result.type === "landed" && onto === undefined && (await repository.head()).branch === undefined) {
    onNotice(`HEAD is detached, so no branch leads there. To keep it: git branch <name> ${result.commit.slice(0, 9)}`);
  }
  if (command.json) stdout.write(jsonDocument({ branch: session.branch, ...result }));
  else {
    const { branch } = session;
    const yours = command.onto ?? "<your branch>";
    const [apply, merge] = [`bough land ${branch} --apply`, `bough merge ${yours} --into ${branch}`];
    const text = escapeForTerminal(describeLanding(result, { ...command, branch, apply, merge }));
    if (result.type === "conflict") stderr.write(`bough: ${text}\n`);
    else stdout.write(`${text}\n`);
  }
  return result.type === "conflict" ? exitCode.failed : exitCode.done;
}

/** What somebody changed by hand in the session's worktree lands too, unless an agent is at work there. */
async function landing(
  { repository, session, options }: { repository: Repository; session: FoundLandable; options: LandOptions },
  streams: Streams,
): Promise<LandResult> {
  if (options.preview || session.isHeld || session.isWithoutWorktree) return landSession(repository, session, options);
  return withSession({ repository, branch: session.branch }, streams, async (opened) => {
    await opened.commitByHand();
    return landSession(repository, opened, options);
  });
}
