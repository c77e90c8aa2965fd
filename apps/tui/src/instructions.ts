import { resolve } from "node:path";
import { type AgentOptions, loadAgentKinds, loadInstructions, loadSkills, type Settings } from "@bough/agent";
import type { PrintCommand } from "./command-line/parse.ts";
import type { Streams } from "./streams.ts";
import { escapeForTerminal } from "./terminal-text.ts";

/** Reads the instructions, the skills and the kinds of sub-agents for an agent; says on standard error what of them it is not told. */
export async function instructionsFor(
  { cwd: given, skills: folder, trust }: Pick<PrintCommand, "cwd" | "skills"> & { readonly trust?: boolean },
  { rules }: Pick<Settings, "rules">,
  { stderr }: Pick<Streams, "stderr">,
): Promise<Required<Pick<AgentOptions, "instructions" | "skills" | "kinds">>> {
  const cwd = resolve(given);
  const [told, found, agents] = await Promise.all([
    loadInstructions({ cwd, rules }),
    loadSkills({ cwd, folder }),
    loadAgentKinds({ cwd, trust }),
  ]);
  for (const line of [...told.warnings, ...found.warnings, ...agents.warnings])
    stderr.write(`${escapeForTerminal(line)}\n`);
  return { instructions: told.instructions, skills: found.skills, kinds: agents.kinds };
}
