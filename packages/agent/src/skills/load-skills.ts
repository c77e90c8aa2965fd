import { stat } from "node:fs/promises";
import { posix, resolve } from "node:path";
import * as z from "zod";
import { openMasker } from "../secrets/open-masker.ts";
import { checkoutOf, homeFolder } from "../settings/places.ts";
import { SettingsError } from "../settings/settings-error.ts";
import { type DefinitionOptions, quietly, readDefinition } from "../sources/definitions.ts";
import { fieldsOf } from "../sources/front-matter.ts";
import { FrontMatterError } from "../sources/front-matter-error.ts";
import { SourceFolder } from "../sources/source-folder.ts";

const MOST_SKILLS = 100;
const MOST_FILES = 100;
const DEEPEST = 4;

/** Instructions for special work, which a model is told when it asks for them. */
export interface Skill {
  readonly name: string;
  /** What it is for, which a model is told at once. */
  readonly description: string;
  /** Its SKILL.md, as people are told of it. */
  readonly file: string;
  /** The absolute folder of one that is not in the repository, links followed; its files can be read there. */
  readonly folder?: string;
  /** Reads what the model is told when it asks. */
  load(): Promise<SkillContent>;
}

/** What a skill says, and the files that it has besides. */
export interface SkillContent {
  readonly body: string;
  /** Relative to its folder. */
  readonly files: readonly string[];
}

/** Where skills are looked for. */
export interface SkillOptions extends DefinitionOptions {
  /** A further folder of skills, which comes first. */
  readonly folder?: string;
}

/** Skills as they were found. */
export interface LoadedSkills {
  /** By their names, each once. */
  readonly skills: readonly Skill[];
  /** What of the files is not used, and why. */
  readonly warnings: readonly string[];
}

const nameError = "1 to 64 of a-z, 0-9 and single - between them";
const descriptionError = "a text of 1 to 1,024 characters";

const schema = z.object({
  name: z
    .string({ error: nameError })
    .max(64, { error: nameError })
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: nameError }),
  description: z
    .string({ error: descriptionError })
    .trim()
    .min(1, { error: descriptionError })
    .max(1_024, { error: descriptionError }),
});

/** Reads which skills the repository that a folder is in has, and which the user has. */
export async function loadSkills(options: SkillOptions): Promise<LoadedSkills> {
  const { cwd, env = process.env } = options;
  const root = await checkoutOf(cwd);
  const warnings: string[] = [];
  const found = new Map<string, Skill>();
  for (const folder of await foldersOfSkills(root, options)) {
    for (const skill of await skillsIn(folder, (warning) => warnings.push(warning))) {
      if (!found.has(skill.name)) found.set(skill.name, skill);
    }
  }
  const skills = [...found.values()].slice(0, MOST_SKILLS);
  if (found.size > skills.length) warnings.push(`of ${found.size} skills only the first ${MOST_SKILLS} are used`);
  if (skills.length === 0) return { skills, warnings };
  const masker = await openMasker({ environment: env, folders: root === undefined ? [] : [root] });
  return { skills: skills.map((skill) => ({ ...skill, description: masker.mask(skill.description) })), warnings };
}

async function foldersOfSkills(
  root: string | undefined,
  { folder, env = process.env }: SkillOptions,
): Promise<SourceFolder[]> {
  const places = [".agents/skills", ".claude/skills"];
  return [
    ...(folder === undefined ? [] : [await namedFolder(folder)]),
    ...(root === undefined ? [] : places.map((place) => SourceFolder.ofRepository(root, place))),
    ...places.map((place) => SourceFolder.ofUser(posix.join(homeFolder(env), place), posix.join("~", place))),
  ];
}

async function namedFolder(folder: string): Promise<SourceFolder> {
  const path = resolve(folder);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) throw new SettingsError(`There is no folder ${folder} to read skills from.`);
  return SourceFolder.ofUser(path, folder);
}

async function skillsIn(folder: SourceFolder, warn: (warning: string) => void): Promise<Skill[]> {
  const entries = (await quietly(() => folder.list(""), { file: folder.nameOf(""), warn })) ?? [];
  const skills: Skill[] = [];
  // What is there may be no skill, and is read to find out: no more than so often.
  for (const { name } of entries.filter(({ kind }) => kind === "folder").slice(0, 2 * MOST_SKILLS)) {
    const file = folder.nameOf(posix.join(name, "SKILL.md"));
    const skill = await quietly(() => readSkill(folder, name), { file, warn });
    if (skill !== undefined) skills.push(skill);
  }
  return skills;
}

/** Resolves to undefined when the folder holds none. */
async function readSkill(folder: SourceFolder, path: string): Promise<Skill | undefined> {
  const file = posix.join(path, "SKILL.md");
  if ((await folder.realPath(file)) === undefined) return undefined;
  const definition = await readDefinition(folder, file);
  const { name, description } = fieldsOf(definition, schema);
  if (name !== path) {
    throw new FrontMatterError(`name has to be that of its folder, ${path}`, { line: definition.lineOf("name") });
  }
  return {
    name,
    description: description.replace(/\s+/g, " "),
    file: definition.file,
    ...(folder.isRepository ? {} : { folder: await folder.realPath(path) }),
    async load() {
      const { body } = await readDefinition(folder, file);
      return { body: body.trim(), files: await filesIn(folder, path) };
    },
  };
}

/** The files beside SKILL.md, relative to the skill's folder. */
async function filesIn(folder: SourceFolder, path: string): Promise<string[]> {
  const walk = async (below: string, deepest: number): Promise<string[]> => {
    const found: string[] = [];
    for (const { name, kind } of await folder.list(posix.join(path, below))) {
      if (found.length >= MOST_FILES) break;
      const inside = posix.join(below, name);
      if (kind === "file" && inside !== "SKILL.md") found.push(inside);
      if (kind === "folder" && deepest > 0) found.push(...(await walk(inside, deepest - 1)));
    }
    return found;
  };
  return (await walk("", DEEPEST)).slice(0, MOST_FILES);
}
