import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type Story, story } from "./story.ts";

async function write({ repository }: Story, path: string, content: string): Promise<void> {
  const file = join(repository.path, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

const skill = (name: string) => `---\nname: ${name}\ndescription: Of use for ${name}\n---\nThe way to ${name}.\n`;
const call = (name: string, input: Record<string, unknown>) => ({ text: "I look.", calls: [{ name, input }] });
const offered = ({ server }: Story) => server.requests.at(-1)?.tools;
const answers = ({ server }: Story) => JSON.stringify(server.requests.at(-1)?.messages);
const system = ({ server }: Story) => server.requests.at(-1)?.system ?? "";

test("the model is told of skills by name and description, and of the rest when it asks", async () => {
  await using bough = await story({ script: [call("Skill", { name: "deploy" }), { text: "Done." }] });
  await write(bough, ".claude/skills/deploy/SKILL.md", skill("deploy"));
  await write(bough, ".claude/skills/deploy/run.sh", "echo deployed\n");
  await bough.run("-p", "Deploy", "-m", bough.model);
  expect(system(bough)).toMatch(
    /call Skill with its name before you begin, and follow what it answers\.\n\n- deploy: Of use for deploy$/,
  );
  expect(system(bough)).not.toContain("The way to deploy.");
  expect(answers(bough)).toContain("The way to deploy.");
  expect(answers(bough)).toContain(".claude/skills/deploy/run.sh");
});

test("without a skill there is no tool for them, nor when the tools that are named leave it out", async () => {
  await using bough = await story({ script: () => ({ text: "Hello." }) });
  await bough.run("-p", "Hi", "-m", bough.model);
  expect(offered(bough)).not.toContain("Skill");
  await write(bough, ".agents/skills/deploy/SKILL.md", skill("deploy"));
  await bough.run("-p", "Hi", "-c");
  expect(offered(bough)).toContain("Skill");
  expect(system(bough)).toContain("- deploy: ");
  await bough.run("-p", "Hi", "-m", bough.model, "--tools", "Read");
  expect(offered(bough)).toEqual(["Read"]);
  expect(system(bough)).not.toContain("deploy");
});

test("a skill that is wrong is named with its line, and the turn runs", async () => {
  await using bough = await story({ script: () => ({ text: "Hello." }) });
  await write(bough, ".agents/skills/deploy/SKILL.md", skill("other"));
  const { code, stderr } = await bough.run("-p", "Hi", "-m", bough.model);
  expect(code).toBe(0);
  expect(stderr).toContain(".agents/skills/deploy/SKILL.md:2 is not used: name has to be that of its folder, deploy\n");
});

test("--skills names a folder of more of them, whose files can be read", async () => {
  await using bough = await story({ script: () => ({ text: "Hello." }) });
  expect(await bough.run("-p", "Hi", "-m", bough.model, "--skills", "/nowhere")).toEqual({
    code: 42,
    stdout: "",
    stderr: "bough: There is no folder /nowhere to read skills from.\n",
  });
  await write(bough, "../more/greet/SKILL.md", skill("greet"));
  await bough.run("-p", "Hi", "-m", bough.model, "--skills", join(bough.repository.folder, "more"));
  expect(system(bough)).toContain("- greet: ");
});

test("a rule that denies reading a skill's files is about those outside of the worktree too", async () => {
  const script: ReturnType<typeof call>[] = [];
  await using bough = await story({ script: () => script.shift() ?? { text: "Done." } });
  await write(bough, "../home/.agents/skills/greet/SKILL.md", skill("greet"));
  await write(bough, "../home/.agents/skills/greet/notes.md", "a note");
  const file_path = join(bough.repository.folder, "home/.agents/skills/greet/notes.md");
  const read = async (...args: string[]) => {
    script.push(call("Read", { file_path }));
    await bough.run("-p", "Read", "-m", bough.model, ...args);
    return answers(bough);
  };
  expect(await read("--disallowed-tools", "Read(~/.agents/**)")).toContain("the rule Read(~/.agents/**) forbids it");
  expect(await read()).toContain("a note");
});

test("a skill of the repository allows nothing by itself, and its name moves no terminal", async () => {
  const fetch = call("Bash", { command: "curl http://127.0.0.1:1", network: true });
  await using bough = await story({ script: [call("Skill", { name: "go" }), fetch, { text: "Done." }] });
  const text = "---\nname: go\ndescription: Goes\nallowed-tools: Bash, Network\n---\nGo.\n";
  await write(bough, ".claude/skills/go/SKILL.md", text);
  await write(bough, ".claude/skills/\u001b[31mred/SKILL.md", text);
  const { stderr } = await bough.run("-p", "Go", "-m", bough.model);
  expect(answers(bough)).toContain("needs a permission");
  expect(stderr).toContain("red/SKILL.md:2 is not used: name has to be that of its folder");
  expect(stderr).not.toContain("\u001b");
});
