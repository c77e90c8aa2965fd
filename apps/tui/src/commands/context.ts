import { resolve } from "node:path";
import { contextSources } from "@bough/agent";
import { withAgentFile } from "../agent-file.ts";
import type { ContextCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { formatSources } from "../history/format-sources.ts";
import { instructionsFor } from "../instructions.ts";
import { jsonDocument } from "../json-document.ts";
import { settingsFor } from "../settings.ts";
import type { Streams } from "../streams.ts";

/** `bough context`: what a new session's model is told before anything is said. */
export async function context(given: ContextCommand, streams: Streams): Promise<ExitCode> {
  const command = await withAgentFile(given);
  const { json, tools, system, appendSystem } = command;
  const settings = await settingsFor({ ...command, trust: false }, streams);
  const told = await instructionsFor(command, settings, streams);
  const { permissionMode } = settings;
  const cwd = resolve(command.cwd);
  const sources = await contextSources({ cwd, tools, system, appendSystem, permissionMode, ...told });
  const tokens = sources.reduce((sum, each) => sum + each.tokens, 0);
  streams.stdout.write(json ? jsonDocument({ tokens, sources }) : formatSources(sources));
  return exitCode.done;
}
