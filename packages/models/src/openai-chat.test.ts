import { createServer } from "node:http";
import { startModelServer } from "@bough/test-kit";
import { expect, test } from "vitest";
import { type Message, openModel, type Reply } from "./index.ts";

const tools = [{ name: "Read", description: "Reads", inputSchema: { type: "object" } }];
const says = (text: string): Message => ({ role: "user", content: [{ type: "text", text }] });

// The peculiarities of servers that the strict one does not have.
async function replyTo(chunks: object[], name = "openai-compatible/x", messages = [says("Hi")]): Promise<Reply> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(
      [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"].map((data) => `data: ${data}\n\n`).join(""),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  try {
    const model = openModel(name, { env: {}, apiKey: "k", baseUrl: `http://127.0.0.1:${port}`, retries: 0 });
    for await (const event of model.stream({ system: "", tools, messages }))
      if (event.type === "reply") return event.reply;
    throw new Error("There was no reply.");
  } finally {
    server.close();
  }
}

const delta = (content: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: content, finish_reason }],
});
const done = delta({}, "stop");
const called = (call: object) => delta({ tool_calls: [call] });

test("whole calls that all have the index 0 stay apart", async () => {
  const call = (id: string) => called({ index: 0, id, function: { name: "Read", arguments: `{"path":"${id}"}` } });
  expect((await replyTo([call("a"), call("b"), done])).content).toMatchObject([
    { id: "a", input: { path: "a" } },
    { id: "b", input: { path: "b" } },
  ]);
});

test("calls without ids, and with ids that were there before, get ids of their own", async () => {
  const before: Message[] = [
    says("Hi"),
    { role: "assistant", content: [{ type: "call", id: "call_0", name: "Read", input: {} }] },
    { role: "user", content: [{ type: "result", id: "call_0", name: "Read", text: "ok" }] },
  ];
  const chunks = [
    called({ index: 0, id: "call_0", function: { name: "Read", arguments: "{}" } }),
    called({ index: 1, function: { name: "Read", arguments: "{}" } }),
    called({ index: 2, id: "", function: { name: "Read", arguments: "{}" } }),
    done,
  ];
  const { content, stop } = await replyTo(chunks, "ollama/x", before);
  expect(stop).toBe("calls");
  const ids = content.flatMap((block) => (block.type === "call" ? [block.id] : []));
  expect(new Set([...ids, "call_0", ""]).size).toBe(5);
});

test("reasoning is read in the fields that servers use", async () => {
  const thought = { type: "thinking", text: "Hm." };
  const details = [{ type: "reasoning.text", text: "Hm.", signature: "s" }];
  const shapes = [
    delta({ reasoning_content: "Hm." }),
    delta({ reasoning: "Hm.", reasoning_details: details }),
    delta({ content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm." }] }] }),
  ];
  for (const shape of shapes) {
    const { content } = await replyTo([shape, delta({ content: "Yes." }), done]);
    expect(content).toMatchObject([thought, { type: "text", text: "Yes." }]);
  }
});

test("reasoning goes back in its field to the server that gave it, and to no other", async () => {
  const details = [{ type: "reasoning.text", text: "Hm.", signature: "s" }];
  const chunks = [delta({ reasoning: "Hm.", reasoning_details: details }), delta({ content: "Yes." }), done];
  const { content } = await replyTo(chunks, "openrouter/x");
  const bodies: unknown[] = [];
  for (const name of ["openrouter/x", "groq/x"]) {
    await using server = await startModelServer([]);
    const model = openModel(name, { env: {}, apiKey: "k", baseUrl: server.url, retries: 0 });
    const messages: Message[] = [says("Hi"), { role: "assistant", content }, says("Go on.")];
    await model
      .stream({ system: "", tools, messages })
      [Symbol.asyncIterator]()
      .next()
      .catch(() => {});
    bodies.push(server.requests[0]?.body);
  }
  expect(bodies).toMatchObject([
    { messages: [{}, { role: "assistant", content: "Yes.", reasoning: "Hm.", reasoning_details: details }, {}] },
    { messages: [{}, { role: "assistant", content: "Yes." }, {}] },
  ]);
  expect(JSON.stringify(bodies[1])).not.toContain("reasoning");
});

test("a refusal is a text, and the reply was refused", async () => {
  expect(await replyTo([delta({ refusal: "I will not." }), done])).toMatchObject({
    content: [{ type: "text", text: "I will not." }],
    stop: "refused",
  });
});

test("usage is read where it is, and missing usage counts nothing", async () => {
  const usage = { prompt_tokens: 100, completion_tokens: 5, prompt_cache_hit_tokens: 60 };
  expect((await replyTo([delta({ content: "Yes." }), done, { choices: [], usage }])).usage).toEqual({
    input: 40,
    output: 5,
    cacheRead: 60,
    cacheWrite: 0,
  });
  expect((await replyTo([delta({ content: "Yes." }), done])).usage).toEqual({
    input: 0,
    output: 0,
    cacheRead: 0,
    cacheWrite: 0,
  });
});

test("an error in mid-stream, and an end without a reason, are no answer", async () => {
  const started = delta({ content: "It begins" });
  await expect(replyTo([started])).rejects.toMatchObject({ kind: "broken-stream" });
  const failed = {
    choices: [
      { index: 0, delta: { content: "" }, finish_reason: "error", error: { code: 502, message: "upstream died" } },
    ],
  };
  await expect(replyTo([started, failed])).rejects.toThrow("upstream died");
  await expect(replyTo([started, { error: { message: "Overloaded", type: "server_error" } }])).rejects.toMatchObject({
    kind: "overloaded",
  });
});

test("Mistral gets its nine-letter ids, and an assistant's word between a tool's and a user's", async () => {
  await using server = await startModelServer([{ text: "Fine." }]);
  const model = openModel("mistral/devstral", { env: {}, apiKey: "k", baseUrl: server.url });
  const messages: Message[] = [
    says("Hi"),
    { role: "assistant", content: [{ type: "call", id: "toolu_01ABC", name: "Read", input: {} }] },
    {
      role: "user",
      content: [
        { type: "result", id: "toolu_01ABC", name: "Read", text: "ok" },
        { type: "text", text: "Hurry." },
      ],
    },
  ];
  for await (const _ of model.stream({ system: "", tools, messages }));
  const [, { calls: [call] = [] } = {}, { results: [result] = [] } = {}, bridge, last] =
    server.requests[0]?.messages ?? [];
  expect(call?.id).toMatch(/^[a-z0-9]{9}$/);
  expect(result?.id).toBe(call?.id);
  expect([bridge?.role, last]).toEqual(["assistant", { role: "user", text: "Hurry." }]);
});
