import type { Conversation, StartOptions } from "@bough/gitstate";
import * as z from "zod";
import { type PermissionMode, permissionModes } from "./permissions/modes.ts";

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
