import { resolve } from "node:path";
import { Agent, type AgentOptions } from "@bough/agent";
import { forkSession, Repository } from "@bough/gitstate";
import type { BranchCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { runPrompt } from "./print.ts";

/** `bough branch`: forks a session from one of its moments, and goes on with the fork when there is a prompt. */
export async function branch(command: BranchCommand, streams: Streams): Promise<ExitCode> {
  const { prompt, from, before, after, name, json, ...run } = command;
  const { stdout } = streams;
  if (prompt !== undefined) {
    const open = async (options: AgentOptions) => {
      const agent = await Agent.fork({ ...options, from, before, after, branch: name });
      if (json) stdout.write(jsonDocument(placeOf(agent)));
      return agent;
    };
    return runPrompt({ ...run, prompt, apply: false }, streams, open);
  }
  const session = await forkSession(await Repository.open(resolve(command.cwd)), { from, before, after, name });
  const made = placeOf({ branch: session.branch, commit: session.tip, worktree: session.worktree });
  try {
    const { notices } = await session.ready;
    for (const notice of notices) streams.stderr.write(`${escapeForTerminal(notice)}\n`);
  } finally {
    await session.close();
  }
  if (json) stdout.write(jsonDocument(made));
  else stdout.write(escapeForTerminal(`${made.branch} stands at ${made.commit.slice(0, 9)}, in ${made.worktree}\n`));
  return exitCode.done;
}

function placeOf({ branch, commit, worktree }: { branch: string; commit: string; worktree: string }) {
  return { branch, commit, worktree };
}
