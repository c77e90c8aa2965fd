import { posix } from "node:path";
import { nearestWord } from "@bough/models";
import * as z from "zod";
import type { Skill } from "../skills/load-skills.ts";
import { defineTool } from "../tool.ts";
import { outsidePath } from "./outside-path.ts";
import { shownPath } from "./shown-path.ts";

/** Tells the model what a skill says, and which files it has. */
export const skillTool = defineTool({
  name: "Skill",
  description:
    "Shows the instructions of a skill and names its files. The skills there are stand in the system prompt.",
  effect: "read",
  input: z.object({ name: z.string().min(1).describe("Name of the skill.") }),
  async execute({ name }, { files, mayRead, hiddenBy, skills = [] }) {
    const skill = skills.find((each) => each.name === name);
    if (skill === undefined) throw new Error(unknownSkill(name, skills));
    const place = skill.folder ?? posix.dirname(skill.file);
    const file = skill.folder === undefined ? skill.file : outsidePath(posix.join(skill.folder, "SKILL.md"), files);
    if (!mayRead(file)) throw new Error(`The skill ${name} may not be read by ${hiddenBy.join(", ")}.`);
    const { body, files: others } = await skill.load();
    if (others.length === 0) return { text: body };
    const listed = others.map((path) => `- ${shownPath(posix.join(place, path))}`).join("\n");
    return { text: `${body}\n\nFiles of the skill, for Read and for commands:\n${listed}` };
  },
});

function unknownSkill(name: string, skills: readonly Skill[]): string {
  const names = skills.map((each) => each.name);
  const near = nearestWord(name, names);
  const hint = near === undefined ? `Skills: ${names.join(", ")}.` : `Did you mean ${near}?`;
  return `There is no skill named ${JSON.stringify(name)}. ${hint}`;
}
