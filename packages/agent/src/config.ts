import type { Block, Conversation, StartOptions } from "@bough/gitstate";
import type { Model } from "@bough/models";
import * as z from "zod";
import type { AgentOptions } from "./agent-options.ts";
import { type PermissionMode, permissionModes } from "./permissions/modes.ts";
import { systemPrompt } from "./system-prompt.ts";
import type { Tool } from "./tool.ts";

/** What a session is run with, as its records keep it. */
export interface AgentConfig {
  readonly model: string;
  readonly tools: readonly string[];
  readonly permissionMode: PermissionMode;
  readonly system: string;
}

const extra = z.object({
  model: z.string(),
  tools: z.array(z.string()).catch([]),
  permissionMode: z.enum(permissionModes).catch("default"),
});

/** Writes a configuration as a block's content: the system prompt as text, the rest beside it. */
export function formatConfig({ system, ...rest }: AgentConfig): StartOptions["config"] {
  return { text: system, extra: rest };
}

/**
 * Reads a configuration out of a history that may have come from anywhere. Its permission mode is what was in force
 * then and grants nothing now.
 */
export function parseConfig(config: Conversation["config"]): AgentConfig | undefined {
  const parsed = extra.safeParse(config?.extra);
  return parsed.success && config !== undefined ? { ...parsed.data, system: config.text } : undefined;
}

/** What an agent is run with. */
export interface NewConfig extends Pick<AgentOptions, "system" | "appendSystem" | "permissionMode"> {
  readonly model: Model;
  readonly tools: readonly Tool[];
  /** The folder below the root that the user started in. */
  readonly folder: string;
}

/** Puts together the configuration of an agent; what the options leave open is the built-in one. */
export function newConfig({ model, tools, folder, ...options }: NewConfig): AgentConfig {
  const system = options.system ?? systemPrompt({ folder, date: new Date() });
  const { appendSystem = "" } = options;
  return {
    model: model.name,
    tools: tools.map(({ name }) => name),
    permissionMode: options.permissionMode ?? "default",
    // A session that is gone on with by the same command line has it already.
    system: appendSystem === "" || system.endsWith(`\n\n${appendSystem}`) ? system : `${system}\n\n${appendSystem}`,
  };
}

/** The block that records a configuration where it is not the recorded one. */
export function changedConfig(config: AgentConfig, recorded: AgentConfig | undefined): Block[] {
  const content = formatConfig(config);
  const isRecorded = recorded !== undefined && JSON.stringify(content) === JSON.stringify(formatConfig(recorded));
  return isRecorded ? [] : [{ type: "config", ...content }];
}
