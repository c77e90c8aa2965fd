import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import * as z from "zod";
import { Agent } from "./agent.ts";
import type { AgentEvent } from "./events.ts";
import { defineTool } from "./tool.ts";

const files = { "a.txt": "a\n" };
const call = (id: string, name: string, input: Record<string, unknown> = {}) => ({
  type: "call" as const,
  id,
  name,
  input,
});

test("an agent tells where it works and with what", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using agent = await Agent.start({
    cwd: repository.path,
    model: scriptedModel([], { name: "scripted/one" }),
    topic: "Please rename the parser",
    tools: ["Read", "Bash"],
  });
  expect(agent).toMatchObject({
    branch: "bough/rename-parser",
    session: expect.stringMatching(/^[0-9a-z]{26}$/),
    commit: await repository.git("rev-parse", "HEAD"),
    model: "scripted/one",
    tools: ["Read", "Bash"],
    permissionMode: "default",
  });
  expect(agent.worktree.startsWith(join(repository.folder, "home/.local/state/bough/worktrees/"))).toBe(true);
});

test("a model is offered its tools, with their inputs as JSON Schema, and told how to work", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const roll = defineTool({
    name: "Roll",
    description: "Rolls a die.",
    effect: "read",
    input: z.object({ sides: z.number().int().describe("How many.") }),
    execute: async ({ sides }) => ({ text: `1 of ${sides}` }),
  });
  const model = scriptedModel([{ content: [call("1", "Roll", { sides: 6 })] }, "A one."]);
  await using agent = await Agent.start({
    cwd: repository.path,
    model,
    tools: [roll],
    system: "Be brief.",
    appendSystem: "Be kind.",
  });
  await agent.run("Roll");
  expect(model.requests[0]).toMatchObject({
    system: "Be brief.\n\nBe kind.",
    tools: [
      {
        name: "Roll",
        description: "Rolls a die.",
        inputSchema: {
          type: "object",
          properties: { sides: { type: "integer", description: "How many." } },
          required: ["sides"],
        },
      },
    ],
  });
  expect(model.requests[1]?.messages.at(-1)?.content).toMatchObject([{ text: "1 of 6" }]);
});

test("a tool that there is not is refused before anything is done", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const start = Agent.start({ cwd: repository.path, model: scriptedModel([]), tools: ["Raed"] });
  await expect(start).rejects.toMatchObject({
    name: "AgentError",
    reason: "unknown-tool",
    message:
      'There is no tool named "Raed". Tools: Read, Write, Edit, Bash, Jobs, Grep, Find, Ls, Agent, Merge, Skill, Recall, AskUserQuestion.',
  });
  expect(await repository.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
});

test("an agent runs one turn at a time", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["One.", "Two."]) });
  const first = agent.run("First");
  await expect(agent.run("Second")).rejects.toMatchObject({ reason: "busy" });
  expect(await first).toMatchObject({ text: "One." });
  expect(await agent.run("Second")).toMatchObject({ text: "Two." });
});

test("a prompt without a word in it is refused, and one that no model could read", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel([]) });
  await expect(agent.run(" \n")).rejects.toMatchObject({ reason: "empty-prompt" });
  await expect(agent.run("x".repeat(17 * 1024 * 1024))).rejects.toMatchObject({ reason: "long-prompt" });
  expect((await agent.transcript()).lastTurn).toBe(0);
});

test("closing interrupts what runs, and whoever runs it is told", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["A long story."], { delay: 60_000 }) });
  const turn = agent.run("Tell me a story");
  await agent.close();
  expect(await turn).toMatchObject({ stop: "interrupted" });
  expect(await repository.git("log", "-1", "--format=%s", agent.branch)).toBe("Interrupted by the user");
  await agent.close();
  await expect(agent.run("Go on")).rejects.toMatchObject({
    reason: "closed",
    message: `This agent is closed. Agent.resume({ rev: "${agent.branch}" }) goes on with its session.`,
  });
});

test("what a listener throws ends the turn in order and reaches who runs it", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const write = { content: [call("1", "Write", { file_path: "b.txt", content: "b\n" })] };
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel([write, "Yes."]) });
  const onEvent = (event: AgentEvent) => {
    if (event.type === "tool-end") throw new Error("The screen is gone.");
  };
  await expect(agent.run("Write", { onEvent })).rejects.toThrow("The screen is gone.");
  expect(await repository.git("diff", "--name-only", "main", agent.branch)).toBe("b.txt");
  expect(await agent.run("Is it there?")).toMatchObject({ stop: "done", text: "Yes." });
});

test("two agents work in one process, each on its branch", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const start = (name: string) =>
    Agent.start({
      cwd: repository.path,
      model: scriptedModel([
        { content: [call("1", "Write", { file_path: `${name}.txt`, content: `${name}\n` })] },
        `${name} is done.`,
      ]),
      topic: "same topic",
    });
  await using one = await start("one");
  await using two = await start("two");
  const turns = await Promise.all([one.run("Go"), two.run("Go")]);
  expect(turns.map(({ text }) => text)).toEqual(["one is done.", "two is done."]);
  expect([one.branch, two.branch]).toEqual(["bough/same-topic", "bough/same-topic-2"]);
  expect(await repository.git("diff", "--name-only", "main", one.branch)).toBe("one.txt");
  expect(await repository.git("diff", "--name-only", "main", two.branch)).toBe("two.txt");
});

