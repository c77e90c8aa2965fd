import { type Model, ModelError, modelLimits, openModel, type ScriptedReply, scriptedModel } from "@bough/models";
import { type RecordedRequest, startModelServer, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "../agent.ts";
import type { AgentEvent } from "../events.ts";
import type { ContextSettings } from "./context-settings.ts";

const files = { "long.txt": "A line of sixteen\n".repeat(400) };
const wires = ["anthropic/claude-sonnet-5-5", "openai/gpt-5.5", "openai-compatible/local", "google/gemini-3.8-flash"];

const reads = (id: number): ScriptedReply => ({
  content: [
    { type: "text", text: `I read it for the time number ${id}.` },
    { type: "call", id: `call-${id}`, name: "Read", input: { file_path: "long.txt", offset: id } },
  ],
});
const isSummaryRequest = (messages: unknown) => JSON.stringify(messages).includes("write only the summary");

/** Reads the file in every step until it has been asked so often, and writes a summary when it is asked for one. */
function reader(steps: number, summary: () => ScriptedReply | Error = () => "We read long.txt.") {
  let step = 0;
  return scriptedModel(
    Array.from({ length: 200 }, () => ({ messages }) => {
      if (isSummaryRequest(messages)) return summary();
      step++;
      return step <= steps ? reads(step) : "Read.";
    }),
  );
}

async function run(
  model: Model,
  context: ContextSettings,
  work: (agent: Agent, events: AgentEvent[]) => Promise<void>,
) {
  await using repository = await temporaryRepository({ files, enter: true });
  const tools = ["Read"];
  await using agent = await Agent.start({ cwd: repository.path, model, context, tools, system: "Be brief." });
  const events: AgentEvent[] = [];
  await agent.run("Read it often. The password of the harbour is heron.", { onEvent: (event) => events.push(event) });
  await work(agent, events);
}

test("when the window is full all the same, the oldest steps are summarized, the prompts word for word beside", async () => {
  const model = reader(12);
  await run(model, { window: 10_000, shortenAt: 1, summarizeAt: 0.8 }, async (agent, events) => {
    const summaries = events.filter((event) => event.type === "summary");
    expect(summaries.length).toBeGreaterThan(0);
    for (const { before, after } of summaries) expect(after).toBeLessThan(before / 1.5);
    const [last] = model.requests.slice(-1);
    const shown = JSON.stringify(last?.messages);
    expect(shown).toContain("We read long.txt.");
    expect(shown).toContain("Step 1:\\nRead it often. The password of the harbour is heron.");
    const { entries } = await agent.transcript();
    expect(entries.length).toBe(14);
    expect(JSON.stringify(entries)).toContain("time number 1.");
  });
});

test("the request for a summary begins with what was sent before, so that the provider has it in its cache", async () => {
  const model = reader(6);
  await run(model, { window: 10_000, shortenAt: 1, summarizeAt: 0.8 }, async () => {
    const at = model.requests.findIndex(({ messages }) => isSummaryRequest(messages));
    const [asked, before] = [model.requests[at], model.requests[at - 1]];
    expect(asked).toMatchObject({ system: "Be brief.", tools: [{ name: "Read" }] });
    const shared = asked?.messages.slice(0, -1) ?? [];
    expect(shared.length).toBeGreaterThan(3);
    expect(before?.messages.slice(0, shared.length)).toEqual(shared);
  });
});

test("a resumed session is sent what the running one was", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const options = { cwd: repository.path, context: { window: 10_000 }, tools: ["Read"] };
  const before = reader(12);
  const agent = await Agent.start({ ...options, model: before });
  await agent.run("Read it often");
  await agent.close();
  const after = scriptedModel(["Hello."]);
  await using again = await Agent.resume({ ...options, model: after });
  await again.run("Hello");
  const sent = before.requests.at(-1)?.messages ?? [];
  expect(after.requests[0]?.messages.slice(0, sent.length)).toEqual(sent);
});

test("a summary that fails is told of, and all old results are shortened instead", async () => {
  const model = reader(8, () => new ModelError("overloaded", "Not now."));
  await run(model, { window: 10_000, shortenAt: 1, summarizeAt: 0.8 }, async (_, events) => {
    const notices = events.flatMap((event) => (event.type === "notice" ? [event.text] : []));
    expect(notices).toEqual([
      "The conversation could not be summarized (Not now). It is sent with the results of all earlier steps shortened, to make room.",
    ]);
    expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain("lines left out");
    expect(events.at(-1)).toMatchObject({ type: "turn-end", stop: "done" });
  });
});

