import { openModel } from "@bough/models";
import { type ModelScript, startModelServer, temporaryRepository } from "@bough/test-kit";
import { expect, test, vi } from "vitest";
import { Agent } from "./agent.ts";
import { Budget } from "./budget.ts";
import type { AgentEvent } from "./events.ts";
import type { HookSetting } from "./settings/load-settings.ts";

const files = { "a.txt": "a\n" };
const readA = { text: "I read.", calls: [{ name: "Read", input: { file_path: "a.txt" } }] };

function modelAt({ url }: { readonly url: string }) {
  return openModel("anthropic/claude-sonnet-4-5", { env: {}, apiKey: "key", baseUrl: url });
}

async function scene(script: ModelScript) {
  const repository = await temporaryRepository({ files, enter: true });
  const server = await startModelServer(script);
  const agent = await Agent.start({ cwd: repository.path, model: modelAt(server) });
  const refused = () => server.requests.flatMap((request) => request.refused ?? []);
  const close = async () => {
    await agent.close();
    await server.close();
    await repository[Symbol.asyncDispose]();
  };
  return { repository, server, agent, refused, [Symbol.asyncDispose]: close };
}

/** Sends texts when an event of this type first happens, and tells of the sending. */
function sendAt(agent: Agent, type: AgentEvent["type"], ...texts: readonly string[]) {
  const sent: Promise<void>[] = [];
  const events: AgentEvent[] = [];
  const onEvent = (event: AgentEvent) => {
    events.push(event);
    if (event.type !== type || sent.length > 0) return;
    sent.push(...texts.map((text) => agent.send(text)));
    // Looked at when the turn is over.
    for (const each of sent) each.catch(() => {});
  };
  return { onEvent, events, sent };
}

const messagesOf = (events: readonly AgentEvent[]) =>
  events.flatMap((event) => (event.type === "user-message" ? [event.text] : []));

test("messages sent while a tool runs reach the model with its results, in order", async () => {
  await using the = await scene([readA, { text: "In French." }]);
  const { onEvent, events, sent } = sendAt(the.agent, "tool-start", "In French, please.", "And short.");
  const turn = await the.agent.run("Summarize a.txt", { onEvent });
  await Promise.all(sent);
  expect(turn).toMatchObject({ stop: "done", text: "In French.", replies: 2, undelivered: [] });
  expect(messagesOf(events)).toEqual(["In French, please.", "And short."]);
  expect(the.server.requests[1]?.messages.at(-1)).toMatchObject({
    role: "user",
    text: expect.stringMatching(/In French, please\.\s*And short\./),
  });
  expect(the.refused()).toEqual([]);
});

test("a message is a block of the record of the step it came in", async () => {
  await using the = await scene([readA, { text: "In French." }]);
  await the.agent.run("Summarize a.txt", { onEvent: sendAt(the.agent, "tool-start", "In French.").onEvent });
  const { entries } = await the.agent.transcript();
  const blocks = entries.map((entry) => (entry.type === "step" ? entry.blocks.map(({ type }) => type) : []));
  expect(blocks.slice(-2)).toEqual([["user", "assistant", "call", "result", "user"], ["assistant"]]);
});

test.each(["text-delta", "step-reply"] as const)(
  "a message sent at the last reply's %s has the turn go on",
  async (type) => {
    await using the = await scene([{ text: "All is well." }, { text: "Also in German." }]);
    const turn = await the.agent.run("How is it?", { onEvent: sendAt(the.agent, type, "And in German?").onEvent });
    expect(turn).toMatchObject({ stop: "done", text: "Also in German.", replies: 2, undelivered: [] });
    expect(the.server.requests[1]?.messages.map(({ role, text }) => [role, text])).toEqual([
      ["user", "How is it?"],
      ["assistant", "All is well."],
      ["user", "And in German?"],
    ]);
    expect(the.refused()).toEqual([]);
  },
);

test("a message to an agent that runs no turn is refused", async () => {
  await using the = await scene([{ text: "Hello." }]);
  await expect(the.agent.send("Hi")).rejects.toMatchObject({ name: "AgentError", reason: "not-running" });
  const { onEvent, sent } = sendAt(the.agent, "turn-end", "Too late.");
  await the.agent.run("Hi", { onEvent });
  await expect(sent[0]).rejects.toMatchObject({ reason: "not-running" });
  await expect(the.agent.send(" ")).rejects.toMatchObject({ reason: "empty-prompt" });
});

test("a message that an interruption overtakes is given back", async () => {
  await using the = await scene([{ stall: true, text: "Once" }, { text: "Well." }]);
  const interruption = new AbortController();
  const { onEvent, sent } = sendAt(the.agent, "text-delta", "One.", "Two.");
  const running = the.agent.run("Tell", { onEvent, signal: interruption.signal });
  await the.server.request(1);
  await vi.waitUntil(() => sent.length === 2);
  interruption.abort();
  const turn = await running;
  expect(turn).toMatchObject({ stop: "interrupted", undelivered: ["One.", "Two."] });
  expect(await the.agent.run("Go on")).toMatchObject({ stop: "done", undelivered: [] });
});

test("a message that would exceed a limit is given back", async () => {
  await using the = await scene([{ text: "Well." }]);
  const budget = new Budget({ replies: 1 });
  const turn = await the.agent.run("Tell", { onEvent: sendAt(the.agent, "text-delta", "More.").onEvent, budget });
  expect(turn).toMatchObject({ stop: "turn-limit", text: "Well.", undelivered: ["More."] });
});

test("secrets in a message are masked before the model sees it", async () => {
  await using the = await scene([readA, { text: "I see." }]);
  const token = `ghp_${"aB3dE6gH9".repeat(4)}`;
  const { onEvent, events } = sendAt(the.agent, "tool-start", `Use ${token} there.`);
  await the.agent.run("Push", { onEvent });
  expect(JSON.stringify(the.server.requests)).not.toContain(token);
  expect(JSON.stringify(events)).not.toContain(token);
  expect(await the.repository.git("log", "--format=%B", the.agent.branch)).not.toContain(token);
});

test("hooks are asked about a message: they may add to it, and refuse it", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using server = await startModelServer([readA, { text: "Done." }]);
  const context = { hookSpecificOutput: { hookEventName: "UserPromptSubmit", additionalContext: "Today is Friday." } };
  const command = `case "$(cat)" in *forbidden*) echo Not that. >&2; exit 2;; esac; echo '${JSON.stringify(context)}'`;
  const hook: HookSetting = {
    ...{ event: "UserPromptSubmit", matcher: undefined, timeout: undefined, isRepository: false },
    command,
  };
  await using agent = await Agent.start({ cwd: repository.path, model: modelAt(server), hooks: [hook] });
  const { onEvent, events, sent } = sendAt(agent, "tool-start", "Read b.txt too.", "Do forbidden things.");
  await agent.run("Read a.txt", { onEvent });
  const [first, second] = await Promise.allSettled(sent);
  expect(first?.status).toBe("fulfilled");
  expect(second).toMatchObject({
    status: "rejected",
    reason: { reason: "blocked", message: expect.stringMatching(/Not that/) },
  });
  expect(messagesOf(events)).toEqual(["Read b.txt too."]);
  expect(server.requests[1]?.messages.at(-1)?.text).toMatch(/Read b\.txt too\.\s*\[Today is Friday\.\]/);
});
