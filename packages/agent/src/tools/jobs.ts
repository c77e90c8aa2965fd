import * as z from "zod";
import type { Job } from "../jobs/job.ts";
import { parsePattern } from "../jobs/match-pattern.ts";
import { defineTool, type ToolContext, type ToolOutput } from "../tool.ts";
import { optional, wholeNumber } from "./input-fields.ts";

const defaultTimeout = 120_000;
const mostTimeout = 600_000;

const jobsInput = z.object({
  action: z
    .enum(["list", "logs", "wait", "kill"])
    .describe(
      "list: all jobs; logs: what a job printed since its log was read last; wait: until it prints the pattern, the port is listened on, or it ends; kill: ends it and all it started.",
    ),
  id: z
    .preprocess((id) => (typeof id === "number" ? String(id) : (id ?? undefined)), z.string().optional())
    .optional()
    .describe("Which job; not needed when there is only one."),
  pattern: optional(
    z.string().min(1),
    "For wait: a regular expression to be found in what the job prints; without it the wait is for its end.",
  ),
  port: wholeNumber(1, 65_535, "For wait: a TCP port that is to be listened on, instead of a pattern or beside one."),
  timeout: wholeNumber(
    1,
    mostTimeout,
    `For wait: milliseconds after which it is over; ${defaultTimeout} unless given, at most ${mostTimeout}.`,
  ),
});

/** Tells of the commands that Bash started in the background, and ends them. */
export const jobsTool = defineTool({
  name: "Jobs",
  description:
    "Tells of the jobs that Bash started with run_in_background: lists them, reads what one printed, waits for one to print " +
    "something, to listen on a port or to end, and ends one. Jobs end with the session's program at the latest; when one ends you are told.",
  effect: "read",
  input: jobsInput,
  async execute(input, context) {
    const { jobs } = context;
    if (input.action === "list") return { text: jobs.all.map(describe).join("\n") || "No job was started." };
    const job = jobs.find(input.id);
    switch (input.action) {
      case "logs":
        return report(job);
      case "wait":
        return wait(job, input, context);
      case "kill":
        await job.kill();
        return report(job);
      default:
        return input.action satisfies never;
    }
  },
});

function describe(job: Job): string {
  return `${job.tell()}: ${job.command}`;
}

/** What a job printed, and how it stands. */
function report(job: Job, note?: string): ToolOutput {
  const output = job.readLog().replace(/\n$/, "");
  const status = [job.tell(), ...(note === undefined ? [] : [note])].join("; ");
  return { text: [...(output === "" ? [] : [output]), `[${status}]`].join("\n") };
}

async function wait(
  job: Job,
  { pattern, port, timeout = defaultTimeout }: z.output<typeof jobsInput>,
  { signal }: ToolContext,
): Promise<ToolOutput> {
  const awaited = pattern === undefined ? undefined : parsePattern(pattern);
  const came = await job.wait({ pattern: awaited, port, timeout, signal });
  switch (came) {
    case "found":
      return report(job, "what was waited for is there");
    case "ended":
      return pattern === undefined && port === undefined
        ? report(job)
        : { ...report(job, "what was waited for did not come"), isError: true };
    case "timed-out":
      return { ...report(job, `what was waited for did not come in ${timeout} ms`), isError: true };
    default:
      return came satisfies never;
  }
}
