import { startModelServer } from "@bough/test-kit";
import { expect, test } from "vitest";
import {
  type Image,
  type Message,
  type ModelEvent,
  type ModelRequest,
  openModel,
  type Reply,
  type ToolDefinition,
} from "./index.ts";

const names = ["anthropic/claude-sonnet-5-5", "openai/gpt-5.5", "openai-compatible/local", "google/gemini-3.8-flash"];

const read: ToolDefinition = {
  name: "Read",
  description: "Reads a file",
  inputSchema: { type: "object", properties: { path: { type: "string" }, lines: { type: "number" } } },
};

function says(text: string): Message {
  return { role: "user", content: [{ type: "text", text }] };
}

function asking(...messages: Message[]): ModelRequest {
  return { system: "Be brief.", tools: [read], messages };
}

function opened(name: string, url: string) {
  return openModel(name, { env: {}, apiKey: "key-1234", baseUrl: url, retries: 0 });
}

async function ask(name: string, url: string, request: ModelRequest): Promise<{ events: ModelEvent[]; reply: Reply }> {
  const events: ModelEvent[] = [];
  for await (const event of opened(name, url).stream(request)) events.push(event);
  const last = events.at(-1);
  if (last?.type !== "reply") throw new Error("The reply is missing.");
  return { events, reply: last.reply };
}

function answered({ content }: Reply): [Message, Message] {
  const calls = content.filter((block) => block.type === "call");
  const results = calls.map(({ id, name, input }) => ({ type: "result" as const, id, name, text: `of ${input.path}` }));
  return [
    { role: "assistant", content },
    { role: "user", content: results.length > 0 ? results : [{ type: "text", text: "Go on." }] },
  ];
}

test.each(names)("%s: a text arrives in pieces, then whole", async (name) => {
  await using server = await startModelServer([{ text: "Grüße, 世界 🎉: all is well." }]);
  const { events, reply } = await ask(name, server.url, asking(says("How is it?")));
  const pieces = events.filter((event) => event.type === "text-delta").map((event) => event.text);
  expect(pieces.length).toBeGreaterThan(3);
  expect(pieces.join("")).toBe("Grüße, 世界 🎉: all is well.");
  expect(reply.content).toMatchObject([{ type: "text", text: "Grüße, 世界 🎉: all is well." }]);
  expect(reply.stop).toBe("end");
  expect(server.requests).toMatchObject([
    { system: "Be brief.", tools: ["Read"], messages: [{ role: "user", text: "How is it?" }] },
  ]);
});

test.each(names)("%s: calls arrive whole and in order, though their arguments come in pieces", async (name) => {
  const calls = ["a/long/path/to/one.ts", "a/long/path/to/two.ts", "three"].map((path) => ({
    name: "Read",
    input: { path },
  }));
  await using server = await startModelServer([{ text: "I look.", calls }, { text: "Seen." }]);
  const { reply } = await ask(name, server.url, asking(says("Look.")));
  expect(reply.stop).toBe("calls");
  const called = reply.content.filter((block) => block.type === "call");
  expect(called).toMatchObject(calls);
  expect(new Set(called.map((call) => call.id)).size).toBe(3);
  await ask(name, server.url, asking(says("Look."), ...answered(reply)));
  expect(server.requests[1]?.messages).toMatchObject([
    { role: "user", text: "Look." },
    { role: "assistant", text: "I look.", calls },
    {
      role: "user",
      results: [{ text: "of a/long/path/to/one.ts" }, { text: "of a/long/path/to/two.ts" }, { text: "of three" }],
    },
  ]);
});

test.each(names)("%s: thinking goes back as the provider wants it", async (name) => {
  const call = { name: "Read", input: { path: "a" } };
  await using server = await startModelServer([
    { thinking: "First I ought to look.", redacted: true, text: "I look.", calls: [call, call] },
    { thinking: "That was it.", text: "It is a file." },
    { text: "Goodbye." },
  ]);
  const first = await ask(name, server.url, asking(says("What is a?")));
  expect(first.events).toContainEqual({ type: "thinking-delta", text: "First" });
  expect(first.reply.content[0]).toMatchObject({ type: "thinking", text: "First I ought to look." });
  const soFar = [says("What is a?"), ...answered(first.reply)];
  const second = await ask(name, server.url, asking(...soFar));
  await ask(name, server.url, asking(...soFar, ...answered(second.reply)));
  expect(server.requests.map((request) => request.refused)).toEqual([undefined, undefined, undefined]);
});

