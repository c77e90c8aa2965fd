import { Repository, readLog } from "@bough/gitstate";
import { UsageError } from "../../exit-code.ts";
import { pageOf } from "../../history/page.ts";
import { styles } from "../../styles.ts";
import { landFrom, mergeInto, rewindTo } from "../branch-work.ts";
import { formatBranches } from "../format-branches.ts";
import { treeOf } from "../tree.ts";
import { answer, type SlashCall, type SlashCommand } from "./command.ts";
import { readCommandLine } from "./command-line.ts";
import { refuseWords } from "./refuse-words.ts";
import { agentOf } from "./session-of.ts";

/** Commands about lines of work: tabs, and the branches in them. */
export const linesOfWork = [
  {
    name: "branch",
    synopsis: "[--rev N|<rev>] [<prompt>]",
    help: "Fork this branch into a tab of its own, from now or from an earlier moment, and run the prompt there",
    async run(call) {
      const { moment, prompt } = readFork(call);
      const tab = await call.program.fork(call.tab, moment);
      if (prompt !== "") await tab.submit(prompt);
    },
  },
  {
    name: "branches",
    synopsis: "",
    help: "All branches of this repository, what forks what, and which are open in a tab",
    async run(call) {
      refuseWords(call);
      const { program } = call;
      if (program.front.show !== undefined) return program.front.show({ type: "tree" });
      const logs = await readLog(await Repository.open(program.cwd), { all: true });
      answer(call, formatBranches(treeOf(logs), program, pageOf(program.page)));
    },
  },
  {
    name: "tab",
    synopsis: "[N|<branch>|new]",
    help: "Look at another tab, or open a new one; without a word, say which there are",
    completes: "tab",
    run(call) {
      const { program, text, tab } = call;
      if (text === "") return tab.say(call.line, formatTabs(program.tabs, tab, program.page));
      if (text === "new") program.newTab();
      else program.look(findTab(call));
    },
  },
  {
    name: "merge",
    synopsis: "<branch> [--preview]",
    help: "Merge another branch, or newer commits of your own, into this one",
    completes: "branch",
    async run(call) {
      if (call.words.length === 0) throw new UsageError("Say what to merge.");
      const { branch, preview } = readCommandLine(call, "merge");
      const { tab, program } = call;
      if (program.front.show !== undefined) program.front.show({ type: "merge", tab, branch });
      else await mergeInto(call, { branch, preview });
    },
  },
  {
    name: "land",
    synopsis: "[--squash|--apply] [--onto <branch>] [--preview]",
    help: "Bring this branch to yours, as one commit or as uncommitted edits",
    async run(call) {
      const { mode, onto, preview } = readCommandLine(call, "land");
      const { branch } = agentOf(call);
      if (call.program.front.show !== undefined) call.program.front.show({ type: "land", branch, mode, onto });
      else await landFrom(call, { mode, onto, preview });
    },
  },
  {
    name: "rewind",
    synopsis: "[N|<rev>] [--turns N] [--files] [--chat] [--preview]",
    help: "Back to before the Nth prompt, to a revision, or by turns: one unless told; by a new step, so it can be undone",
    async run(call) {
      const { target, only, preview } = readCommandLine(call, "rewind");
      const moment = "turns" in target ? target : { rev: "before" in target ? target.before : target.after };
      await rewindTo(call, { ...moment, only, preview });
    },
  },
  {
    name: "resume",
    synopsis: "[<branch|commit|session>]",
    help: "Open a session in a tab, the one that moved last unless told",
    completes: "branch",
    async run(call) {
      const [revision, ...more] = call.words;
      if (more.length > 0) throw new UsageError("It takes one session.");
      await call.program.resume(revision);
    },
  },
] as const satisfies readonly SlashCommand[];

function readFork({ text }: SlashCall) {
  const [, rev, rest = text] = /^--rev(?:=|\s+)(\S+)(?:\s+([\s\S]*))?$/.exec(text) ?? [];
  const prompt = rev === undefined ? text : rest === text ? "" : rest;
  if (rev === undefined) {
    if (/^--?[a-z]/i.test(text)) throw new UsageError(`/branch takes no ${text.split(/\s/, 1)[0]}.`);
    return { moment: {}, prompt };
  }
  return { moment: /^[1-9]\d{0,5}$/.test(rev) ? { before: Number(rev) } : { after: rev }, prompt };
}

function isNamed(name: string, wanted: string): boolean {
  return name === wanted || `bough/${name}` === wanted;
}

function findTab({ program, text }: SlashCall) {
  const found = /^\d+$/.test(text)
    ? program.tabs[Number(text) - 1]
    : program.tabs.find(({ name }) => isNamed(name, text));
  if (found !== undefined) return found;
  const open = program.tabs.map(({ name }, at) => `${at + 1} ${name}`).join(", ");
  throw new UsageError(`There is no tab ${text}. Those open are ${open}. To open another session: /resume <branch>`);
}

function formatTabs(
  tabs: SlashCall["program"]["tabs"],
  active: SlashCall["tab"],
  output: SlashCall["program"]["page"],
) {
  const look = styles({ ...output, write: () => {} });
  const width = Math.max(...tabs.map(({ name }) => name.length));
  return tabs
    .map((tab, at) => {
      const line = `${at + 1} ${tab.name.padEnd(width)}  ${look.dim(tab.isUnread && tab !== active ? `${tab.state}, unread` : tab.state)}`;
      return tab === active ? `${look.accent("▸")} ${line}` : `  ${line}`;
    })
    .join("\n");
}
