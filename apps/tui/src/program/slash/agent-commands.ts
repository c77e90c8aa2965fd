import { detectSandbox, type PermissionMode, permissionModes } from "@bough/agent";
import { UsageError } from "../../exit-code.ts";
import { counted } from "../../history/amounts.ts";
import { pageOf } from "../../history/page.ts";
import { oneLine } from "../../one-line.ts";
import { answer, type SlashCall, type SlashCommand } from "./command.ts";
import { refuseWords } from "./refuse-words.ts";
import { agentOf } from "./session-of.ts";

/** Commands about the agent of a tab: what it runs with, and the turn it is at. */
export const agentCommands = [
  {
    name: "model",
    synopsis: "[<provider>/<id>]",
    help: "The model that answers here; with a name, another one from the next turn on",
    completes: "model",
    async run(call) {
      const { program, tab } = call;
      const model = oneWord(call);
      if (model !== undefined) await program.configure(tab, { model });
      answer(call, program.modelOf(tab));
    },
  },
  {
    name: "permissions",
    synopsis: "[<mode>]",
    help: `What the agent may do without asking; with a mode (${permissionModes.join(", ")}), another one`,
    completes: "mode",
    async run(call) {
      const { program, tab } = call;
      const word = oneWord(call);
      if (word !== undefined) await program.configure(tab, { permissionMode: modeOf(word) });
      const { allow, ask, deny } = program.rules;
      const rows = Object.entries({ mode: [{ text: program.permissionModeOf(tab) }], allow, ask, deny });
      answer(call, table(rows.map(([name, rules]) => [name, rules.map(({ text }) => text).join(", ") || "nothing"])));
    },
  },
  {
    name: "tools",
    synopsis: "",
    help: "The tools that the model is offered",
    run(call) {
      refuseWords(call);
      answer(call, agentOf(call).tools.join(", "));
    },
  },
  {
    name: "status",
    synopsis: "",
    help: "This tab: branch, commit, worktree, model, permissions, sandbox, what it changed",
    async run(call) {
      refuseWords(call);
      const { program, tab } = call;
      const agent = agentOf(call);
      const sandbox = await detectSandbox();
      answer(
        call,
        table([
          ["branch", agent.branch],
          ["session", agent.session],
          ["commit", agent.commit.slice(0, 9)],
          ["worktree", agent.worktree],
          ["state", tab.state],
          ["model", agent.model],
          ["permissions", agent.permissionMode],
          ["sandbox", sandbox.kind === "none" ? `none: ${sandbox.message}` : sandbox.kind],
          ["tools", agent.tools.join(", ")],
          ["changes", (await agent.diffstat()) || "no files changed"],
          ["tabs", String(program.tabs.length)],
        ]),
      );
    },
  },
  {
    name: "clear",
    synopsis: "",
    help: "Let the model forget what was said here; the files stay, and a rewind brings it back",
    async run(call) {
      refuseWords(call);
      const agent = agentOf(call);
      await call.tab.work(() => agent.clear());
      await call.program.reload(call.tab);
    },
  },
  {
    name: "retry",
    synopsis: "",
    help: "Take the last turn back and send its prompt again",
    async run(call) {
      refuseWords(call);
      const { program, tab } = call;
      const agent = agentOf(call);
      const { entries } = tab.transcript;
      const last = entries.findLast(({ entry }) => entry.type === "prompt")?.entry;
      if (last?.type !== "prompt") throw new UsageError("There is no prompt to send again.");
      await tab.work(() => agent.rewind({ turns: 1 }));
      await program.reload(tab);
      await tab.submit(last.text);
    },
  },
  {
    name: "abort",
    synopsis: "",
    help: "Stop the turn that runs here; what was said and changed is kept",
    run(call) {
      refuseWords(call);
      if (!call.tab.isBusy) throw new UsageError("Nothing runs in this tab.");
      const unsent = call.tab.abort();
      if (unsent.length > 0)
        answer(call, ["Not sent any more:", ...unsent.map((text) => `  ${oneLine(text, 500)}`)].join("\n"));
    },
  },
  {
    name: "errors",
    synopsis: "",
    help: "What went wrong in this tab",
    run(call) {
      refuseWords(call);
      const { width } = pageOf(call.program.page);
      const failures = failuresIn(call).map((text) => oneLine(text, 3 * width));
      const count = failures.length === 0 ? "Nothing went wrong here." : `${counted(failures.length, "failure")}:`;
      answer(call, [count, ...failures.map((text) => `  ${text}`)].join("\n"));
    },
  },
] as const satisfies readonly SlashCommand[];

function failuresIn({ tab }: SlashCall): string[] {
  return tab.transcript.entries.flatMap(({ entry }) => {
    if (entry.type === "stop") return [entry.text];
    if (entry.type === "call" && (entry.state === "failed" || entry.state === "denied")) {
      return [`${entry.name} ${entry.state}: ${entry.text}`];
    }
    return entry.type === "output" && entry.isError ? [`${entry.title}: ${entry.text}`] : [];
  });
}

function oneWord({ words, command }: SlashCall): string | undefined {
  const [word, ...more] = words;
  if (more.length > 0) throw new UsageError(`/${command.name} takes one word.`);
  return word;
}

function modeOf(word: string): PermissionMode {
  const mode = permissionModes.find((candidate) => candidate === word);
  if (mode === undefined) throw new UsageError(`There is no mode "${word}".`);
  return mode;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(value, 2000)}`).join("\n");
}
