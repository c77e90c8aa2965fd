import type { Front } from "../front.ts";
import type { Program } from "../program.ts";
import type { Tab } from "../tab.ts";

/** What the first word behind a command can be completed with. */
export type Completes = "branch" | "command" | "file" | "mode" | "model" | "tab";

/** A command of the program's own, which a line that starts with a slash asks for. */
export interface SlashCommand {
  readonly name: string;
  /** What follows the name; the flags that stand in it are those the command takes. */
  readonly synopsis: string;
  readonly help: string;
  /** What others call it: never run, only suggested. */
  readonly also?: readonly string[];
  readonly completes?: Completes;
  /** What it cannot do without. */
  readonly needs?: keyof Front;
  run(call: SlashCall): Promise<void> | void;
}

/** One command that was asked for. */
export interface SlashCall {
  readonly program: Program;
  readonly tab: Tab;
  /** The line as it was typed. */
  readonly line: string;
  /** All that follows the name, as it was typed. */
  readonly text: string;
  /** The same in words, as a shell would take them apart. */
  readonly words: readonly string[];
  readonly command: SlashCommand;
}

/** Adds what a command answers to its tab. */
export function answer({ tab, line }: SlashCall, text: string, { isError = false } = {}): void {
  tab.say(line, text.trimEnd(), { isError });
}
