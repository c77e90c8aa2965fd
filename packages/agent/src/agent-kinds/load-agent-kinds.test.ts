import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AgentKindOptions, loadAgentKinds } from "./load-agent-kinds.ts";

let repository: TemporaryRepository;
let env: Record<string, string>;

beforeEach(async () => {
  repository = await temporaryRepository({ files: { "src/a.txt": "a\n" } });
  env = { HOME: join(repository.folder, "home"), XDG_STATE_HOME: join(repository.folder, "state") };
});
afterEach(() => repository[Symbol.asyncDispose]());

const load = (options: Partial<AgentKindOptions> = {}) =>
  loadAgentKinds({ cwd: join(repository.path, "src"), env, ...options });

async function write(path: string, content: string): Promise<void> {
  const file = join(repository.path, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

const kind = (name: string, more = "") => `---\nname: ${name}\ndescription: Of use\n${more}---\n\nYou are ${name}.\n`;

test("a kind is a Markdown file: what stands in front says what it may, the rest is what it is told", async () => {
  const more = `tools: Read, Glob, Task
model: anthropic/claude-haiku
permissionMode: acceptEdits
maxTurns: 5
isolation: none
color: red
`;
  await write("../home/.config/bough/agents/reviewer.md", kind("reviewer", more));
  expect(await load()).toEqual({
    kinds: [
      {
        name: "reviewer",
        description: "Of use",
        tools: ["Read", "Find", "Agent"],
        model: "anthropic/claude-haiku",
        permissionMode: "acceptEdits",
        maxTurns: 5,
        isolation: "none",
        prompt: "You are reviewer.",
        file: "~/.config/bough/agents/reviewer.md",
        isRepository: false,
      },
    ],
    warnings: [],
  });
});

test("a kind of another agent's chooses none of our models, and has the tools of whoever starts it unless it says", async () => {
  await write("../home/.claude/agents/a.md", kind("a", "model: sonnet\n"));
  await write("../home/.claude/agents/b.md", kind("b", 'model: inherit\ntools: "*"\n'));
  await write("../home/.claude/agents/c.md", kind("c", "tools: [Read, Bash(git:*), Read]\n"));
  const { kinds, warnings } = await load();
  expect(kinds.map(({ name, model, tools }) => ({ name, model, tools }))).toEqual([
    { name: "a", model: undefined, tools: undefined },
    { name: "b", model: undefined, tools: undefined },
    { name: "c", model: undefined, tools: ["Read"] },
  ]);
  expect(warnings).toEqual([]);
});

test("of two with one name that of the repository is meant, and there .bough's", async () => {
  await write(".bough/agents/one.md", kind("one"));
  await write(".claude/agents/one.md", kind("one"));
  await write(".claude/agents/two.md", kind("two"));
  await write("../home/.claude/agents/two.md", kind("two"));
  const { kinds } = await load();
  expect(kinds.map(({ file }) => file)).toEqual([".bough/agents/one.md", ".claude/agents/two.md"]);
});

test("a repository's kind chooses no model and widens nothing until it is trusted as it is", async () => {
  const wide = "model: anthropic/dear\npermissionMode: bypassPermissions\n";
  await write(".claude/agents/wide.md", kind("wide", wide));
  await write(".claude/agents/narrow.md", kind("narrow", "permissionMode: plan\n"));
  await write("../home/.claude/agents/own.md", kind("own", wide));
  const chosen = async (options: Partial<AgentKindOptions> = {}) =>
    (await load(options)).kinds.map(({ name, model, permissionMode }) => [name, model, permissionMode]);
  const others = [["own", "anthropic/dear", "bypassPermissions"]];
  expect(await chosen()).toEqual([["narrow", undefined, "plan"], ["wide", undefined, undefined], ...others]);
  expect((await load()).warnings).toEqual([
    ".claude/agents/wide.md:4: model and permissionMode not used, because you have not trusted it. Look at it, then run with --trust",
  ]);
  // The control: the same file, once it is trusted.
  const trusted = [["narrow", undefined, "plan"], ["wide", "anthropic/dear", "bypassPermissions"], ...others];
  expect(await chosen({ trust: true })).toEqual(trusted);
  expect(await chosen()).toEqual(trusted);
  await write(".claude/agents/wide.md", kind("wide", `${wide}maxTurns: 2\n`));
  expect(await chosen()).toEqual([["narrow", undefined, "plan"], ["wide", undefined, undefined], ...others]);
});

test("secrets in what a kind is told are masked", async () => {
  await write(".bough/agents/a.md", `${kind("a")}The token is hunter2-hunter2-hunter2.`);
  env.API_TOKEN = "hunter2-hunter2-hunter2";
  expect((await load()).kinds[0]?.prompt).toBe("You are a.\nThe token is [masked: API_TOKEN].");
});

test("one that is wrong is left out, with its file and line, and the others are used", async () => {
  await write(".bough/agents/a.md", "---\nname: a b\ndescription: x\n---\n");
  await write(".bough/agents/b.md", "You are b.");
  await write(".bough/agents/c.md", kind("c", "maxTurns: 0\n"));
  await write(".bough/agents/d.md", kind("d", "permissionMode: yolo\n"));
  await write(".bough/agents/deep/e.md", kind("e"));
  await write(".bough/agents/f.md", kind("f"));
  await write(".bough/agents/notes.txt", "no kind");
  execFileSync("mkfifo", [join(repository.path, ".bough/agents/g.md")]);
  await write(".bough/agents/h.md", `${kind("h")}${"x".repeat(300 * 1024)}`);
  const { kinds, warnings } = await load();
  expect(kinds.map(({ name }) => name)).toEqual(["f"]);
  expect(warnings).toEqual([
    ".bough/agents/a.md:2 is not used: name has to be a name of 1 to 64 letters, digits, - and _",
    ".bough/agents/b.md:1 is not used: name has to be a name of 1 to 64 letters, digits, - and _",
    ".bough/agents/c.md:4 is not used: maxTurns has to be a whole number above 0",
    ".bough/agents/d.md:4 is not used: permissionMode has to be one of default, acceptEdits, plan, dontAsk, bypassPermissions",
    ".bough/agents/h.md is not used: it has more than 256 KB",
  ]);
});

test("a link leads to where the user keeps theirs, and a repository's nowhere outside", async () => {
  await write("../dotfiles/mine.md", kind("mine"));
  await mkdir(join(repository.folder, "home/.claude/agents"), { recursive: true });
  await mkdir(join(repository.path, ".claude/agents"), { recursive: true });
  await symlink(join(repository.folder, "dotfiles/mine.md"), join(repository.folder, "home/.claude/agents/mine.md"));
  await symlink(join(repository.folder, "dotfiles/mine.md"), join(repository.path, ".claude/agents/theirs.md"));
  await symlink(join(repository.folder, "dotfiles"), join(repository.path, ".bough"));
  const { kinds, warnings } = await load();
  expect(kinds.map(({ file }) => file)).toEqual(["~/.claude/agents/mine.md"]);
  expect(warnings).toEqual([".bough/agents is not used: it leads outside the worktree through a link"]);
});
