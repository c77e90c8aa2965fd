import { costOf, modelPrice, openModel, scriptedModel } from "@bough/models";
import { type ModelReply, startModelServer, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "./agent.ts";
import { Budget } from "./budget.ts";
import type { AgentEvent } from "./events.ts";

const files = { "a.txt": "a\n" };
const name = "anthropic/claude-sonnet-4-5";
/** 30 cents to send, and 45 for what comes back. */
const dear = { input: 100_000, output: 30_000 };
const reads = (path: string): ModelReply => ({
  text: `I read ${path}.`,
  calls: [{ name: "Read", input: { file_path: path } }],
  usage: dear,
});
/** Reads another file each time, for as long as it is let. */
const endless = ({ messages }: { readonly messages: readonly unknown[] }) => reads(`${messages.length}.txt`);

function modelAt({ url }: { readonly url: string }) {
  return openModel(name, { env: {}, apiKey: "key", baseUrl: url });
}

test("a turn whose next request would cost too much ends, and the request is not sent", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using server = await startModelServer(endless);
  const agent = await Agent.start({ cwd: repository.path, model: modelAt(server), limits: { cost: 1 } });
  await using _ = agent;
  const turn = await agent.run("Read on");
  // After the first reply 75 cents are spent; what is sent again costs 39 more.
  expect(turn).toMatchObject({ stop: "cost-limit", replies: 1, cost: 0.75 });
  expect(turn.why).toBe("Stopped at the limit of $1.00 a turn");
  expect(server.requests).toHaveLength(1);
  expect((await agent.run("Go on")).stop).toBe("cost-limit");
  expect(server.requests.flatMap(({ refused }) => refused ?? [])).toEqual([]);
});

test("a first request that is dearer than the limit is not sent", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using server = await startModelServer(endless);
  await using agent = await Agent.start({ cwd: repository.path, model: modelAt(server), limits: { cost: 0.01 } });
  expect(await agent.run("Read this. ".repeat(10_000))).toMatchObject({ stop: "cost-limit", replies: 0, cost: 0 });
  expect(server.requests).toEqual([]);
});

test("tokens are limited too", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using server = await startModelServer(endless);
  await using agent = await Agent.start({ cwd: repository.path, model: modelAt(server), limits: { tokens: 300_000 } });
  expect(await agent.run("Read on")).toMatchObject({
    stop: "token-limit",
    replies: 2,
    why: "Stopped at the limit of 300000 tokens a turn",
  });
});

test("a model whose price is not known cannot be limited in cost, and nothing is begun", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const start = (limits?: { cost: number }) =>
    Agent.start({ cwd: repository.path, model: scriptedModel(["Yes."]), limits });
  await expect(start({ cost: 1 })).rejects.toMatchObject({ name: "AgentError", reason: "unknown-price" });
  expect(await repository.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");

  await using agent = await start();
  await expect(agent.run("Hi", { budget: new Budget({ cost: 1 }) })).rejects.toThrow("price of scripted/model");
  const fork = Agent.fork({ cwd: repository.path, from: agent.branch, model: scriptedModel([]), limits: { cost: 1 } });
  await expect(fork).rejects.toThrow("price of scripted/model");
  expect((await repository.git("branch", "--list", "bough/*", "--format=%(refname)")).split("\n")).toHaveLength(1);
});

test("an agent whose cost is limited is not given a model whose price is not known", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using server = await startModelServer([{ text: "Yes." }]);
  await using agent = await Agent.start({ cwd: repository.path, model: modelAt(server), limits: { cost: 1 } });
  const before = agent.commit;
  await expect(agent.configure({ model: scriptedModel([]) })).rejects.toMatchObject({ reason: "unknown-price" });
  expect([agent.model, agent.commit]).toEqual([name, before]);
  expect(await agent.run("Hi")).toMatchObject({ stop: "done", text: "Yes." });
});

test("a cost that is not known is undefined", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["Yes."]) });
  const events: AgentEvent[] = [];
  const turn = await agent.run("Hi", { onEvent: (event) => events.push(event) });
  expect(turn.cost).toBeUndefined();
  expect(events.filter((event) => event.type === "step-commit").map(({ cost }) => cost)).toEqual([undefined]);
  const message = await repository.git("log", "-1", "--format=%B", agent.branch);
  expect(message).toContain("Agent-Usage: input=0 output=0\n");
  expect(message).not.toContain("cost");
});

test("what a reply cost, the cached part of it too, is in its step, its event and its turn", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const usage = { input: 320, output: 311, cacheRead: 4800, cacheWrite: 1000 };
  await using server = await startModelServer([{ text: "Yes.", usage }]);
  await using agent = await Agent.start({ cwd: repository.path, model: modelAt(server) });
  const events: AgentEvent[] = [];
  const turn = await agent.run("Hi", { onEvent: (event) => events.push(event) });
  const price = await modelPrice(name);
  const cost = costOf(turn.usage, price ?? { input: 0, output: 0 });
  expect(cost).toBeGreaterThan(0);
  expect(turn.cost).toBe(cost);
  expect(events.flatMap((event) => ("cost" in event ? [event.cost] : []))).toEqual([cost, cost]);
  const message = await repository.git("log", "-1", "--format=%B", agent.branch);
  expect(message).toContain(`"cost":${cost}}`);
  expect(message).toMatch(new RegExp(`^Agent-Usage: input=.* cost=${cost.toFixed(6).replace(/0+$/, "")}$`, "m"));
});

test("agents that share a budget are bounded together, also side by side", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using server = await startModelServer(endless);
  const start = (branch: string) => Agent.start({ cwd: repository.path, model: modelAt(server), branch });
  const agents = await Promise.all(["one", "two", "three"].map(start));
  const budget = new Budget({ replies: 7 });
  const turns = await Promise.all(agents.map((agent) => agent.run("Read on", { budget: budget.child() })));
  expect(turns.map(({ stop }) => stop)).toEqual(["turn-limit", "turn-limit", "turn-limit"]);
  expect(turns[0]?.why).toBe("Stopped at the limit of 7 replies for several agents together");
  expect(server.requests.length).toBeLessThanOrEqual(7);
  expect(budget.spent.replies).toBe(server.requests.length);
  await Promise.all(agents.map((agent) => agent.close()));
});

test("an agent's own limits hold within a budget", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using server = await startModelServer(endless);
  await using agent = await Agent.start({ cwd: repository.path, model: modelAt(server), limits: { replies: 2 } });
  const budget = new Budget({ replies: 100 });
  expect(await agent.run("Read on", { budget })).toMatchObject({ stop: "turn-limit", replies: 2 });
  expect(budget.spent.replies).toBe(2);
});
