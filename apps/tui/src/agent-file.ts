import { resolve } from "node:path";
import { loadAgentFile } from "@bough/agent";
import type { PrintCommand } from "./command-line/parse.ts";

type AgentFlags = Pick<PrintCommand, "config" | "system" | "tools" | "permissionMode"> &
  Partial<Pick<PrintCommand, "model">>;

/** Reads the agent file that `--config` may name; what flags say comes first. Settings it leaves for whoever reads those. */
export async function withAgentFile<Command extends AgentFlags>(command: Command): Promise<Command> {
  const file = command.config === undefined ? undefined : await loadAgentFile(resolve(command.config));
  if (file === undefined) return command;
  const { model, system, tools, permissionMode } = command;
  return {
    ...command,
    config: undefined,
    model: model ?? file.model,
    system: system ?? file.system,
    tools: tools ?? file.tools,
    permissionMode: permissionMode ?? file.permissionMode,
  };
}
