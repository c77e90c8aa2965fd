import type { CommandEnd } from "@bough/sandbox";
import * as z from "zod";
import type { Job } from "../jobs/job.ts";
import { defineTool, type ToolOutput } from "../tool.ts";
import { flag, wholeNumber } from "./input-fields.ts";
import { sandboxHint } from "./sandbox-hint.ts";

const defaultTimeout = 120_000;
const mostTimeout = 600_000;
/** How long a job is watched before its first words are reported. */
const firstLookMs = 1_000;

/** Runs a shell command in the worktree. */
export const bashTool = defineTool({
  name: "Bash",
  description:
    "Runs a bash command in the worktree, first in the folder the user started in, then where the command before ended, and with " +
    "what it exported; gives what it printed. It may be confined to the worktree, without network; git can be read, but " +
    "add, commit, stash and checkout do not work: what changes is committed for you. " +
    "It cannot be answered: nothing is on standard input. What it leaves in the background is stopped when it ends: " +
    "run_in_background is for what is to go on, as a development server does.",
  effect: "execute",
  input: z.object({
    command: z.string().min(1).describe("The command; it may have several lines."),
    timeout: wholeNumber(
      1,
      mostTimeout,
      `Milliseconds after which it is stopped; ${defaultTimeout} unless given, at most ${mostTimeout}.`,
    ),
    run_in_background: flag(
      "Whether to go on without waiting for it: gives its id for Jobs and what it printed in the first second. It has no timeout unless given.",
    ),
    network: z
      .boolean()
      .optional()
      .describe("Whether it needs the network, as installing packages does; the user may be asked for that."),
  }),
  async execute(
    { command, timeout: given, run_in_background: inBackground = false, network: wantsNetwork },
    { files, shell, jobs, hasNetwork, signal, onOutput },
  ) {
    // Beside a job that has only its own network, what does not ask for the machine's is there to talk to the job.
    const network = wantsNetwork ?? (hasNetwork && !jobs.areApart);
    if (inBackground) {
      const where = { shell, cwd: files.commandFolder, network: wantsNetwork === true || hasNetwork };
      const job = await jobs.start({ command, timeout: given, ...where });
      await job.wait({ timeout: firstLookMs, signal });
      return reportStart(job);
    }
    const timeout = given ?? defaultTimeout;
    const { output: printed, ...end } = await shell.run({
      command,
      cwd: files.commandFolder,
      network,
      timeout,
      signal,
      onOutput,
    });
    // The end of the last line is no line of its own, neither to the model nor in a commit.
    const output = printed.replace(/\n$/, "");
    const outcome = describeEnd(end, timeout);
    const isDone = outcome === undefined;
    const isConfined = (await shell.support()).kind !== "none";
    const hint =
      isConfined && end.status !== "interrupted"
        ? sandboxHint({ command, output, hasNetwork: network, isDone })
        : undefined;
    const notes = [outcome, hint].filter((note) => note !== undefined).map((note) => `[${note}]`);
    const text = [...(output === "" ? [] : [output]), ...notes].join("\n");
    return isDone ? { text: text === "" ? "(no output)" : text } : { text, isError: true };
  },
});

function reportStart(job: Job): ToolOutput {
  const output = job.readStart().replace(/\n$/, "");
  return { text: [...(output === "" ? [] : [output]), `[${job.tell()}]`].join("\n"), isError: job.hasFailed };
}

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