test("a long part is summarized piece by piece, each with what was summarized before", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const wide = reader(12);
  const options = { cwd: repository.path, tools: ["Read"] };
  const agent = await Agent.start({ ...options, model: wide });
  await agent.run("Read it often");
  await agent.close();
  let pieces = 0;
  const narrow = reader(0, () => `Piece ${++pieces}.`);
  await using again = await Agent.resume({ ...options, model: narrow, context: { window: 12_000, shortenAt: 1 } });
  expect(await again.compact("Heed the birds.")).toMatchObject({ type: "summarized", from: 0, to: 13 });
  expect(pieces).toBeGreaterThan(1);
  for (const [at, { messages }] of narrow.requests.entries()) {
    if (at > 0) expect(JSON.stringify(messages[0])).toContain(`Piece ${at}.`);
    expect(JSON.stringify(messages)).toContain("Heed the birds.");
  }
  const seen = JSON.stringify(narrow.requests.map(({ messages }) => messages));
  for (let step = 1; step <= 12; step++) expect(seen).toContain(`time number ${step}.`);
});

test("a conversation is compacted when the user says so, and a rewind brings it back", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel(["Hello.", "They said hello.", "Yes.", "Hello again."]);
  await using agent = await Agent.start({ cwd: repository.path, model, tools: ["Read"] });
  await agent.run("Say hello");
  const { commit } = agent;
  await agent.compact();
  await agent.run("Is it so?");
  expect(model.requests[2]?.messages).toHaveLength(1);
  expect(JSON.stringify(model.requests[2]?.messages)).toContain("They said hello.");
  await agent.rewind({ rev: commit });
  await agent.run("Once more");
  expect(model.requests[3]?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
});

test("compacting that fails changes nothing", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel(["Hello.", new ModelError("overloaded", "Not now.")]);
  await using agent = await Agent.start({ cwd: repository.path, model, tools: ["Read"] });
  await agent.run("Say hello");
  const { commit } = agent;
  await expect(agent.compact()).rejects.toThrow("The conversation could not be summarized: Not now.");
  expect(agent.commit).toBe(commit);
});

test("there is nothing to summarize in a conversation that was cleared", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel(["They did nothing yet."]);
  await using agent = await Agent.start({ cwd: repository.path, model, tools: ["Read"] });
  await agent.clear();
  expect(await agent.compact()).toEqual({ type: "nothing-to-summarize" });
  expect(model.requests).toEqual([]);
});

test("what a summary took is counted, in the turn and in its record", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const usage = { input: 1_000, output: 7 };
  const model = reader(8, () => ({ content: [{ type: "text", text: "We read." }], usage }));
  const context = { window: 10_000, shortenAt: 1 };
  await using agent = await Agent.start({ cwd: repository.path, model, context, tools: ["Read"], system: "Be brief." });
  const turn = await agent.run("Read it often");
  const { entries } = await agent.transcript();
  const summaries = entries.flatMap((entry) =>
    "blocks" in entry ? entry.blocks.filter(({ type }) => type === "summary") : [],
  );
  expect(summaries.length).toBeGreaterThan(0);
  for (const { extra } of summaries) expect(extra?.["usage"]).toMatchObject(usage);
  expect(turn.usage).toMatchObject({ input: 1_000 * summaries.length, output: 7 * summaries.length });
});

test("an interruption while a summary is written ends the turn, and the history can be sent again", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const controller = new AbortController();
  const model = reader(20, () => {
    controller.abort();
    return new Error("It was left.");
  });
  const context = { window: 10_000, shortenAt: 1 };
  const options = { cwd: repository.path, context, tools: ["Read"] };
  await using agent = await Agent.start({ ...options, model });
  const turn = await agent.run("Read it often", { signal: controller.signal });
  expect(turn.stop).toBe("interrupted");
  const { commit } = agent;
  await expect(agent.compact("", { signal: controller.signal })).rejects.toThrow("aborted");
  expect(agent.commit).toBe(commit);
  await agent.close();
  await using server = await startModelServer(() => ({ text: "All of it." }));
  const strict = openModel("anthropic/claude-sonnet-5-5", { env: {}, apiKey: "sk-of-the-test", baseUrl: server.url });
  await using again = await Agent.resume({ ...options, model: strict });
  expect((await again.run("Go on")).stop).toBe("done");
  expect(server.requests.flatMap(({ refused }) => refused ?? [])).toEqual([]);
});

