import { systemPrompt } from "../system-prompt.ts";
import { isKnownPrompt, isSamePrompt } from "./known-prompts.ts";

/** What becomes of the system prompt that a session recorded. */
export interface RecordedPrompt {
  /** The prompt to go on with; undefined for the built-in one. */
  readonly system: string | undefined;
  /** Said once when the recorded one is not used. */
  readonly notice: string | undefined;
}

/**
 * Takes the system prompt that a session recorded only if it was used on this machine, or is the built-in one: who wrote the
 * branch would otherwise tell the model what to do with the user's rights.
 */
export async function recordedPrompt(recorded: string | undefined, folder: string): Promise<RecordedPrompt> {
  if (recorded === undefined) return { system: undefined, notice: undefined };
  if (isBuiltIn(recorded, folder) || (await isKnownPrompt(recorded))) return { system: recorded, notice: undefined };
  const start = recorded.slice(0, 80).split("\n", 1)[0];
  return {
    system: undefined,
    notice: `The system prompt that this session recorded is not used, because nobody used it on this machine: it is ${recorded.length} characters long and begins "${start}". Give it with --system if you want it.`,
  };
}

/** Whether a system prompt is one that any machine has with this version. */
function isBuiltIn(system: string, folder: string): boolean {
  return ["", folder].some((each) => isSamePrompt(system, systemPrompt({ folder: each, date: new Date() })));
}
