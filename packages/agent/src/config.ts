import type { Block, Conversation, StartOptions } from "@bough/gitstate";
import type { Model } from "@bough/models";
import * as z from "zod";
import type { AgentOptions } from "./agent-options.ts";
import { formatInstructions } from "./instructions/format-instructions.ts";
import { type PermissionMode, permissionModes } from "./permissions/modes.ts";
import { formatSkills } from "./skills/format-skills.ts";
import { systemPrompt } from "./system-prompt.ts";
import type { Tool } from "./tool.ts";
import { skillTool } from "./tools/skill.ts";

/** What a session is run with, as its records keep it. */
export interface AgentConfig {
  readonly model: string;
  readonly tools: readonly string[];
  readonly permissionMode: PermissionMode;
  /** What the agent is told of itself. */
  readonly system: string;
  /** What the user's files add to that. */
  readonly instructions: string;
}

const extra = z.object({
  model: z.string(),
  tools: z.array(z.string()).catch([]),
  permissionMode: z.enum(permissionModes).catch("default"),
  /** How many characters at the end of the text are instructions. */
  instructions: z.int().min(0).catch(0).default(0),
});

/** The whole system prompt, as a model is sent it. */
export function systemOf({ system, instructions }: AgentConfig): string {
  return instructions === "" ? system : `${system}\n\n${instructions}`;
}

/** Writes a configuration as a block's content: the system prompt as text, the rest beside it. */
export function formatConfig(config: AgentConfig): StartOptions["config"] {
  const { system: _, instructions, ...rest } = config;
  const length = instructions === "" ? {} : { instructions: instructions.length };
  return { text: systemOf(config), extra: { ...rest, ...length } };
}

/**
 * Reads a configuration out of a history that may have come from anywhere. Its permission mode is what was in force
 * then and grants nothing now.
 */
export function parseConfig(config: Conversation["config"]): AgentConfig | undefined {
  const parsed = extra.safeParse(config?.extra);
  if (!parsed.success || config === undefined) return undefined;
  const end = Math.max(0, config.text.length - parsed.data.instructions);
  const [system, instructions] = [config.text.slice(0, end), config.text.slice(end)];
  return { ...parsed.data, system: instructions === "" ? system : system.replace(/\n\n$/, ""), instructions };
}

/** What an agent is run with. */
export interface NewConfig
  extends Pick<AgentOptions, "system" | "appendSystem" | "permissionMode" | "instructions" | "skills"> {
  readonly model: Model;
  readonly tools: readonly Tool[];
  /** The folder below the root that the user started in. */
  readonly folder: string;
  /** What of the recorded prompt is gone on with. */
  readonly recorded?: Partial<Pick<AgentConfig, "system" | "instructions">>;
}

/** Puts together the configuration of an agent; what the options leave open is the built-in one. */
export function newConfig({ model, tools, folder, recorded, ...options }: NewConfig): AgentConfig {
  const system = options.system ?? recorded?.system ?? systemPrompt({ folder, date: new Date() });
  const { appendSystem = "" } = options;
  return {
    model: model.name,
    tools: tools.map(({ name }) => name),
    permissionMode: options.permissionMode ?? "default",
    // A session that is gone on with by the same command line has it already.
    system: appendSystem === "" || system.endsWith(`\n\n${appendSystem}`) ? system : `${system}\n\n${appendSystem}`,
    instructions: formatGiven(options, tools) ?? recorded?.instructions ?? "",
  };
}

/** The block that records a configuration where it is not the recorded one. */
export function changedConfig(config: AgentConfig, recorded: AgentConfig | undefined): Block[] {
  const content = formatConfig(config);
  const isRecorded = recorded !== undefined && JSON.stringify(content) === JSON.stringify(formatConfig(recorded));
  return isRecorded ? [] : [{ type: "config", ...content }];
}

/** What the user's files add to the system prompt; undefined when nobody read them. */
function formatGiven(
  { instructions, skills }: Pick<NewConfig, "instructions" | "skills">,
  tools: readonly Tool[],
): string | undefined {
  if (instructions === undefined && skills === undefined) return undefined;
  const listed = tools.some(({ name }) => name === skillTool.name) ? skills : undefined;
  return [formatInstructions(instructions ?? []), formatSkills(listed ?? [])]
    .filter((part) => part !== "")
    .join("\n\n");
}
