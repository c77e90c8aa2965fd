import { resolve } from "node:path";
import { type Instructions, loadInstructions, type Settings } from "@bough/agent";
import type { Streams } from "./streams.ts";
import { escapeForTerminal } from "./terminal-text.ts";

/** Reads what files say to the agent; says on standard error what of them it is not told. */
export async function instructionsFor(
  { cwd }: { readonly cwd: string },
  { rules }: Pick<Settings, "rules">,
  { stderr }: Pick<Streams, "stderr">,
): Promise<readonly Instructions[]> {
  const { instructions, warnings } = await loadInstructions({ cwd: resolve(cwd), rules });
  for (const line of warnings) stderr.write(`${escapeForTerminal(line)}\n`);
  return instructions;
}
