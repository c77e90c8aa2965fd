import { Repository } from "@bough/gitstate";
import type { AgentOptions } from "../agent-options.ts";
import { chooseTools, offeredTools } from "../choose.ts";
import { formatFile } from "../instructions/format-instructions.ts";
import { formatSkills } from "../skills/format-skills.ts";
import { agentTool, formatKinds } from "../sub-agents/agent-tool.ts";
import { systemPrompt } from "../system-prompt.ts";
import { toolDefinitions } from "../tool-definitions.ts";
import { skillTool } from "../tools/skill.ts";
import { tokensOfText } from "./token-estimate.ts";

/** Something that a model is sent with every request, before anything was said. */
export interface ContextSource {
  readonly kind: "system" | "instructions" | "skills" | "kinds" | "tool";
  /** The file it is from, or the tool's name. */
  readonly name: string;
  /** An estimate: each model counts its own way. */
  readonly tokens: number;
  /** Whether there is more of it than the model is sent. */
  readonly isCut: boolean;
}

/** Says what a new agent's model would be sent with every request, source by source. */
export async function contextSources(
  options: Pick<
    AgentOptions,
    "cwd" | "system" | "appendSystem" | "instructions" | "skills" | "kinds" | "tools" | "permissionMode" | "ask"
  >,
): Promise<readonly ContextSource[]> {
  const { appendSystem, instructions = [], skills = [], kinds = [] } = options;
  const { prefix: folder } = await Repository.open(options.cwd);
  // The kinds stand in the tool's description, and are a source of their own.
  const tools = offeredTools(chooseTools(options.tools), { ...options, kinds: [] });
  const list = tools.includes(skillTool) ? formatSkills(skills) : "";
  return [
    source("system", "system prompt", options.system ?? systemPrompt({ folder, date: new Date() })),
    ...(appendSystem === undefined ? [] : [source("system", "added to the system prompt", appendSystem)]),
    ...instructions.map((each) => source("instructions", each.name, formatFile(each), each.isCut)),
    ...(list === "" ? [] : [source("skills", "list of skills", list)]),
    ...(kinds.length > 0 && tools.includes(agentTool) ? [source("kinds", "kinds of agents", formatKinds(kinds))] : []),
    ...toolDefinitions(tools).map((definition) => source("tool", definition.name, JSON.stringify(definition))),
  ];
}

function source(kind: ContextSource["kind"], name: string, text: string, isCut = false): ContextSource {
  return { kind, name, tokens: tokensOfText(text), isCut };
}
