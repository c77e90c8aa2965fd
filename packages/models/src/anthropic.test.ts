import { startModelServer } from "@bough/test-kit";
import { expect, test } from "vitest";
import { type Message, openModel } from "./index.ts";

const tools = [{ name: "Read", description: "Reads", inputSchema: { type: "object" } }];

async function bodyOf(messages: Message[], { id = "claude-sonnet-5-5", system = "Be brief." } = {}): Promise<unknown> {
  await using server = await startModelServer([{ text: "Fine." }]);
  const model = openModel(`anthropic/${id}`, { env: {}, apiKey: "k", baseUrl: server.url });
  for await (const _ of model.stream({ system, tools, messages }));
  return server.requests[0]?.body;
}

const says = (text: string): Message => ({ role: "user", content: [{ type: "text", text }] });

test("the prefix is cached up to the system prompt, to where the last request ended, and to the end", async () => {
  const call = { type: "call" as const, id: "toolu_1", name: "Read", input: {} };
  const result = { type: "result" as const, id: "toolu_1", name: "Read", text: "ok" };
  const body = await bodyOf([
    says("One."),
    { role: "assistant", content: [{ type: "text", text: "Two." }] },
    says("Three."),
    { role: "assistant", content: [call] },
    { role: "user", content: [result, { type: "text", text: "Four." }] },
  ]);
  const marked = JSON.stringify(body).split(',"cache_control":{"type":"ephemeral"}').slice(0, -1);
  expect(marked.map((before) => /"text":"([^"]*)"$/.exec(before)?.[1])).toEqual(["Be brief.", "Three.", "Four."]);
});

test("the output limit is one the model takes", async () => {
  const limits = {
    "claude-sonnet-5-5": 32_000,
    "claude-3-haiku-20240307": 4_096,
    "claude-3-5-haiku-latest": 8_192,
    "other-model": 8_192,
  };
  for (const [id, limit] of Object.entries(limits)) {
    expect(await bodyOf([says("Hi")], { id })).toMatchObject({ max_tokens: limit });
  }
});

test("a tool's blank output is sent as no content", async () => {
  const body = await bodyOf([
    says("Hi"),
    { role: "assistant", content: [{ type: "call", id: "a", name: "Read", input: {} }] },
    { role: "user", content: [{ type: "result", id: "a", name: "Read", text: "\n", isError: true }] },
  ]);
  expect(body).toMatchObject({
    messages: [{}, {}, { content: [{ type: "tool_result", tool_use_id: "a", is_error: true }] }],
  });
  expect(JSON.stringify(body)).not.toContain('"content":"');
});

test("a blank system prompt is left out", async () => {
  expect(await bodyOf([says("Hi")], { system: " \n" })).not.toHaveProperty("system");
});

test("thinking is never asked for, and that which is withheld goes back as it came", async () => {
  await using server = await startModelServer([{ thinking: "", redacted: true, text: "Well." }, { text: "Fine." }]);
  const model = openModel("anthropic/claude-sonnet-5-5", { env: {}, apiKey: "k", baseUrl: server.url });
  const messages = [says("Hi")];
  for (let turn = 0; turn < 2; turn++) {
    for await (const event of model.stream({ system: "", tools, messages })) {
      if (event.type === "reply") messages.push({ role: "assistant", content: event.reply.content }, says("Go on."));
    }
  }
  expect(server.requests[0]?.body).not.toHaveProperty("thinking");
  expect(server.requests[1]?.body).toMatchObject({
    messages: [
      {},
      { content: [{ type: "thinking", thinking: "" }, { type: "redacted_thinking" }, { type: "text" }] },
      {},
    ],
  });
});
