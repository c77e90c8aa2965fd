import * as z from "zod";
import { defineTool, type Tool } from "../tool.ts";
import { optional } from "../tools/input-fields.ts";
import type { SubAgentKind } from "./agent-kind.ts";
import { demandSubAgents } from "./sub-agents.ts";

const fields = z.object({
  task: z
    .string()
    .min(1)
    .describe("All it has to know: it sees the files as they are now, and nothing of what was said here."),
  tools: optional(z.array(z.string()), "Names of the tools it has, of your own; all of them unless given."),
  model: optional(z.string().min(1), "The model it runs on, as <provider>/<id>; your own unless given."),
  isolation: optional(
    z.enum(["worktree", "none"]),
    "worktree, the default: it may change files, on a branch of its own that is merged into yours. none: it only reads, and answers.",
  ),
  kind: optional(z.string().min(1), "The kind of agent, by its name."),
});

/** Gives a task to another agent. */
export const agentTool: Tool = defineTool({
  name: "Agent",
  description:
    "Gives a task to another agent that works on its own from the present state of the files, and gives its answer. " +
    "Several that are called together work at the same time, each on a branch of its own; what they changed is merged into yours " +
    "in the order of the calls. For what splits into parts that touch different files, and for looking things up in many. " +
    "Where two changes do not go together you are told, and nothing of the later one is merged: see Merge.",
  effect: "read",
  runsApart: true,
  input: z.preprocess(withOurNames, fields),
  execute: async ({ model, ...request }, { subAgents }) =>
    demandSubAgents(subAgents).run({ ...request, model: model === "inherit" ? undefined : model }),
});

/** The tool, with the kinds of agents there are. */
export function agentToolWith(kinds: readonly SubAgentKind[]): Tool {
  if (kinds.length === 0) return agentTool;
  return { ...agentTool, description: `${agentTool.description}\n${formatKinds(kinds)}` };
}

/** What the model is told of kinds of agents, with the tool. */
export function formatKinds(kinds: readonly SubAgentKind[]): string {
  return ["Kinds of agents:", ...kinds.map(({ name, description }) => `- ${name}: ${description}`)].join("\n");
}

/** What models learnt to call the fields elsewhere. */
function withOurNames(given: unknown): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  const { prompt, subagent_type: kind, ...rest }: Record<string, unknown> = { ...given };
  return { ...(prompt === undefined ? {} : { task: prompt }), ...(kind === undefined ? {} : { kind }), ...rest };
}
