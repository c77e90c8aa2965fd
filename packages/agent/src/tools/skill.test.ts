import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Skill } from "../skills/load-skills.ts";
import { editTool } from "./edit.ts";
import { readTool } from "./read.ts";
import { skillTool } from "./skill.ts";
import { worktreeFixtures } from "./worktree-fixture.ts";
import { writeTool } from "./write.ts";

const setUp = worktreeFixtures(onTestFinished);

/** A skill of the user's own, outside of the worktree. */
function ownSkill(files: readonly string[] = []): Skill & { readonly folder: string } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "bough-skill-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "notes.md"), "a note\n");
  return {
    name: "own",
    description: "Mine",
    file: "~/.agents/skills/own/SKILL.md",
    folder,
    load: async () => ({ body: "Do it.", files }),
  };
}

const brought: Skill = {
  name: "pdf",
  description: "Fills forms",
  file: ".agents/skills/pdf/SKILL.md",
  load: async () => ({ body: "Fill it.", files: ["a.py", "two\nlines"] }),
};

test("a skill tells what it says, and where its files are", async () => {
  const { call } = setUp();
  const own = ownSkill(["notes.md"]);
  const skills = [brought, own];
  expect(await call(skillTool, { name: "pdf" }, { skills })).toEqual({
    text: 'Fill it.\n\nFiles of the skill, for Read and for commands:\n- .agents/skills/pdf/a.py\n- ".agents/skills/pdf/two\\nlines"',
  });
  expect((await call(skillTool, { name: "own" }, { skills })).text).toContain(`\n- ${own.folder}/notes.md`);
});

test("of a skill that there is not, the nearest is named", async () => {
  const { call } = setUp();
  await expect(call(skillTool, { name: "pfd" }, { skills: [brought] })).rejects.toThrow("Did you mean pdf?");
  await expect(call(skillTool, { name: "word" }, { skills: [brought] })).rejects.toThrow("Skills: pdf.");
});

test("a skill's files can be read outside of the worktree, and nothing else there", async () => {
  const { call } = setUp();
  const own = ownSkill();
  const skills = [own];
  const path = join(own.folder, "notes.md");
  expect((await call(readTool, { file_path: path }, { skills })).text).toContain("a note");
  // The control: without the skill the same file is out of reach.
  await expect(call(readTool, { file_path: path })).rejects.toThrow("outside the worktree");
  symlinkSync("/etc/hostname", join(own.folder, "link"));
  mkdirSync(`${own.folder}-other`);
  onTestFinished(() => rmSync(`${own.folder}-other`, { recursive: true }));
  writeFileSync(`${own.folder}-other/x`, "no");
  for (const other of ["/etc/hostname", `${own.folder}/../x`, `${own.folder}-other/x`, `${own.folder}/link`]) {
    await expect(call(readTool, { file_path: other }, { skills })).rejects.toThrow("outside the worktree");
  }
});

test("a skill's files cannot be changed", async () => {
  const { call } = setUp();
  const own = ownSkill();
  const file_path = join(own.folder, "notes.md");
  const skills = [own];
  await call(readTool, { file_path }, { skills });
  await expect(call(writeTool, { file_path, content: "x" }, { skills })).rejects.toThrow("outside the worktree");
  const edit = { file_path, old_string: "a", new_string: "b" };
  await expect(call(editTool, edit, { skills })).rejects.toThrow("outside the worktree");
});

test("rules about files hold for those of a skill", async () => {
  const { call, root } = setUp();
  const own = ownSkill();
  const hidden = relative(root, own.folder);
  const given = { skills: [own], mayRead: (path: string) => !path.startsWith(hidden), hiddenBy: ["Read(//x)"] };
  await expect(call(readTool, { file_path: join(own.folder, "notes.md") }, given)).rejects.toThrow(
    "may not be read by",
  );
  await expect(call(skillTool, { name: "own" }, given)).rejects.toThrow("may not be read by");
});
