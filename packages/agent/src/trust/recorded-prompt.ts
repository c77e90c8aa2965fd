import { systemPrompt } from "../system-prompt.ts";
import { isKnownPrompt, rememberPrompt } from "./known-prompts.ts";

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
  // Any machine has those of its own version.
  await Promise.all(["", folder].map((each) => rememberPrompt(systemPrompt({ folder: each, date: new Date() }))));
  if (await isKnownPrompt(recorded)) return { system: recorded, notice: undefined };
  const start = recorded.slice(0, 80).split("\n", 1)[0];
  return {
    system: undefined,
    notice: `The system prompt that this session recorded is not used, because nobody used it on this machine: it is ${recorded.length} characters long and begins "${start}". Give it with --system if you want it.`,
  };
}
