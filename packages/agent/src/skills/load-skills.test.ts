import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { formatSkills } from "./format-skills.ts";
import { loadSkills, type SkillOptions } from "./load-skills.ts";

let repository: TemporaryRepository;
let env: Record<string, string>;

beforeEach(async () => {
  repository = await temporaryRepository({ files: { "src/a.txt": "a\n" } });
  env = { HOME: join(repository.folder, "home") };
});
afterEach(() => repository[Symbol.asyncDispose]());

const load = (options: Partial<SkillOptions> = {}) =>
  loadSkills({ cwd: join(repository.path, "src"), env, ...options });

async function write(path: string, content: string): Promise<void> {
  const file = join(repository.path, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

const skill = (name: string, description = "Of use", more = "") =>
  `---\nname: ${name}\ndescription: ${description}\n${more}---\n\nDo it well.\n`;

test("a skill is a folder with a SKILL.md, of which the body and the other files are read when it is asked for", async () => {
  const more = "license: MIT\nallowed-tools: Bash(rm:*)\nmetadata:\n  version: 1\n";
  await write(".agents/skills/pdf-forms/SKILL.md", skill("pdf-forms", "Fills PDF\n  forms", more));
  await write(".agents/skills/pdf-forms/scripts/fill.py", "");
  await write(".agents/skills/no-skill/README.md", "");
  const { skills, warnings } = await load();
  expect({ skills, warnings }).toEqual({
    skills: [
      {
        name: "pdf-forms",
        description: "Fills PDF forms",
        file: ".agents/skills/pdf-forms/SKILL.md",
        load: expect.any(Function),
      },
    ],
    warnings: [],
  });
  await write(".agents/skills/pdf-forms/REFERENCE.md", "");
  expect(await skills[0]?.load()).toEqual({ body: "Do it well.", files: ["REFERENCE.md", "scripts/fill.py"] });
});

test("of two with one name the named folder's is meant, then the repository's, then the user's own", async () => {
  const names = ["one", "two", "three", "four", "five"];
  const places = ["../named", ".agents/skills", ".claude/skills", "../home/.agents/skills", "../home/.claude/skills"];
  for (const [index, place] of places.entries()) {
    for (const name of names.slice(index)) await write(`${place}/${name}/SKILL.md`, skill(name));
  }
  const { skills } = await load({ folder: join(repository.folder, "named") });
  expect(skills.map(({ file }) => file.replace(repository.folder, "")).sort()).toEqual(
    [
      "/named/one/SKILL.md",
      "/named/two/SKILL.md",
      "/named/three/SKILL.md",
      "/named/four/SKILL.md",
      "/named/five/SKILL.md",
    ].sort(),
  );
  const own = (await load()).skills.map(({ file, folder }) => [file, folder]);
  expect(own).toEqual([
    [".agents/skills/five/SKILL.md", undefined],
    [".agents/skills/four/SKILL.md", undefined],
    [".agents/skills/three/SKILL.md", undefined],
    [".agents/skills/two/SKILL.md", undefined],
  ]);
});

test("a named folder that is not there is an error", async () => {
  await expect(load({ folder: "/nowhere" })).rejects.toThrow("There is no folder /nowhere to read skills from.");
});

test("one that is wrong is left out, with its file and line", async () => {
  await write(".agents/skills/a/SKILL.md", skill("b"));
  await write(".agents/skills/Upper/SKILL.md", skill("Upper"));
  await write(".agents/skills/c/SKILL.md", "---\nname: c\n---\n");
  await write(".agents/skills/d/SKILL.md", skill("d", "x".repeat(1_025)));
  await write(".agents/skills/e/SKILL.md", "No front matter");
  await write(".agents/skills/f/SKILL.md", skill("f"));
  await mkdir(join(repository.path, ".agents/skills/g"));
  execFileSync("mkfifo", [join(repository.path, ".agents/skills/g/SKILL.md")]);
  const { skills, warnings } = await load();
  expect(skills.map(({ name }) => name)).toEqual(["f"]);
  const name = "name has to be 1 to 64 of a-z, 0-9 and single - between them";
  expect(warnings).toEqual([
    `.agents/skills/Upper/SKILL.md:2 is not used: ${name}`,
    ".agents/skills/a/SKILL.md:2 is not used: name has to be that of its folder, a",
    ".agents/skills/c/SKILL.md:1 is not used: description has to be a text of 1 to 1,024 characters",
    ".agents/skills/d/SKILL.md:3 is not used: description has to be a text of 1 to 1,024 characters",
    `.agents/skills/e/SKILL.md:1 is not used: ${name}`,
    ".agents/skills/g/SKILL.md is not used: it is a named pipe, not a file",
  ]);
});

test("a link leads to where the user keeps theirs, and a repository's nowhere outside", async () => {
  await write("../dotfiles/mine/SKILL.md", skill("mine"));
  await write("../dotfiles/mine/notes.md", "");
  await mkdir(join(repository.folder, "home/.claude/skills"), { recursive: true });
  await mkdir(join(repository.path, ".claude/skills"), { recursive: true });
  await symlink(join(repository.folder, "dotfiles/mine"), join(repository.folder, "home/.claude/skills/mine"));
  await symlink(join(repository.folder, "dotfiles/mine"), join(repository.path, ".claude/skills/mine"));
  const { skills } = await load();
  expect(skills).toMatchObject([
    { file: "~/.claude/skills/mine/SKILL.md", folder: join(repository.folder, "dotfiles/mine") },
  ]);
  expect(await skills[0]?.load()).toMatchObject({ files: ["notes.md"] });
});

test("of very many the model is told no more than fits", async () => {
  for (let index = 0; index < 120; index++) {
    await write(`.agents/skills/s${index}/SKILL.md`, skill(`s${index}`, "wordy ".repeat(150)));
  }
  const { skills, warnings } = await load();
  expect(warnings).toEqual(["of 120 skills only the first 100 are used"]);
  expect(Buffer.byteLength(formatSkills(skills))).toBeLessThan(16 * 1024);
  expect(formatSkills(skills)).toContain("- s119: wordy wordy");
});