test.each(names)("%s: the usage counts what the cache did apart", async (name) => {
  const usage = { input: 20, output: 7, cacheRead: 300, cacheWrite: 0 };
  await using server = await startModelServer([{ text: "Yes.", usage }]);
  expect((await ask(name, server.url, asking(says("Well?")))).reply.usage).toEqual(usage);
});

test.each(names.filter((name) => !name.startsWith("google")))(
  "%s: the usage counts what the cache took in",
  async (name) => {
    const usage = { input: 20, output: 7, cacheRead: 300, cacheWrite: 40 };
    await using server = await startModelServer([{ text: "Yes.", usage }]);
    expect((await ask(name, server.url, asking(says("Well?")))).reply.usage).toEqual(usage);
  },
);

test.each(names)("%s: why it stopped is told", async (name) => {
  const stops = ["end", "length", "refused"] as const;
  await using server = await startModelServer(stops.map((stop) => ({ text: "Well", stop })));
  for (const stop of stops) expect((await ask(name, server.url, asking(says("Go.")))).reply.stop).toBe(stop);
});

test.each(names)("%s: a tool's failure is told", async (name) => {
  await using server = await startModelServer([{ calls: [{ name: "Read", input: {} }] }, { text: "Pity." }]);
  const { reply } = await ask(name, server.url, asking(says("Look.")));
  const results = reply.content
    .filter((block) => block.type === "call")
    .map(({ id, name }) => ({ type: "result" as const, id, name, text: "no such file", isError: true }));
  const failed: Message = { role: "user", content: [{ type: "text", text: "And hurry." }, ...results] };
  await ask(name, server.url, asking(says("Look."), { role: "assistant", content: reply.content }, failed));
  expect(server.requests[1]?.messages[2]).toMatchObject({ text: "And hurry.", results: [{ text: "no such file" }] });
});

test.each(names.filter((name) => !name.startsWith("google")))(
  "%s: broken arguments are kept as the model wrote them",
  async (name) => {
    const calls = [
      { name: "Read", raw: '{"path": "a' },
      { name: "Read", raw: '["a"]' },
      { name: "Read", raw: "" },
    ];
    await using server = await startModelServer([{ calls }, { text: "Sorry." }]);
    const { reply } = await ask(name, server.url, asking(says("Look.")));
    expect(reply.content).toMatchObject([
      { input: {}, malformed: '{"path": "a' },
      { input: {}, malformed: '["a"]' },
      { input: {} },
    ]);
    expect(reply.content[2]).not.toHaveProperty("malformed");
    await ask(name, server.url, asking(says("Look."), ...answered(reply)));
  },
);

test.each(names)("%s: a tool the model made up can be answered", async (name) => {
  await using server = await startModelServer([{ calls: [{ name: "read.file now!", input: {} }] }, { text: "Ah." }]);
  const { reply } = await ask(name, server.url, asking(says("Look.")));
  expect(reply.content).toMatchObject([{ type: "call", name: "read.file now!" }]);
  await ask(name, server.url, asking(says("Look."), ...answered(reply)));
  expect(server.requests[1]?.messages[1]?.calls).toMatchObject([{ name: "read_file_now_" }]);
});

test.each(names)("%s: a conversation that told of calls goes on without tools", async (name) => {
  await using server = await startModelServer([{ calls: [{ name: "Read", input: {} }] }, { text: "In short." }]);
  const { reply } = await ask(name, server.url, asking(says("Look.")));
  await ask(name, server.url, { ...asking(says("Look."), ...answered(reply)), tools: [] });
});

test.each(names)("%s: an empty reply leaves no hole in the conversation", async (name) => {
  await using server = await startModelServer([{}, { text: "Here." }]);
  const { reply } = await ask(name, server.url, asking(says("Are you there?")));
  expect(reply).toMatchObject({ content: [], stop: "end" });
  await ask(name, server.url, asking(says("Are you there?"), { role: "assistant", content: [] }, says("Hello?")));
  expect(server.requests[1]?.messages).toEqual([{ role: "user", text: "Are you there?\n\nHello?" }]);
});

