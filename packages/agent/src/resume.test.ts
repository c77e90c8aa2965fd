import { rm } from "node:fs/promises";
import { openModel, scriptedModel } from "@bough/models";
import { startModelServer, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "./agent.ts";

const files = { "a.txt": "a\n" };
const call = (id: string, name: string, input: Record<string, unknown> = {}) => ({
  type: "call" as const,
  id,
  name,
  input,
});
const write = (id: string, path: string) => ({ content: [call(id, "Write", { file_path: path, content: "x\n" })] });

test.each([
  ["its branch", (agent: Agent) => agent.branch],
  ["its id", (agent: Agent) => agent.session],
  ["its last commit", (agent: Agent) => agent.commit],
  ["nothing, as the last one", () => undefined],
])("a session is gone on with by %s, with the history as it was", async (_, rev) => {
  await using repository = await temporaryRepository({ files, enter: true });
  const before = scriptedModel([write("1", "b.txt"), "Written."]);
  const agent = await Agent.start({ cwd: repository.path, model: before, system: "Be brief.", tools: ["Write", "Ls"] });
  await agent.run("Write a file");
  await agent.close();

  const after = scriptedModel(["Two files."]);
  await using again = await Agent.resume({ cwd: repository.path, rev: rev(agent), model: after });
  await again.run("How many?");
  expect(again).toMatchObject({ branch: agent.branch, session: agent.session, worktree: agent.worktree });
  expect(after.requests[0]).toMatchObject({ system: "Be brief.", tools: [{ name: "Write" }, { name: "Ls" }] });
  expect(JSON.stringify(after.requests[0]?.messages.slice(0, 3))).toBe(JSON.stringify(before.requests[1]?.messages));
});

test("an earlier commit is gone on with on a branch of its own, with the history up to there", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using agent = await Agent.start({
    cwd: repository.path,
    model: scriptedModel([write("1", "b"), "One.", "Two."]),
    branch: "x",
  });
  const { commit } = await agent.run("First");
  await agent.run("Second");
  const model = scriptedModel(["Three."]);
  await using fork = await Agent.resume({ cwd: repository.path, rev: commit, model });
  await fork.run("Third");
  expect(fork.branch).toBe("bough/x.1");
  expect(
    model.requests[0]?.messages.map(({ content }) =>
      content.map((block) => ("text" in block ? block.text : block.type)),
    ),
  ).toEqual([["First"], ["call"], [expect.stringContaining("Created b")], ["One."], ["Third"]]);
});

test("a session whose worktree is gone gets it back", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const agent = await Agent.start({ cwd: repository.path, model: scriptedModel([write("1", "b.txt"), "Written."]) });
  await agent.run("Write a file");
  await agent.close();
  await rm(agent.worktree, { recursive: true });
  const model = scriptedModel([{ content: [call("2", "Read", { file_path: "b.txt" })] }, "x."]);
  await using again = await Agent.resume({ cwd: repository.path, model });
  await again.run("Read it");
  expect(model.requests[1]?.messages.at(-1)?.content).toMatchObject([{ id: "2", text: "     1\tx" }]);
});

test("a conversation changes providers, there and back", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using server = await startModelServer(({ messages }) => {
    const asked = messages.at(-1)?.results === undefined;
    return asked
      ? { thinking: "Hm.", text: "I look.", calls: [{ name: "Ls" }, { name: "Ls", input: { path: "." } }] }
      : { text: "Seen." };
  });
  const names = [
    "anthropic/claude",
    "google/gemini-3.8-flash",
    "openai/gpt-5.5",
    "openai-compatible/local",
    "anthropic/claude",
  ];
  for (const [index, name] of names.entries()) {
    const baseUrl = name.startsWith("openai") ? `${server.url}/v1` : server.url;
    const options = { cwd: repository.path, model: openModel(name, { env: {}, apiKey: "key", baseUrl }) };
    await using agent = index === 0 ? await Agent.start(options) : await Agent.resume(options);
    expect(await agent.run(`Look again, ${name}`)).toMatchObject({ stop: "done", text: "Seen." });
  }
  expect(server.requests.flatMap(({ refused }) => refused ?? [])).toEqual([]);
  const models = await repository.git(
    "log",
    "--branches=bough/*",
    "--not",
    "main",
    "--reverse",
    "--format=%(trailers:key=Agent-Model,valueonly)",
  );
  expect(models.split("\n").filter(Boolean)).toEqual(names);
});

test("what it is run with is recorded when it changes, and only then", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const one = await Agent.start({
    cwd: repository.path,
    model: scriptedModel(["1."], { name: "scripted/one" }),
    appendSystem: "Be kind.",
  });
  await one.run("One");
  await one.close();
  const resume = async (name: string) => {
    await using agent = await Agent.resume({
      cwd: repository.path,
      model: scriptedModel(["2."], { name }),
      appendSystem: "Be kind.",
      system: undefined,
    });
    await agent.run("More");
    return (await agent.transcript()).entries.flatMap((entry) =>
      entry.type === "step" ? entry.blocks.filter(({ type }) => type === "config") : [],
    );
  };
  expect(await resume("scripted/one")).toHaveLength(1);
  const [first, second] = await resume("scripted/two");
  expect(first).toMatchObject({
    extra: { model: "scripted/one" },
    text: expect.stringMatching(/^You are bough.*\n\nBe kind\.$/s),
  });
  expect(second).toEqual({ ...first, extra: { ...first?.extra, model: "scripted/two" } });
});

test("a recorded permission grants nothing", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const agent = await Agent.start({
    cwd: repository.path,
    model: scriptedModel(["1."]),
    permissionMode: "bypassPermissions",
  });
  await agent.run("One");
  await agent.close();
  const model = scriptedModel([{ content: [call("1", "Bash", { command: "touch made", network: true })] }, "No."]);
  await using again = await Agent.resume({ cwd: repository.path, model });
  expect(again.permissionMode).toBe("default");
  expect(await again.run("Two")).toMatchObject({ denials: [{ tool: "Bash" }] });
});

test("tools of the caller's own making are not recorded as built in, and have to be given again", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["1."]), tools: [] });
  await agent.run("One");
  await agent.close();
  await using again = await Agent.resume({ cwd: repository.path, model: scriptedModel([]) });
  expect(again.tools).toEqual([]);
});

test("where there is no session to go on with, it says how to start one", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await expect(Agent.resume({ cwd: repository.path })).rejects.toMatchObject({
    name: "AgentError",
    reason: "no-session",
    message: `There is no session in ${repository.path} to go on with. Start one: bough -p "…".`,
  });
});

test("a model that cannot be opened is said so, and nothing is left of a fork that was to run on it", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["1.", "2."]), branch: "x" });
  const { commit } = await agent.run("One");
  await agent.run("Two");
  await agent.close();
  const refs = await repository.git("for-each-ref");
  await expect(Agent.resume({ cwd: repository.path, rev: commit })).rejects.toMatchObject({
    name: "ModelError",
    kind: "unknown-model",
  });
  expect(await repository.git("for-each-ref")).toBe(refs);
  await expect(Agent.resume({ cwd: repository.path, rev: agent.branch })).rejects.toMatchObject({ name: "ModelError" });
  expect(await repository.git("for-each-ref")).toBe(refs);
});