test("a fork from before a summary is sent all that it stood for, one from after it the summary", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const replies = ["I saw a tern.", "They spoke of birds.", "Yes.", "From before.", "From after."];
  const model = scriptedModel(replies);
  await using agent = await Agent.start({ cwd: repository.path, model, tools: ["Read"] });
  const before = (await agent.run("What did you see?")).commit;
  await agent.compact();
  await agent.run("Was it a bird?");
  const forked = { cwd: repository.path, from: agent.branch, model };
  await using early = await Agent.fork({ ...forked, after: before });
  await early.run("And you?");
  await using late = await Agent.fork(forked);
  await late.run("And you?");
  const [fromBefore, fromAfter] = model.requests.slice(3).map(({ messages }) => JSON.stringify(messages));
  expect(fromBefore).toContain("I saw a tern.");
  expect(fromBefore).not.toContain("They spoke of birds.");
  expect(fromAfter).toContain("They spoke of birds.");
  expect(fromAfter).not.toContain("I saw a tern.");
});

test("where a limit was reached no summary is asked for, and the turn ends as without one", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = reader(40, () => ({ content: [{ type: "text", text: "We read." }], usage: { input: 5_000 } }));
  const context = { window: 10_000, shortenAt: 1 };
  const limits = { tokens: 4_000 };
  await using agent = await Agent.start({ cwd: repository.path, model, context, limits, tools: ["Read"] });
  const turn = await agent.run("Read it often");
  expect(turn.stop).toBe("token-limit");
  expect(model.requests.filter(({ messages }) => isSummaryRequest(messages)).length).toBeLessThan(2);
});

test("the window is what is known of the model, unless the settings say another", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel([], { name: "anthropic/claude-sonnet-4-5" });
  const known = (await modelLimits(model.name))?.context;
  await using agent = await Agent.start({ cwd: repository.path, branch: "known", model });
  expect(known).toBeGreaterThan(128_000);
  expect(await agent.context()).toMatchObject({ window: known });
  await using other = await Agent.start({ cwd: repository.path, branch: "set", model, context: { window: 50_000 } });
  expect(await other.context()).toMatchObject({ window: 50_000 });
});

test("how full the window is, and by what", async () => {
  const model = reader(3);
  await run(model, { window: 50_000 }, async (agent) => {
    const use = await agent.context();
    expect(use).toMatchObject({ window: 50_000, shortened: 0, summaries: 0 });
    expect(use.messages).toBeGreaterThan(3_000);
    expect(use.used).toBeGreaterThanOrEqual(use.system + use.messages);
    expect(use.used).toBeLessThan(10_000);
  });
});

const isAboutSummary = ({ messages }: RecordedRequest) => isSummaryRequest(messages);

test.each(wires)("%s: what the provider finds too long is summarized, and asked again", async (name) => {
  let step = 0;
  await using server = await startModelServer(
    (request) => {
      if (isAboutSummary(request)) return { text: "We read long.txt." };
      step++;
      return step > 12
        ? { text: "Read." }
        : { text: `Read ${step}`, calls: [{ name: "Read", input: { file_path: "long.txt", offset: step } }] };
    },
    { window: 8_000 },
  );
  const model = openModel(name, { env: {}, apiKey: "sk-of-the-test", baseUrl: server.url, retries: 0 });
  await run(model, {}, async (_, events) => {
    expect(events.at(-1)).toMatchObject({ type: "turn-end", stop: "done" });
    expect(events.filter(({ type }) => type === "summary").length).toBeGreaterThan(0);
  });
  const refused = server.requests.flatMap(({ refused }) => refused ?? []);
  expect(refused.length).toBeGreaterThan(0);
  // What it refused once is known from then on.
  expect(refused.length).toBeLessThan(4);
});

test.each(wires)("%s: what is too long however it is summarized ends the turn, and says so", async (name) => {
  await using server = await startModelServer(() => ({ text: "Never." }), { window: 100 });
  const model = openModel(name, { env: {}, apiKey: "sk-of-the-test", baseUrl: server.url, retries: 0 });
  await run(model, {}, async (agent, events) => {
    expect(events.at(-1)).toMatchObject({ type: "turn-end", stop: "error" });
    const { entries } = await agent.transcript();
    expect(JSON.stringify(entries.at(-1))).toContain(`The conversation is longer than ${name} can read`);
  });
});
