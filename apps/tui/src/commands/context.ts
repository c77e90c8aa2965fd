import { resolve } from "node:path";
import { type ContextSource, contextSources } from "@bough/agent";
import { withAgentFile } from "../agent-file.ts";
import type { ContextCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { instructionsFor } from "../instructions.ts";
import { jsonDocument } from "../json-document.ts";
import { settingsFor } from "../settings.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";

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
  streams.stdout.write(json ? jsonDocument({ tokens, sources }) : formatSources(sources, tokens));
  return exitCode.done;
}

function formatSources(sources: readonly ContextSource[], tokens: number): string {
  const lines = [
    ...sources.map((source) => ({ tokens: source.tokens, what: describe(source) })),
    { tokens, what: "in all, estimated at 3.5 bytes a token: each model counts its own way" },
  ];
  const width = Math.max(...lines.map((line) => String(line.tokens).length));
  return lines.map((line) => `${String(line.tokens).padStart(width)}  ${escapeForTerminal(line.what)}\n`).join("");
}

function describe({ kind, name, isCut }: ContextSource): string {
  const what = kind === "tool" ? `tool ${name}` : name;
  return isCut ? `${what} (cut)` : what;
}
