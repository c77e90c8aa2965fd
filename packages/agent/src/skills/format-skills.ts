import type { Skill } from "./load-skills.ts";

const MOST_BYTES = 16 * 1024;
const SHORT_DESCRIPTION = 100;

const OPENING =
  "There are skills: instructions for special work. When a task fits one's description, call Skill with its name before you begin, and follow what it answers.";

/** The part of the system prompt that lists skills by name and description; empty without any. */
export function formatSkills(skills: readonly Skill[]): string {
  if (skills.length === 0) return "";
  const lines = skills.map(({ name, description }) => `- ${name}: ${description}`);
  const fits = Buffer.byteLength(lines.join("\n")) <= MOST_BYTES;
  const shown = fits ? lines : skills.map(({ name, description }) => `- ${name}: ${shortened(description)}`);
  return `${OPENING}\n\n${shown.join("\n")}`;
}

function shortened(description: string): string {
  const characters = [...description];
  return characters.length <= SHORT_DESCRIPTION ? description : `${characters.slice(0, SHORT_DESCRIPTION).join("")} …`;
}
