import { UsageError } from "../exit-code.ts";
import { runByHand } from "./by-hand.ts";
import type { Program } from "./program.ts";
import { wordsOf } from "./slash/words.ts";
import { findCommand, usageOf } from "./slash-commands.ts";
import type { Tab } from "./tab.ts";

/**
 * Does what was typed in a tab, and resolves when that is done: `/name …` is a command of the program, `!…` one of the
 * user's own that is captured, `$…` one that gets the terminal, anything else a prompt. What goes wrong is told in the tab.
 */
export async function submit(program: Program, tab: Tab, text: string): Promise<void> {
  const line = text.trim();
  try {
    if (line === "") return;
    const [, name, rest = ""] = /^\/(\p{L}[\p{L}\p{N}_.:-]*)(?:\s+([\s\S]*))?$/u.exec(line) ?? [];
    if (name !== undefined) await runSlash(program, tab, { line, name, text: rest });
    else if (line.startsWith("!")) await runByHand({ program, tab, line, terminal: false });
    else if (line.startsWith("$")) await runByHand({ program, tab, line, terminal: true });
    else await tab.submit(text);
  } catch (error) {
    tab.say(firstLine(line), await reasonOf(error), { isError: true });
  }
  await tab.sendWaiting();
}

async function runSlash(
  program: Program,
  tab: Tab,
  { line, name, text }: { readonly line: string; readonly name: string; readonly text: string },
): Promise<void> {
  const command = await findCommand(name, program);
  try {
    await command.run({
      program,
      tab,
      line: firstLine(line),
      text,
      // A prompt may hold an apostrophe: only what is made of words is taken apart.
      get words() {
        return wordsOf(text);
      },
      command,
    });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}\nUsage: ${usageOf(command)}`, { cause: error });
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

/** What a person is told; with what is near, where a path was misspelt. */
async function reasonOf(error: unknown): Promise<string> {
  const { withExitCode } = await import("../failure.ts");
  const told = withExitCode(error);
  return told instanceof Error ? told.message : String(told);
}
