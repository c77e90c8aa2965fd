import { inspect } from "node:util";
import { type ScriptedAnswer, startModelServer } from "@bough/test-kit";
import { expect, test } from "vitest";
import { ModelError, openModel } from "./index.ts";

const names = ["anthropic/claude-sonnet-5-5", "openai/gpt-5.5", "openai-compatible/local", "google/gemini-3.8-flash"];
const key = "sk-do-not-tell-anyone";

async function failure(name: string, baseUrl: string, { retries = 0 } = {}): Promise<ModelError> {
  const model = openModel(name, { env: {}, apiKey: key, baseUrl, retries });
  try {
    for await (const _ of model.stream({
      system: "",
      tools: [],
      messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
    }));
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error("It did not fail.");
}

async function failureOf(name: string, answer: ScriptedAnswer): Promise<ModelError> {
  await using server = await startModelServer([answer]);
  const error = await failure(name, server.url);
  expect(server.requests[0]?.refused).toBeUndefined();
  return error;
}

test.each([
  [401, "authentication"],
  [403, "authentication"],
  [404, "unknown-model"],
  [429, "rate-limit"],
  [500, "overloaded"],
  [503, "overloaded"],
  [529, "overloaded"],
  [400, "rejected"],
  [413, "context-overflow"],
])("status %i is %s on every wire", async (status, kind) => {
  for (const name of names) {
    const error = await failureOf(name, { status, message: "The provider's own words." });
    expect(error).toMatchObject({ kind, status });
    expect(error.message).toContain(`${status}: The provider's own words`);
  }
});

test.each([
  "prompt is too long: 210000 tokens > 200000 maximum",
  "Your input exceeds the context window of this model. Please adjust your input and try again.",
  "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
  "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
  "the request exceeds the available context size, try increasing it",
  "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
  "Please reduce the length of the messages or completion.",
  "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
  "input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000",
])("a context that is too long is recognised: %s", async (message) => {
  for (const name of names) expect((await failureOf(name, { status: 400, message })).kind).toBe("context-overflow");
});

test.each([
  "Model Not Exist",
  "Invalid model: big-one",
  "big-one is not a valid model ID",
  "The model `big-one` does not exist or you do not have access to it.",
])("a model that is not there is recognised without its status: %s", async (message) => {
  expect((await failureOf("openrouter/big-one", { status: 400, message })).kind).toBe("unknown-model");
});

test("Google's word for a wrong key is recognised", async () => {
  const message = "API key not valid. Please pass a valid API key.";
  expect((await failureOf("google/gemini-3.8-flash", { status: 400, message })).kind).toBe("authentication");
});

test.each(names)("%s: an answer that breaks off is no answer", async (name) => {
  const error = await failureOf(name, { hangUp: "midway" });
  expect(error.kind).toBe("broken-stream");
  expect(error.message).toMatch(`The answer of ${name} broke off before its end`);
});

test.each(names)("%s: a connection closed before the answer is told", async (name) => {
  expect((await failureOf(name, { hangUp: "before" })).kind).toBe("unreachable");
});

test("a dead address is named, with the variable that sets it", async () => {
  const server = await startModelServer([]);
  await server.close();
  const messages = await Promise.all(
    [...names, "ollama/qwen"].map(async (name) => (await failure(name, server.url)).message),
  );
  expect(messages.map((message) => message.replaceAll(server.url, "URL"))).toMatchInlineSnapshot(`
    [
      "Cannot reach anthropic at URL (ECONNREFUSED). Check your network, or set ANTHROPIC_BASE_URL to another address.",
      "Cannot reach openai at URL (ECONNREFUSED). Check your network, or set OPENAI_BASE_URL to another address.",
      "Cannot reach openai-compatible at URL (ECONNREFUSED). Start the server there, or set OPENAI_BASE_URL to another address.",
      "Cannot reach google at URL (ECONNREFUSED). Check your network, or set GOOGLE_GEMINI_BASE_URL to another address.",
      "Cannot reach ollama at URL (ECONNREFUSED). Start the server there, or set OLLAMA_BASE_URL to another address.",
    ]
  `);
});

test("a passing failure is tried again", async () => {
  for (const name of names) {
    await using server = await startModelServer([
      { status: 503, headers: { "retry-after-ms": "1" } },
      { text: "Now." },
    ]);
    const model = openModel(name, { env: {}, apiKey: key, baseUrl: server.url, retries: 1 });
    const types: string[] = [];
    const request = {
      system: "",
      tools: [],
      messages: [{ role: "user" as const, content: [{ type: "text" as const, text: "Hi" }] }],
    };
    for await (const event of model.stream(request)) types.push(event.type);
    expect(types).toEqual(["text-delta", "reply"]);
    expect(server.requests).toHaveLength(2);
  }
});

test("what the provider says is told on one line, bounded, and without what moves a terminal", async () => {
  const message = `bad\n\u001b[31mred\u001b[0m \u202e${"x".repeat(1_000)}`;
  const error = await failureOf("anthropic/claude", { status: 400, message });
  expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(error.message.length).toBeLessThan(600);
  const page = await failureOf("openai-compatible/x", { status: 502, body: "<!DOCTYPE html><h1>Bad gateway</h1>" });
  expect(page.message).toContain("(502: it answered with a web page)");
});

test("a key that the server repeats is in no part of the error", async () => {
  for (const name of names) {
    const error = await failureOf(name, { status: 401, message: `Incorrect API key provided: ${key}.` });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(key);
    expect(error.message).toContain("Incorrect API key provided: ***");
  }
});

test("each kind says what was attempted, what is wrong and what to do", async () => {
  const answers: ScriptedAnswer[] = [
    { status: 401, message: "invalid x-api-key" },
    { status: 404, message: "model: claude-nine" },
    { status: 429, message: "Number of requests has exceeded your limit" },
    { status: 529, message: "Overloaded" },
    { status: 400, message: "prompt is too long: 210000 tokens > 200000 maximum" },
    { status: 400, message: "messages: at least one message is required" },
    { hangUp: "midway" },
  ];
  await using server = await startModelServer(answers);
  const lines: string[] = [];
  for (const _ of answers) lines.push((await failure("anthropic/claude-nine", server.url)).message);
  expect(lines.join("\n").replaceAll(server.url, "URL")).toMatchInlineSnapshot(`
    "anthropic at URL refused the key (401: invalid x-api-key). Check ANTHROPIC_API_KEY, and that it may use "claude-nine".
    anthropic has no model "claude-nine" at URL (404: model: claude-nine). Check the id in "anthropic/claude-nine", and ANTHROPIC_BASE_URL if you set it.
    anthropic lets you ask no more for now (429: Number of requests has exceeded your limit). Wait a little, or raise the limit of the key's plan.
    anthropic cannot answer just now (529: Overloaded). The request is fine: try again in a while.
    The conversation is longer than anthropic/claude-nine can read (400: prompt is too long: 210000 tokens > 200000 maximum). Shorten it, go back to an earlier step, or choose a model that reads more.
    anthropic refused the request to "claude-nine" (400: messages: at least one message is required). Check that the model can use tools, and ANTHROPIC_BASE_URL if you set it.
    The answer of anthropic/claude-nine broke off before its end (terminated). Ask again."
  `);
});
