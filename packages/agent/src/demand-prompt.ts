import { AgentError } from "./agent-error.ts";

/** Characters; a step's message, which may need several for one, must stay readable as a whole. */
const LONGEST_PROMPT = 16 * 1024 * 1024;

/** Throws when there is nothing to do in a prompt, or more than any model reads. */
export function demandPrompt(prompt: string): void {
  if (prompt.trim() === "") throw new AgentError("empty-prompt", "The prompt is empty. Say what is to be done.");
  if (prompt.length > LONGEST_PROMPT) {
    const given = `The prompt is ${prompt.length} characters long, and no model reads as many`;
    throw new AgentError("long-prompt", `${given}. Put them into a file, and let the prompt name it.`);
  }
}
