import { Repository, readDiff, readLog } from "@bough/gitstate";
import { pageOf } from "../../history/page.ts";
import { answer, type SlashCall, type SlashCommand } from "./command.ts";
import { readCommandLine } from "./command-line.ts";
import { formatSpent } from "./format-spent.ts";
import { runCommandLine } from "./run-command-line.ts";
import { agentOf } from "./session-of.ts";

/** Commands that look at what there is, by those of the command line; they are about the tab's branch unless told. */
export const looking = [
  {
    name: "log",
    synopsis: "[<rev>] [--all] [-n N]",
    help: "Turns and steps as a graph, of this branch unless told",
    completes: "branch",
    run(call) {
      const line = readCommandLine(call, "log");
      const revision = line.revision ?? (line.all ? undefined : agentOf(call).branch);
      return runCommandLine(call, { ...line, revision, cwd: call.program.cwd });
    },
  },
  {
    name: "show",
    synopsis: "[<rev>]",
    help: "One step, the last unless told: what was said, what was run, the diff",
    completes: "branch",
    run(call) {
      const words = call.words.length > 0 ? call.words : [agentOf(call).commit];
      return runCommandLine(call, { ...readCommandLine({ ...call, words }, "show"), cwd: call.program.cwd });
    },
  },
  {
    name: "diff",
    synopsis: "[--all] [<rev>] [<rev>] [--stat] [--side-by-side]",
    help: "What the last turn changed, or with --all the whole session, or a step, or between two revisions",
    completes: "branch",
    async run(call) {
      const isAll = call.words.includes("--all");
      const line = readCommandLine({ ...call, words: call.words.filter((word) => word !== "--all") }, "diff");
      const revisions = line.revisions.length > 0 ? line.revisions : await rangeOf(call, isAll);
      const { show } = call.program.front;
      if (show === undefined || line.layout === "stat" || line.layout === "json") {
        return runCommandLine(call, { ...line, revisions, cwd: call.program.cwd });
      }
      const diff = await readDiff(await Repository.open(call.program.cwd), revisions);
      show({ type: "diff", diff, isSideBySide: line.layout === "side-by-side" });
    },
  },
  {
    name: "why",
    synopsis: "<file>[:<line>]",
    help: "Which prompt, step and model wrote a line of your checkout, through merges and landing",
    completes: "file",
    run: (call) => runCommandLine(call, { ...readCommandLine(call, "why"), cwd: call.program.cwd }),
  },
  {
    name: "history",
    synopsis: "[--raw]",
    help: "The whole conversation of this branch, to read or as JSON",
    run(call) {
      const format = call.words.includes("--raw") ? "json" : "md";
      const words = call.words.filter((word) => word !== "--raw");
      const line = readCommandLine({ ...call, words: [...words, agentOf(call).branch] }, "export");
      return runCommandLine(call, { ...line, format, cwd: call.program.cwd });
    },
  },
  {
    name: "sessions",
    synopsis: "[--all]",
    help: "Every session of the repository; with --all those that are archived too",
    run: (call) => runCommandLine(call, { ...readCommandLine(call, "sessions"), cwd: call.program.cwd }),
  },
  {
    name: "export",
    synopsis: "[<branch>] [--format md|json|bundle] [-o <file>]",
    help: "The session for others: a transcript to read, JSON to compute with, or a bundle of its branch",
    completes: "branch",
    run(call) {
      const line = readCommandLine(call, "export");
      return runCommandLine(call, { ...line, branch: line.branch ?? agentOf(call).branch, cwd: call.program.cwd });
    },
  },
  {
    name: "tokens",
    synopsis: "",
    help: "What each turn of this branch took in tokens",
    run: (call) => spentBy(call, "tokens"),
  },
  {
    name: "cost",
    synopsis: "",
    help: "What each turn of this branch cost, as far as prices are known",
    run: (call) => spentBy(call, "cost"),
  },
  {
    name: "doctor",
    synopsis: "[--live]",
    help: "Whether all that bough needs is ready, and how to mend what is not",
    run: (call) => runCommandLine(call, { ...readCommandLine(call, "doctor"), cwd: call.program.cwd }),
  },
] as const satisfies readonly SlashCommand[];

/** From before the last turn that changed files or said something, or from the session's start, to now. */
async function rangeOf(call: SlashCall, isAll: boolean): Promise<readonly string[]> {
  const { branch } = agentOf(call);
  if (isAll) return [branch];
  const [log] = await readLog(await Repository.open(call.program.cwd), { revision: branch });
  const last = log?.entries.find((entry) => entry.type === "steps");
  if (log === undefined || last === undefined) return [branch];
  const before = log.entries.find((entry) => entry.type === "steps" && entry.turn !== last.turn);
  const from = before?.commit ?? log.start?.commit;
  return from === undefined ? [branch] : [from, branch];
}

async function spentBy(call: SlashCall, what: "tokens" | "cost"): Promise<void> {
  const [log] = await readLog(await Repository.open(call.program.cwd), { revision: agentOf(call).branch });
  answer(call, formatSpent(log?.entries ?? [], what, pageOf(call.program.page)));
}
