import { nearest } from "../command-line/nearest.ts";
import { UsageError } from "../exit-code.ts";
import { oneLine } from "../one-line.ts";
import type { Front } from "./front.ts";
import type { Program } from "./program.ts";
import { agentCommands } from "./slash/agent-commands.ts";
import { answer, type SlashCommand } from "./slash/command.ts";
import { configCommand } from "./slash/config-command.ts";
import { contextCommands } from "./slash/context-commands.ts";
import { frontCommands } from "./slash/front-commands.ts";
import { linesOfWork } from "./slash/lines-of-work.ts";
import { looking } from "./slash/looking.ts";
import { type UserCommands, userCommands } from "./slash/user-commands.ts";

const help: SlashCommand = {
  name: "help",
  synopsis: "[<command>]",
  help: "The commands, or one of them",
  completes: "command",
  async run(call) {
    const { text, program } = call;
    if (text === "") {
      const { commands, warnings } = await knownCommands(program);
      if (program.front.show !== undefined) {
        const entries = commands.map((command) => ({ usage: usageOf(command), help: command.help }));
        return program.front.show({ type: "help", commands: entries, warnings });
      }
      const told = warnings.map((warning) => oneLine(warning, 500));
      return answer(call, [formatCommands(commands, program.page.columns), ...told].join("\n"));
    }
    const command = await findCommand(text.replace(/^\//, ""), program);
    answer(call, `${usageOf(command)}\n${command.help}`);
  },
};

/** The commands of the program. What a line asks for, its completion, `/help` and the README's table are made from this. */
export const slashCommands: readonly SlashCommand[] = [
  ...linesOfWork,
  ...looking,
  ...agentCommands,
  ...contextCommands,
  configCommand,
  help,
  ...frontCommands,
];

/** The commands that work with what is in front. */
export function commandsOf(front: Front): readonly SlashCommand[] {
  return slashCommands.filter(({ needs }) => needs === undefined || front[needs] !== undefined);
}

/** All commands of a program: its own, and those of the user's files that have no name of its own ones. */
export async function knownCommands(program: Program): Promise<UserCommands> {
  const own = commandsOf(program.front);
  const { commands, warnings } = await userCommands(program);
  const isFree = ({ name }: SlashCommand) => !slashCommands.some((command) => command.name === name);
  const hidden = commands.filter((command) => !isFree(command));
  return {
    commands: [...own, ...commands.filter(isFree)],
    warnings: [...warnings, ...hidden.map(({ name }) => `A command of yours is not used: /${name} is bough's own.`)],
  };
}

/** How a command is written. */
export function usageOf({ name, synopsis }: SlashCommand): string {
  return synopsis === "" ? `/${name}` : `/${name} ${synopsis}`;
}

/** Finds the command of a name; throws with those that are near when there is none. */
export async function findCommand(name: string, program: Program): Promise<SlashCommand> {
  // Names of ours are in any case; what is in the user's files is read only for one that is not.
  const own = commandsOf(program.front).find((command) => command.name === name.toLowerCase());
  if (own !== undefined) return own;
  const { commands: known } = await knownCommands(program);
  const found = known.find((command) => command.name === name);
  if (found !== undefined) return found;
  const begun = known.filter((command) => command.name.startsWith(name));
  const alike = known.find(({ also = [] }) => also.includes(name));
  const near = nearest(
    name,
    known.map((command) => command.name),
  );
  const suggestions =
    alike !== undefined ? [alike.name] : begun.length > 0 ? begun.map(({ name }) => name) : near ? [near] : [];
  const advice =
    suggestions.length > 0 && suggestions.length < 5
      ? `Did you mean ${suggestions.map((suggestion) => `/${suggestion}`).join(" or ")}?`
      : "/help lists those there are.";
  throw new UsageError(`There is no command /${name}. ${advice}`);
}

function formatCommands(commands: readonly SlashCommand[], columns: number): string {
  const width = Math.min(36, Math.max(...commands.map((command) => usageOf(command).length)));
  return commands
    .map((command) => {
      const usage = usageOf(command);
      const isLong = usage.length > width || columns < width + 30;
      return isLong ? `${usage}\n    ${command.help}` : `${usage.padEnd(width)}  ${command.help}`;
    })
    .join("\n");
}
