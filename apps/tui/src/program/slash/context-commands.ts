import { type CompactResult, type ContextUse, contextSources } from "@bough/agent";
import { counted, dollars, tokens } from "../../history/amounts.ts";
import { formatSources } from "../../history/format-sources.ts";
import { answer, type SlashCommand } from "./command.ts";
import { refuseWords } from "./refuse-words.ts";
import { agentOf } from "./session-of.ts";

/** Commands about what the model of a tab is told with each request. */
export const contextCommands = [
  {
    name: "context",
    synopsis: "",
    help: "What fills the model's window here, and the instructions and skills it is told",
    async run(call) {
      refuseWords(call);
      const { program, tab } = call;
      const permissionMode = program.permissionModeOf(tab);
      const sources = await contextSources({ ...program.agent, permissionMode });
      if (tab.agent === undefined) return answer(call, formatSources(sources));
      const told = sources.filter(({ kind }) => kind === "instructions" || kind === "skills");
      const use = formatUse(await tab.agent.context());
      answer(call, told.length === 0 ? use : `${use}\n\nAmong the system prompt:\n${formatSources(told)}`);
    },
  },
  {
    name: "compact",
    synopsis: "[<what to heed>]",
    help: "Let the model summarize what was said here, and go on from that; a rewind brings it back",
    async run(call) {
      const agent = agentOf(call);
      const result = await call.tab.work((signal) => agent.compact(call.text, { signal }));
      if (result.type === "summarized") await call.program.reload(call.tab);
      answer(call, describeCompact(result));
    },
  },
] as const satisfies readonly SlashCommand[];

function formatUse({ window, used, system, tools, messages, summaries, shortened }: ContextUse): string {
  const rows: [string, number][] = [
    ["system prompt", system],
    ["tools", tools],
    ["messages", messages],
    ["summaries", summaries],
    ["free", Math.max(0, window - used)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const share = (count: number) => `${((count / window) * 100).toFixed(1)} %`.padStart(7);
  return [
    `${tokens(used)} of ${tokens(window)} tokens, estimated`,
    ...rows.map(([name, count]) => `  ${name.padEnd(width)}  ${tokens(count).padStart(5)}  ${share(count)}`),
    ...(shortened === 0 ? [] : [`The results of ${counted(shortened, "step")} are shown to it shortened.`]),
  ].join("\n");
}

function describeCompact(result: CompactResult): string {
  if (result.type === "nothing-to-summarize") return "There is nothing to summarize yet.";
  const { from, to, before, after, cost } = result;
  const steps = counted(to - from + 1, "step");
  const price = cost === undefined ? "" : `, for ${dollars(cost)}`;
  return `Summarized ${steps}: about ${tokens(before)} tokens became ${tokens(after)}${price}.`;
}
