import type { AgentOptions } from "../agent-options.ts";
import type { AgentConfig } from "../config.ts";
import { systemPrompt } from "../system-prompt.ts";
import { isKnownPrompt, isSamePrompt } from "./known-prompts.ts";

/** What becomes of the system prompt that a session recorded. */
export interface RecordedPrompt {
  /** What of it can be used; what is missing is the built-in one. */
  readonly usable: Partial<Pick<AgentConfig, "system" | "instructions">>;
  /** Said once when part of it would have been used, and is not. */
  readonly notice: string | undefined;
}

/**
 * Takes the system prompt that a session recorded only as far as it was used on this machine, or is the built-in one: who
 * wrote the branch would otherwise tell the model what to do with the user's rights. What the options give is not looked for.
 */
export async function recordedPrompt(
  recorded: AgentConfig | undefined,
  { folder, ...options }: Pick<AgentOptions, "system" | "instructions" | "skills"> & { readonly folder: string },
): Promise<RecordedPrompt> {
  const isGiven = options.instructions !== undefined || options.skills !== undefined;
  const system = options.system === undefined ? recorded?.system : undefined;
  const instructions = isGiven || recorded?.instructions === "" ? undefined : recorded?.instructions;
  const [isSystemKnown, areInstructionsKnown] = await Promise.all([
    system === undefined || isBuiltIn(system, folder) || isKnownPrompt(system),
    instructions === undefined || isKnownPrompt(instructions),
  ]);
  const unknown = [isSystemKnown ? "" : (system ?? ""), areInstructionsKnown ? "" : (instructions ?? "")].join("");
  return {
    usable: { ...(isSystemKnown ? { system } : {}), ...(areInstructionsKnown ? { instructions } : {}) },
    notice: unknown === "" ? undefined : describeUnused(unknown),
  };
}

function describeUnused(prompt: string): string {
  const start = prompt.slice(0, 80).split("\n", 1)[0];
  return `The system prompt that this session recorded is not used, because nobody used it on this machine: it is ${prompt.length} characters long and begins "${start}". Give it with --system if you want it.`;
}

/** Whether a system prompt is one that any machine has with this version. */
function isBuiltIn(system: string, folder: string): boolean {
  return ["", folder].some((each) => isSamePrompt(system, systemPrompt({ folder: each, date: new Date() })));
}
