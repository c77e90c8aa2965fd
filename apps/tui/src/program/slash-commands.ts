import { nearest } from "../command-line/nearest.ts";
import { UsageError } from "../exit-code.ts";
import type { Front } from "./front.ts";
import { agentCommands } from "./slash/agent-commands.ts";
import { answer, type SlashCommand } from "./slash/command.ts";
import { frontCommands } from "./slash/front-commands.ts";
import { linesOfWork } from "./slash/lines-of-work.ts";
import { looking } from "./slash/looking.ts";

const help: SlashCommand = {
  name: "help",
  synopsis: "[<command>]",
  help: "The commands, or one of them",
  completes: "command",
  run(call) {
    const { text, program } = call;
    const known = commandsOf(program.front);
    if (text === "" && program.front.show !== undefined) return program.front.show({ type: "help" });
    if (text === "") return answer(call, formatCommands(known, program.page.columns));
    const command = findCommand(text.replace(/^\//, ""), program.front);
    answer(call, `${usageOf(command)}\n${command.help}`);
  },
};

/** The commands of the program. What a line asks for, its completion, `/help` and the README's table are made from this. */
export const slashCommands: readonly SlashCommand[] = [
  ...linesOfWork,
  ...looking,
  ...agentCommands,
  help,
  ...frontCommands,
];

/** The commands that work with what is in front. */
export function commandsOf(front: Front): readonly SlashCommand[] {
  return slashCommands.filter(({ needs }) => needs === undefined || front[needs] !== undefined);
}

/** How a command is written. */
export function usageOf({ name, synopsis }: SlashCommand): string {
  return synopsis === "" ? `/${name}` : `/${name} ${synopsis}`;
}

/** Finds the command of a name; throws with those that are near when there is none. */
export function findCommand(name: string, front: Front): SlashCommand {
  const known = commandsOf(front);
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