test("a transcript reads the conversation as it stood at a commit", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["One.", "Two."]) });
  const { commit } = await agent.run("First");
  await agent.run("Second");
  const said = async (rev?: string) =>
    (await agent.transcript(rev)).entries.flatMap((entry) =>
      entry.type === "step" ? entry.blocks.filter(({ type }) => type !== "config").map(({ text }) => text) : [],
    );
  expect(await said(commit)).toEqual(["First", "One."]);
  expect(await said()).toEqual(["First", "One.", "Second", "Two."]);
});

test("a session's changes are counted, and applied to the checkout as uncommitted edits", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const write = { content: [call("1", "Write", { file_path: "b.txt", content: "b\n" })] };
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel([write, "Done."]) });
  expect(await agent.diffstat()).toBe("");
  await agent.run("Write");
  expect(await agent.diffstat()).toBe("1 file changed, 1 insertion(+)");
  expect(await agent.apply()).toEqual({ type: "applied", paths: ["b.txt"] });
  expect(await repository.git("status", "--porcelain")).toBe("?? b.txt");
});

test("a session that is discarded leaves nothing", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const agent = await Agent.start({ cwd: repository.path, model: scriptedModel([]) });
  await agent.discard();
  expect(await repository.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
  expect(await repository.git("worktree", "list")).toMatch(/^\S+\/repository +\w+ \[main\]$/);
  await expect(stat(agent.worktree)).rejects.toThrow("ENOENT");
});

test("files that look like credentials are left out of the commits and named", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await repository.write({ ".env": "KEY=1\n" });
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["Yes."]) });
  await agent.run("Are you there?");
  expect(agent.leftOut).toEqual([{ path: ".env", reason: "looks like a credential", includeLine: "/.env" }]);
});

test("the user's checkout stays as it is while an agent works", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await repository.write({ "a.txt": "half done\n", "new.txt": "new\n" });
  const before = await repository.fingerprint();
  const edit = call("1", "Edit", { file_path: "a.txt", old_string: "half", new_string: "all" });
  const run = call("2", "Bash", { command: "rm new.txt" });
  const model = scriptedModel([{ content: [edit, run] }, "Done."]);
  await using agent = await Agent.start({ cwd: repository.path, model, permissionMode: "bypassPermissions" });
  await agent.run("Go");
  expect(await readFile(join(agent.worktree, "a.txt"), "utf8")).toBe("all done\n");
  expect(await repository.fingerprint()).toBe(before);
});

test("what is changed by hand before the first prompt is the user's too", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel([{ content: [call("1", "Bash", { command: "echo b > b.txt" })] }, "Done."]);
  await using agent = await Agent.start({ cwd: repository.path, model, permissionMode: "bypassPermissions" });
  await agent.ready();
  await writeFile(join(agent.worktree, "mine.txt"), "mine\n");
  await agent.run("Go");
  expect(await repository.git("log", "--reverse", "--format=%an: %s", "--name-only", `main..${agent.branch}`)).toBe(
    [
      "Ada: Start of the session",
      "Ada: By hand: mine.txt\n\nmine.txt",
      "scripted/model (bough): Bash echo b > b.txt\n\nb.txt",
      "scripted/model (bough): Done",
    ].join("\n"),
  );
});

test("a fork from before a prompt is an agent of its own with the files and the conversation of then", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const write = (id: string, content: string) => call(id, "Write", { file_path: "b.txt", content });
  const model = scriptedModel([
    { content: [write("1", "one\n")] },
    "One.",
    { content: [call("2", "Ls")] },
    "Two.",
    "Three.",
  ]);
  await using agent = await Agent.start({ cwd: repository.path, model, branch: "work" });
  await agent.run("First");
  await agent.run("Second");
  await using other = await agent.fork({ rev: 2 });
  expect(other).toMatchObject({ branch: "bough/work.1", model: agent.model, tools: agent.tools });
  await other.ready();
  expect(await readFile(join(other.worktree, "b.txt"), "utf8")).toBe("one\n");
  await other.run("Another second");
  const sent = model.requests.at(-1)?.messages.filter(({ role }) => role === "user") ?? [];
  expect(
    sent.flatMap(({ content }) => content.flatMap((block) => (block.type === "text" ? [block.text] : []))),
  ).toEqual(["First", "Another second"]);
});

test("a fork's model is asked while its files are put there; when they cannot be, the turn fails and says why", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel(["One.", { content: [call("1", "Ls")] }, "Two."]);
  await using agent = await Agent.start({ cwd: repository.path, model, branch: "work" });
  await agent.run("First");
  const blob = await repository.git("rev-parse", "HEAD:a.txt");
  await rm(join(repository.path, ".git/objects", blob.slice(0, 2), blob.slice(2)));
  await using other = await agent.fork();
  await expect(other.run("Second")).rejects.toThrow(/^Cannot open the worktree of bough\/work\.1: .*a\.txt/s);
  expect(model.requests).toHaveLength(2);
});

test("a model that is gone on with is asked while the files that had gone are put there again", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel(["One.", { content: [call("1", "Ls")] }, "Two."]);
  const agent = await Agent.start({ cwd: repository.path, model, branch: "work" });
  await agent.run("First");
  await agent.close({ worktree: "remove-when-safe" });
  const blob = await repository.git("rev-parse", "HEAD:a.txt");
  await rm(join(repository.path, ".git/objects", blob.slice(0, 2), blob.slice(2)));
  await using again = await Agent.resume({ cwd: repository.path, model });
  await expect(again.run("Second")).rejects.toThrow(/^Cannot open the worktree of bough\/work: .*a\.txt/s);
  expect(model.requests).toHaveLength(2);
});
