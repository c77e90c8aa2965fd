import { type Model, openModel } from "@bough/models";
import { AgentError } from "./agent-error.ts";
import type { AgentOptions } from "./agent-options.ts";
import { roomFor } from "./context/context-settings.ts";
import { checkLimits } from "./limits.ts";
import { agentTool, agentToolWith } from "./sub-agents/agent-tool.ts";
import type { Tool } from "./tool.ts";
import { builtinTools } from "./tools/builtin-tools.ts";
import { skillTool } from "./tools/skill.ts";

/** Options whose model and tools are opened and found; undefined where the session says which. */
export interface ChosenOptions extends AgentOptions {
  readonly model: Model | undefined;
  readonly tools: readonly Tool[] | undefined;
}

/** Opens and finds what the options name, so that what is wrong with them is said before anything is made. */
export function choose(options: AgentOptions): ChosenOptions {
  checkLimits(options.limits);
  roomFor(options.context);
  const model = options.model === undefined ? undefined : chooseModel(options.model, options);
  const tools = options.tools === undefined ? undefined : chooseTools(options.tools);
  return { ...options, model, tools };
}

/** Opens a model by its name, at the address and with the key that options and environment give. */
export function chooseModel(
  model: string | Model,
  { apiKey, baseUrl, env }: Pick<AgentOptions, "apiKey" | "baseUrl" | "env">,
): Model {
  return typeof model === "string" ? openModel(model, { env: { ...env, ...process.env }, apiKey, baseUrl }) : model;
}

/** Finds built-in tools by their names; without names it is all of them. Throws with those there are. */
export function chooseTools(wanted: readonly (string | Tool)[] | undefined): readonly Tool[] {
  if (wanted === undefined) return builtinTools;
  return wanted.map((choice) => {
    if (typeof choice !== "string") return choice;
    const tool = builtinTools.find(({ name }) => name === choice);
    if (tool !== undefined) return tool;
    const known = builtinTools.map(({ name }) => name).join(", ");
    throw new AgentError("unknown-tool", `There is no tool named ${JSON.stringify(choice)}. Tools: ${known}.`);
  });
}

/** A model cannot use what it may not, as in plan mode, nor what there is nothing for. */
export function usableTools(
  tools: readonly Tool[],
  { skills = [], kinds = [], permissionMode }: Pick<AgentOptions, "skills" | "kinds" | "permissionMode">,
): readonly Tool[] {
  const useful = (skills.length > 0 ? tools : tools.filter((tool) => tool !== skillTool)).map((tool) =>
    tool === agentTool ? agentToolWith(kinds) : tool,
  );
  return permissionMode === "plan" ? useful.filter(({ effect }) => effect === "read") : useful;
}

/** Of what it can use a model is not shown what there is nobody for; one that remembers it is told so. */
export function offeredTools(
  tools: readonly Tool[],
  options: Pick<AgentOptions, "skills" | "kinds" | "permissionMode" | "ask">,
): readonly Tool[] {
  const isAnswered = options.ask !== undefined && options.permissionMode !== "dontAsk";
  return usableTools(tools, options).filter(({ forPerson }) => isAnswered || forPerson !== true);
}
