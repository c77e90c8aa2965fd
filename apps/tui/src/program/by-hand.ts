import { UsageError } from "../exit-code.ts";
import type { Program } from "./program.ts";
import type { Tab } from "./tab.ts";

/** A command of the user's own, as it was typed. */
interface TypedCommand {
  readonly program: Program;
  readonly tab: Tab;
  readonly line: string;
  /** Whether it gets the terminal. */
  readonly terminal: boolean;
}

/** Runs a command of the user's own in the tab's worktree, where what it changes is committed in their name. */
export async function runByHand({ program, tab, line, terminal }: TypedCommand): Promise<void> {
  const command = line.slice(1).trim();
  if (command === "" && !terminal) throw new UsageError("Say what to run, as in: !git status");
  const { handOver } = program.front;
  if (terminal && handOver === undefined)
    throw new UsageError(`The terminal cannot be given away here. Captured it runs: !${command}`);
  await tab.workBeside(async (signal) => {
    const agent = await tab.open(command);
    if (terminal) {
      const run = () => agent.runByHand(command === "" ? 'exec "$SHELL"' : command, { terminal, signal });
      const { failure, commit } = await (handOver?.(run) ?? run());
      tab.say(line, told("", failure, commit), { isError: failure !== undefined });
      return;
    }
    const printed = tab.print(line);
    try {
      const { output, failure, commit } = await agent.runByHand(command, {
        signal,
        onOutput: (text) => printed.write(text),
      });
      printed.end({ text: told(output, failure, commit), isError: failure !== undefined });
    } catch (error) {
      printed.end({ text: error instanceof Error ? error.message : String(error), isError: true });
    }
  });
}

function told(
  output: string,
  failure: string | undefined,
  commit: { readonly commit: string; readonly subject: string } | undefined,
): string {
  const lines = [
    output.trimEnd(),
    failure ?? "",
    commit === undefined ? "" : `● ${commit.commit.slice(0, 9)}  ${commit.subject}`,
  ];
  return lines.filter((line) => line !== "").join("\n");
}
