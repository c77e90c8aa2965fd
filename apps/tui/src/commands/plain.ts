import { resolve } from "node:path";
import { Repository } from "@bough/gitstate";
import { withAgentFile } from "../agent-file.ts";
import type { PlainCommand } from "../command-line/parse.ts";
import type { ExitCode } from "../exit-code.ts";
import { instructionsFor } from "../instructions.ts";
import { askOnTerminal } from "../plain/ask-on-terminal.ts";
import { Repl } from "../plain/repl.ts";
import type { Program } from "../program/program.ts";
import { settingsFor } from "../settings.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { agentOptions, modelForNew } from "./agent-options.ts";

/** `bough --plain`: agents, tabs and commands a line at a time. */
export async function plain(given: PlainCommand, streams: Streams): Promise<ExitCode> {
  const command = await withAgentFile(given);
  const { prompt, start, cwd } = command;
  await Repository.open(resolve(cwd));
  const settings = await settingsFor(command, streams, askOnTerminal(streams));
  const chosen = modelForNew(command, settings);
  if (chosen !== undefined && start.from === "checkout" && chosen.reason !== "--model") {
    streams.stderr.write(`model ${escapeForTerminal(chosen.name)} (from ${chosen.reason})\n`);
  }
  const told = await instructionsFor(command, settings, streams);
  const repl = new Repl({
    streams,
    prompt,
    agent: { ...agentOptions(command, settings), ...told, model: chosen?.name },
    first: start.from === "checkout" ? start : {},
    open: start.from === "checkout" ? undefined : (program) => resume(program, command),
  });
  return repl.run();
}

/** The session takes the place of the new one that the program begins with. */
async function resume(program: Program, { start, model }: PlainCommand): Promise<void> {
  const [unused] = program.tabs;
  await program.resume(start.from === "revision" ? start.revision : undefined, { model });
  if (unused !== undefined) await program.close(unused);
}
