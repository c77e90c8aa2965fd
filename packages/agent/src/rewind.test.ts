import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ScriptedModel, scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "./agent.ts";

const files = { "a.txt": "a\n" };

const write = (path: string) => ({
  content: [{ type: "call" as const, id: path, name: "Write", input: { file_path: path, content: "x\n" } }],
});

/** The words of the last request, a line each. */
function heard({ requests }: ScriptedModel): string[] {
  return (requests.at(-1)?.messages ?? []).flatMap(({ content }) =>
    content.flatMap((block) => (block.type === "text" ? [block.text] : [])),
  );
}

test("an agent goes back a turn unless told, and undoing that brings files and conversation back", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel(["Hello.", write("b.txt"), "Written.", "Short.", "Whole."]);
  await using agent = await Agent.start({ cwd: repository.path, model });
  await agent.run("Hi");
  await agent.run("Write b");

  expect(await agent.rewind({ preview: true })).toMatchObject({ type: "would-rewind", files: [{ path: "b.txt" }] });
  const rewound = await agent.rewind();
  expect(rewound).toMatchObject({ type: "rewound", taken: [{ turn: 2, prompt: "Write b" }] });
  expect(existsSync(join(agent.worktree, "b.txt"))).toBe(false);
  await agent.run("And now?");
  expect(heard(model)).toEqual(["Hi", "Hello.", "And now?"]);

  if (rewound.type !== "rewound") throw new Error("It stayed.");
  await agent.rewind({ rev: rewound.before });
  expect(existsSync(join(agent.worktree, "b.txt"))).toBe(true);
  await agent.run("And now?");
  expect(heard(model)).toEqual(["Hi", "Hello.", "Write b", "Written.", "And now?"]);
});

test("a number is the prompt to go back to before, as with a fork", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel(["One.", "Two.", "Three.", "Four."]);
  await using agent = await Agent.start({ cwd: repository.path, model });
  for (const prompt of ["1", "2", "3"]) await agent.run(prompt);
  await agent.rewind({ rev: 2, only: "chat" });
  await agent.run("4");
  expect(heard(model)).toEqual(["1", "One.", "4"]);
});

test("cleared, the model hears only what follows, also after resuming; a rewind brings the rest back", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel(["One.", "Two."]);
  const agent = await Agent.start({ cwd: repository.path, model });
  const { commit } = await agent.run("1");
  await agent.clear();
  await agent.run("2");
  expect(heard(model)).toEqual(["2"]);
  expect((await agent.transcript()).entries).toHaveLength(4);
  await agent.close();

  const after = scriptedModel(["Three.", "Four."]);
  await using again = await Agent.resume({ cwd: repository.path, rev: agent.branch, model: after });
  await again.run("3");
  expect(heard(after)).toEqual(["2", "Two.", "3"]);
  await again.rewind({ rev: commit });
  await again.run("4");
  expect(heard(after)).toEqual(["1", "One.", "4"]);
  expect(`\n${await repository.graph()}`).toMatchInlineSnapshot(`
    "
    * Four (bough/session)
    * Go back to step 1
    * Three
    * Two
    * Clear the conversation
    * One
    * First commit (main)"
  `);
});

test("what is configured runs the next turns and is recorded at once; nothing new is no record", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const [one, two] = [scriptedModel(["One."]), scriptedModel(["Two.", "Three."], { name: "scripted/other" })];
  const agent = await Agent.start({ cwd: repository.path, model: one, system: "Be brief." });
  await agent.run("1");
  await agent.configure({ model: two, system: "Be long.", tools: ["Read"], permissionMode: "bypassPermissions" });
  expect([agent.model, agent.tools, agent.permissionMode]).toEqual(["scripted/other", ["Read"], "bypassPermissions"]);
  const { commit } = agent;
  await agent.configure({ tools: ["Read"] });
  expect(agent.commit).toBe(commit);
  await agent.run("2");
  expect(two.requests[0]).toMatchObject({ system: "Be long.", tools: [{ name: "Read" }] });
  const { entries, config } = await agent.transcript();
  expect(entries.flatMap((entry) => ("blocks" in entry ? entry.blocks.map(({ type }) => type) : []))).toEqual([
    "config",
    "user",
    "assistant",
    "config",
    "user",
    "assistant",
  ]);
  expect(config).toMatchObject({ text: "Be long.", extra: { model: "scripted/other", tools: ["Read"] } });
  await agent.close();

  await using again = await Agent.resume({ cwd: repository.path, rev: agent.branch, model: two });
  expect([again.tools, again.permissionMode]).toEqual([["Read"], "default"]);
});

test("a rewind takes a recorded configuration back, and the agent that still has it records it with the next turn", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel(["One.", "Two.", "Three."]);
  await using agent = await Agent.start({ cwd: repository.path, model, system: "Be brief." });
  const { commit } = await agent.run("1");
  await agent.configure({ system: "Be long." });
  await agent.rewind({ rev: commit });
  expect((await agent.transcript()).config).toMatchObject({ text: "Be brief." });
  await agent.run("2");
  expect(model.requests[1]?.system).toBe("Be long.");
  expect((await agent.transcript()).config).toMatchObject({ text: "Be long." });
});

test("a model or a tool that is not known changes nothing", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["One."]) });
  await agent.run("1");
  const { commit, model, tools } = agent;
  await expect(agent.configure({ model: "nobody/one" })).rejects.toThrow(/nobody/);
  await expect(agent.configure({ tools: ["Fly"] })).rejects.toThrow(/no tool named "Fly"/);
  expect({ commit: agent.commit, model: agent.model, tools: agent.tools }).toEqual({ commit, model, tools });
});
