import { resolve } from "node:path";
import { forkSession, Repository } from "@bough/gitstate";
import type { BranchCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { print } from "./print.ts";

/** `bough branch`: forks a session from one of its moments, and goes on with it when there is a prompt. */
export async function branch(command: BranchCommand, streams: Streams): Promise<ExitCode> {
  const { prompt, from, before, after, name, json, ...run } = command;
  const repository = await Repository.open(resolve(command.cwd));
  const session = await forkSession(repository, { from, before, after, name });
  const made = { branch: session.branch, commit: session.tip, worktree: session.worktree };
  try {
    await session.ready;
  } finally {
    await session.close();
  }
  if (json) streams.stdout.write(jsonDocument(made));
  else if (prompt === undefined) {
    streams.stdout.write(
      escapeForTerminal(`${made.branch} stands at ${made.commit.slice(0, 9)}, in ${made.worktree}\n`),
    );
  }
  if (prompt === undefined) return exitCode.done;
  const start = { from: "revision", revision: made.branch } as const;
  return print({ ...run, command: "print", prompt, start, apply: false }, streams);
}
