import { resolve } from "node:path";
import { type AgentOptions, loadInstructions, loadSkills, type Settings } from "@bough/agent";
import type { PrintCommand } from "./command-line/parse.ts";
import type { Streams } from "./streams.ts";
import { escapeForTerminal } from "./terminal-text.ts";

/** Reads the instructions and the skills for an agent; says on standard error what of them it is not told. */
export async function instructionsFor(
  { cwd: given, skills: folder }: Pick<PrintCommand, "cwd" | "skills">,
  { rules }: Pick<Settings, "rules">,
  { stderr }: Pick<Streams, "stderr">,
): Promise<Required<Pick<AgentOptions, "instructions" | "skills">>> {
  const cwd = resolve(given);
  const [told, found] = await Promise.all([loadInstructions({ cwd, rules }), loadSkills({ cwd, folder })]);
  for (const line of [...told.warnings, ...found.warnings]) stderr.write(`${escapeForTerminal(line)}\n`);
  return { instructions: told.instructions, skills: found.skills };
}
