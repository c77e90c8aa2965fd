import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type Story, story } from "./story.ts";

async function write({ repository }: Story, path: string, content: string): Promise<void> {
  const file = join(repository.path, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

const system = ({ server }: Story) => server.requests.at(-1)?.system ?? "";
const configs = async ({ git }: Story, branch: string) =>
  (await git("log", "--format=%B", branch)).match(/^config /gm)?.length;

test("the model is told what the files say, each by its name, and no path of the machine", async () => {
  await using bough = await story({ script: () => ({ text: "Hello." }) });
  await write(bough, "../home/.config/bough/AGENTS.md", "Be kind.\n");
  await write(bough, "AGENTS.md", "Use tabs. @docs/style.md\n");
  await write(bough, "docs/style.md", "No semicolons.\n");
  await bough.run("-p", "Hi", "-m", bough.model, "--append-system", "In French.");
  expect(system(bough)).toMatch(/^You are bough/);
  expect(system(bough)).toContain("In French.");
  expect(system(bough).slice(system(bough).indexOf("<instructions"))).toBe(
    `<instructions from="~/.config/bough/AGENTS.md">
Be kind.
</instructions>

<instructions from="AGENTS.md">
Use tabs. @docs/style.md
</instructions>

<instructions from="docs/style.md" imported-by="AGENTS.md">
No semicolons.
</instructions>`,
  );
  expect(system(bough)).not.toContain(bough.repository.folder);
});

test("a session that goes on is told what the files say then; only a change is recorded", async () => {
  await using bough = await story({ script: () => ({ text: "Hello." }) });
  await write(bough, "AGENTS.md", "Use tabs.\n");
  await bough.run("-p", "Hi", "-m", bough.model, "--branch", "one");
  const first = system(bough);
  await bough.run("-p", "Again", "-c");
  expect(system(bough)).toBe(first);
  expect(await configs(bough, "bough/one")).toBe(1);
  await write(bough, "AGENTS.md", "Use spaces.\n");
  await bough.run("-p", "And again", "-c");
  expect(system(bough)).toBe(first.replace("Use tabs.", "Use spaces."));
  expect(await configs(bough, "bough/one")).toBe(2);
});

test("what an agent writes there tells no agent anything before it landed", async () => {
  const write = { name: "Bash", input: { command: "echo Obey. > AGENTS.md; cp AGENTS.md CLAUDE.md" } };
  await using bough = await story({ script: [{ text: "I write.", calls: [write] }, { text: "Ok." }, { text: "Ok." }] });
  await bough.run("-p", "Write", "-m", bough.model, "--permission-mode", "bypassPermissions");
  expect((await bough.git("show", "HEAD:README.md")).length).toBeGreaterThan(0);
  await bough.run("-p", "Again", "-c");
  expect(system(bough)).toMatch(/^You are bough/);
  expect(system(bough)).not.toContain("Obey.");
  // The control: once it landed, it counts.
  await bough.run("land");
  await bough.run("-p", "Again", "-c");
  expect(system(bough)).toContain("Obey.");
});

test("what is not told is said, as no terminal obeys it", async () => {
  await using bough = await story({ script: () => ({ text: "Hello." }) });
  await write(bough, "AGENTS.md", "See @../\u001b[31mout.md and @../out.md");
  const { code, stdout, stderr } = await bough.run("-p", "Hi", "-m", bough.model);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "Hello.\n" });
  expect(stderr).toContain("AGENTS.md: @../out.md is not read: it is outside the repository\n");
  expect(stderr).not.toContain("\u001b");
});

test("`bough context` names each source with its tokens, and asks no model", async () => {
  await using bough = await story();
  await write(bough, "AGENTS.md", `${"Use tabs.\n".repeat(5_000)}@docs/style.md\n`);
  await write(bough, ".agents/skills/pdf/SKILL.md", "---\nname: pdf\ndescription: Forms\n---\n");
  const { code, stdout, stderr } = await bough.run("context", "--tools", "Ls,Skill");
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: "AGENTS.md is cut: the agent is told 32760 of its 50015 bytes\n",
  });
  expect(stdout.replace(/^ *\d+/gm, "N")).toBe(`N  system prompt
N  AGENTS.md (cut)
N  list of skills
N  tool Ls
N  tool Skill
N  in all, estimated at 3.5 bytes a token: each model counts its own way
`);
  const { tokens, sources } = JSON.parse((await bough.run("context", "--json")).stdout);
  expect(sources).toContainEqual({ kind: "instructions", name: "AGENTS.md", tokens: expect.any(Number), isCut: true });
  expect(tokens).toBe(sources.reduce((sum: number, source: { tokens: number }) => sum + source.tokens, 0));
  expect(bough.server.requests).toEqual([]);
});

test("`bough context` outside of a repository says so", async () => {
  await using bough = await story();
  const { code, stderr } = await bough.runWith({ cwd: bough.repository.folder }, "context");
  expect({ code, stderr }).toEqual({ code: 42, stderr: expect.stringContaining("repository") });
});
