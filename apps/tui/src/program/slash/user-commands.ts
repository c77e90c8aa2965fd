import { expandCommand, loadCommands, type UserCommand } from "@bough/agent";
import { oneLine } from "../../one-line.ts";
import type { Program } from "../program.ts";
import type { SlashCall, SlashCommand } from "./command.ts";

/** What is said of a command on its line, at most. */
const LONGEST_HELP = 120;

/** The user's own commands and those of the repository, and what of their files is not used. */
export interface UserCommands {
  readonly commands: readonly SlashCommand[];
  readonly warnings: readonly string[];
}

/** Reads the commands that are kept in Markdown files; each sends the prompt that its file makes of what follows it. */
export async function userCommands({ cwd }: Pick<Program, "cwd">): Promise<UserCommands> {
  const { commands, warnings } = await loadCommands({ cwd });
  return { commands: commands.map(slashCommandOf), warnings };
}

function slashCommandOf(command: UserCommand): SlashCommand {
  const { name, argumentHint = "", description } = command;
  return {
    name,
    synopsis: oneLine(argumentHint, LONGEST_HELP),
    help: oneLine(description, LONGEST_HELP),
    run: (call) => send(command, call),
  };
}

async function send(command: UserCommand, { program, tab, text, line }: SlashCall): Promise<void> {
  const { cwd, rules } = program;
  const prompt = await expandCommand(command, { args: text, cwd, rules });
  const { model } = command;
  if (model !== undefined && model !== program.modelOf(tab)) {
    tab.say(line, `It is written for ${model}; ${program.modelOf(tab)} answers here. To change that: /model ${model}`);
  }
  // A new branch is named after what was typed, and not after what that stands for.
  if (tab.branch === undefined && !tab.isBusy) await tab.work(() => tab.open(line.slice(1)));
  await tab.submit(prompt);
}
