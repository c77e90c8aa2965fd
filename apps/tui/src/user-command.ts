import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { expandCommand, loadCommands, type Settings, type UserCommand } from "@bough/agent";
import { nearest } from "./command-line/nearest.ts";
import { ExitError, exitCode } from "./exit-code.ts";
import type { Streams } from "./streams.ts";
import { escapeForTerminal } from "./terminal-text.ts";

/** A prompt as it is sent, and the model that its command is for. */
export interface ExpandedPrompt {
  readonly prompt: string | undefined;
  readonly model?: string;
}

/**
 * Makes a prompt of `/name arguments` where that is a command of the user's. A path (`/usr/bin …`) is none, and neither
 * is a name at the root of the file system.
 */
export async function expandPrompt(
  { prompt, cwd: given }: { readonly prompt: string | undefined; readonly cwd: string },
  { rules }: Pick<Settings, "rules">,
  { stderr }: Pick<Streams, "stderr">,
): Promise<ExpandedPrompt> {
  const [, name, args = ""] = /^\/([^\s/]+)(?:\s+(.*))?$/s.exec(prompt ?? "") ?? [];
  if (name === undefined) return { prompt };
  const cwd = resolve(given);
  const { commands, warnings } = await loadCommands({ cwd });
  for (const line of warnings) stderr.write(`${escapeForTerminal(line)}\n`);
  const command = commands.find((each) => each.name === name);
  if (command !== undefined)
    return { prompt: await expandCommand(command, { args, cwd, rules }), model: command.model };
  if (existsSync(`/${name}`)) return { prompt };
  throw unknownCommand(name, commands);
}

function unknownCommand(name: string, commands: readonly UserCommand[]): ExitError {
  const names = commands.map((each) => each.name);
  const near = nearest(name, names);
  const known =
    names.length === 0
      ? "There are none; one is a file such as .bough/commands/review.md."
      : `Commands: /${names.join(", /")}.`;
  const hint = near === undefined ? known : `Did you mean /${near}?`;
  return new ExitError(
    exitCode.badInput,
    `There is no command /${name}. ${hint} A prompt that is to begin like that begins with a blank.`,
  );
}
