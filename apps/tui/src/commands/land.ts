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
import { listenForInterruption } from "../interruption.ts";
import { jsonDocument } from "../json-document.ts";
import { listed } from "../listed.ts";
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
    const output = result.type === "conflict" ? stderr : stdout;
    output.write(`${escapeForTerminal(describe(result, session.branch, command))}\n`);
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

function describe(result: LandResult, branch: string, { preview, onto }: LandCommand): string {
  switch (result.type) {
    case "landed":
      return [
        `Landed ${branch}${onto === undefined ? "" : ` on ${onto}`} as ${result.commit.slice(0, 9)}: ${firstLine(result.message)}`,
        ...listed(result.paths),
      ].join("\n");
    case "would-land":
      return ["Would commit:", ...listed(result.paths), "", ...indented(result.message.trimEnd())].join("\n");
    case "applied":
      return [`${preview ? "Would change" : `Applied ${branch}, as uncommitted edits`}:`, ...listed(result.paths)].join(
        "\n",
      );
    case "up-to-date":
      return `Nothing to land: all of ${branch} is there already.`;
    case "conflict":
      return [
        `bough: ${branch} does not land, nothing was changed: you changed the same places in`,
        ...listed(result.paths),
        advice(result, branch, onto),
      ].join("\n");
    default:
      return result satisfies never;
  }
}

type Conflict = Extract<LandResult, { type: "conflict" }>;

function advice({ applies, mergingHelps }: Conflict, branch: string, onto: string | undefined): string {
  if (applies) return `Your files take it as uncommitted edits: bough land ${branch} --apply`;
  if (!mergingHelps) {
    return [
      "The session began with uncommitted changes of yours that are not there any more.",
      `To have its own with conflict markers in your files: bough diff ${branch} | git apply --3way`,
    ].join("\n");
  }
  const yours = onto ?? "<your branch>";
  const commit = onto === undefined ? "commit yours, then " : "";
  return `To bring the two together in the session: ${commit}bough merge ${yours} --into ${branch}`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

function indented(text: string): string[] {
  return text.split("\n").map((line) => (line === "" ? "" : `  ${line}`));
}