test("a conversation changes providers after every step", async () => {
  for (const start of names.keys()) {
    const order = [...names.slice(start), ...names.slice(0, start), ...names.slice(start, start + 1)];
    const call = { name: "Read", input: { path: "a" } };
    const replies = order.map(() => ({ thinking: "Hm.", redacted: true, text: "I look.", calls: [call, call] }));
    await using server = await startModelServer(replies);
    let messages = [says("Look.")];
    for (const name of order) {
      const { reply } = await ask(name, server.url, asking(...messages));
      messages = [...messages, ...answered(reply)];
    }
    expect(server.requests.map((request) => request.refused)).toEqual(order.map(() => undefined));
    expect(server.requests.at(-1)?.messages).toHaveLength(9);
  }
});

test.each(names)("%s: an abort in mid-answer throws its reason and lets go of the server", async (name) => {
  await using server = await startModelServer([{ stall: true, text: "It begins, and then nothing." }]);
  const controller = new AbortController();
  const seen: string[] = [];
  const turn = async () => {
    for await (const event of opened(name, server.url).stream(asking(says("Go.")), { signal: controller.signal })) {
      if (event.type === "text-delta") seen.push(event.text);
      if (seen.join("").endsWith("nothing.")) controller.abort(new Error("the user pressed Escape"));
    }
  };
  await expect(turn()).rejects.toThrow("the user pressed Escape");
  await server.finished(1);
});

test.each(names)("%s: an abort before the first byte throws its reason", async (name) => {
  await using server = await startModelServer([{ stall: true }]);
  const controller = new AbortController();
  const next = opened(name, server.url)
    .stream(asking(says("Go.")), { signal: controller.signal })
    [Symbol.asyncIterator]()
    .next();
  await server.request(1);
  controller.abort(new Error("enough"));
  await expect(next).rejects.toThrow("enough");
  await server.finished(1);
});

test.each(names)("%s: an aborted signal sends nothing", async (name) => {
  await using server = await startModelServer([]);
  const stream = opened(name, server.url).stream(asking(says("Go.")), { signal: AbortSignal.abort("no") });
  await expect(stream[Symbol.asyncIterator]().next()).rejects.toBe("no");
  expect(server.requests).toEqual([]);
});

test.each(names)("%s: a consumer that leaves early ends the request", async (name) => {
  await using server = await startModelServer([{ stall: true, text: "It begins." }]);
  for await (const _ of opened(name, server.url).stream(asking(says("Go.")))) break;
  await server.finished(1);
});

const png = Buffer.from("\x89PNG\r\n\x1a\nany", "latin1").toString("base64");

function showing(image: Image): ModelRequest {
  const call = { type: "call" as const, id: "toolu_01", name: "Read", input: { path: "a" } };
  const result = { type: "result" as const, id: "toolu_01", name: "Read", text: "A picture.", image };
  return asking(says("Look."), { role: "assistant", content: [call] }, { role: "user", content: [result] });
}

async function shownAs(name: string, image: Image): Promise<{ text?: string; image?: string }> {
  await using server = await startModelServer([{ text: "Seen." }]);
  await ask(name, server.url, showing(image));
  const { text, image: picture } = server.requests[0]?.messages.at(-1)?.results?.[0] ?? {};
  return { text, image: picture };
}

test.each(["anthropic/claude-sonnet-5-5", "openai/gpt-5.5", "google/gemini-3.8-flash"])(
  "%s: a picture in a result arrives as one, beside its words",
  async (name) => {
    const shown = await shownAs(name, { mediaType: "image/png", data: png });
    expect(shown).toEqual({ text: "A picture.", image: `data:image/png;base64,${png}` });
  },
);

test("Gemini before 3 is given the picture after the results", async () => {
  await using server = await startModelServer([{ text: "Seen." }]);
  await ask("google/gemini-2.5-pro", server.url, showing({ mediaType: "image/png", data: png }));
  expect(server.requests[0]?.body).toMatchObject({
    contents: [{}, {}, { parts: [{ functionResponse: {} }, { inlineData: { mimeType: "image/png", data: png } }] }],
  });
});

test.each([
  ["openai-compatible/local", "image/png"],
  ["openai/gpt-4-0613", "image/png"],
  ["google/gemini-3.8-flash", "image/gif"],
] as const)("%s: a picture of a kind that it does not take, as %s here, is told in words", async (name, mediaType) => {
  const text = "A picture.\n(The picture is not shown: this model is sent none of its kind.)";
  expect(await shownAs(name, { mediaType, data: png })).toEqual({ text, image: undefined });
});
