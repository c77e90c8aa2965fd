import { type CommandEnd, commandEnvironment, runCommand } from "@bough/sandbox";
import * as z from "zod";
import { defineTool } from "../tool.ts";
import { wholeNumber } from "./input-fields.ts";

const defaultTimeout = 120_000;
const mostTimeout = 600_000;

/** Runs a shell command in the worktree. */
export const bashTool = defineTool({
  name: "Bash",
  description:
    "Runs a bash command in the worktree, in the folder the user started in, and gives what it printed. " +
    "It cannot be answered: nothing is on standard input. What it leaves in the background is stopped when it ends.",
  effect: "execute",
  input: z.object({
    command: z.string().min(1).describe("The command; it may have several lines."),
    timeout: wholeNumber(
      1,
      mostTimeout,
      `Milliseconds after which it is stopped; ${defaultTimeout} unless given, at most ${mostTimeout}.`,
    ),
  }),
  async execute({ command, timeout = defaultTimeout }, { files, signal, onOutput }) {
    const { output: printed, ...end } = await runCommand({
      command,
      cwd: files.commandFolder,
      env: commandEnvironment(),
      timeout,
      signal,
      onOutput,
    });
    // The end of the last line is no line of its own, neither to the model nor in a commit.
    const output = printed.replace(/\n$/, "");
    const outcome = describeEnd(end, timeout);
    if (outcome === undefined) return { text: output === "" ? "(no output)" : output };
    return { text: `${output}${output === "" ? "" : "\n"}[${outcome}]`, isError: true };
  },
});

function describeEnd(end: CommandEnd, timeout: number): string | undefined {
  switch (end.status) {
    case "exited":
      return end.code === 0 ? undefined : `exit code ${end.code}`;
    case "killed":
      return `killed by ${end.signal}`;
    case "timed-out":
      return `stopped because it took longer than ${timeout} ms; give a longer timeout, at most ${mostTimeout}, or do less at once`;
    case "interrupted":
      return "interrupted by the user";
    default:
      return end satisfies never;
  }
}
