import { expect, test } from "vitest";
import { startModelServer } from "./index.ts";

type Json = Record<string, unknown>;

// Asks the server in a wire's own words: the replies so far come back as the server gave them, then the request.
async function refusalOf(
  path: string,
  body: Json | string,
  headers: Json = { authorization: "Bearer k", "x-goog-api-key": "k" },
) {
  await using server = await startModelServer(() => ({ text: "Fine." }));
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return response.ok
    ? "accepted"
    : `${response.status} ${/"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]?.replaceAll('\\"', '"')}`;
}

const schema = { type: "object", properties: {} };

const anthropic = (messages: Json[], more: Json = {}) => ({
  model: "claude",
  max_tokens: 100,
  stream: true,
  tools: [{ name: "Read", input_schema: schema }],
  messages,
  ...more,
});
const user = (...content: Json[]) => ({ role: "user", content });
const assistant = (...content: Json[]) => ({ role: "assistant", content });
const text = (words: string) => ({ type: "text", text: words });
const use = (id: string, more: Json = {}) => ({ type: "tool_use", id, name: "Read", input: {}, ...more });
const result = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "ok" });
const hi = user(text("Hi"));

test.each<[expected: string, body: Json]>([
  ["accepted", anthropic([hi, assistant(use("a"), use("b")), user(result("b"), result("a"), text("Go on."))])],
  ['400 messages.1: roles must alternate, starting with "user"', anthropic([hi, hi])],
  ['400 messages.0: roles must alternate, starting with "user"', anthropic([assistant(text("Hi")), hi])],
  ["400 The conversation must end with a user message.", anthropic([hi, assistant(text("Ho"))])],
  ["400 messages.0.content.0.text: text content blocks must be non-empty", anthropic([user(text(""))])],
  [
    "400 messages.0.content.0.text: text content blocks must contain non-whitespace text",
    anthropic([user(text(" \n"))]),
  ],
  [
    "400 messages.2: `tool_use` ids were found without `tool_result` blocks immediately after: a.",
    anthropic([hi, assistant(use("a")), hi]),
  ],
  ["400 messages.0: unexpected `tool_use_id` found in `tool_result` blocks: a.", anthropic([user(result("a"))])],
  [
    '400 messages: `tool_use` ids must be unique. Found "a" twice.',
    anthropic([hi, assistant(use("a"), use("a")), user(result("a"))]),
  ],
  [
    "400 messages.2: `tool_result` blocks must come before text.",
    anthropic([hi, assistant(use("a")), user(text("x"), result("a"))]),
  ],
  [
    '400 messages: tool_use of unknown tool "Nope"',
    anthropic([hi, assistant(use("a", { name: "Nope" })), user(result("a"))]),
  ],
  [
    "400 Requests which include `tool_use` or `tool_result` blocks must define tools",
    anthropic([hi, assistant(use("a")), user(result("a"))], { tools: [] }),
  ],
  [
    "400 messages.1.content: Invalid `signature` in `thinking` block",
    anthropic([hi, assistant({ type: "thinking", thinking: "Hm.", signature: "forged" }, text("Ho")), hi]),
  ],
  [
    "400 messages.1.content.0.id: Invalid string: must match pattern /^[a-zA-Z0-9_-]+$/",
    anthropic([hi, assistant(use("a.b")), user(result("a"))]),
  ],
  ["400 max_tokens: Invalid input: expected number, received undefined", anthropic([hi], { max_tokens: undefined })],
  [
    '400 tools.0.input_schema.type: Invalid input: expected "object"',
    anthropic([hi], { tools: [{ name: "Read", input_schema: { type: "string" } }] }),
  ],
  ['400 body: Unrecognized key: "temprature"', anthropic([hi], { temprature: 1 })],
  ["400 The request body is not valid JSON: no low surrogate in string", anthropic([user(text("\ud800"))])],
])("anthropic: %s", async (expected, body) => {
  expect(await refusalOf("/v1/messages", body)).toBe(expected);
});

const responses = (input: Json[], more: Json = {}) => ({
  model: "gpt-5.5",
  stream: true,
  store: false,
  tools: [{ type: "function", name: "Read", parameters: schema, strict: false }],
  input,
  ...more,
});
const said = { role: "user", content: "Hi" };
const called = (id: string, more: Json = {}) => ({
  type: "function_call",
  call_id: id,
  name: "Read",
  arguments: "{}",
  ...more,
});
const output = (id: string) => ({ type: "function_call_output", call_id: id, output: "ok" });
const reasoning = (more: Json = {}) => ({ type: "reasoning", id: "rs_r1", summary: [], ...more });

test.each<[expected: string, body: Json]>([
  ["accepted", responses([said, called("a"), called("b"), output("b"), output("a"), said])],
  ["400 No tool call found for function call output with call_id a.", responses([said, output("a")])],
  ["400 No tool output found for function call a.", responses([said, called("a"), said])],
  ["400 No tool output found for function call a.", responses([said, called("a")])],
  ["400 Duplicate function_call with call_id a.", responses([said, called("a"), called("a"), output("a")])],
  ['400 input: function_call of unknown tool "Nope".', responses([said, called("a", { name: "Nope" }), output("a")])],
  [
    "400 input.1.arguments: Invalid JSON in function call arguments",
    responses([said, called("a", { arguments: "{" }), output("a")]),
  ],
  ["400 input.0.content: text must not be empty", responses([{ role: "user", content: "" }])],
  [
    "404 Item with id 'rs_r1' not found. Items are not persisted when `store` is set to false.",
    responses([said, reasoning(), said]),
  ],
  [
    "400 The encrypted content for item rs_r1 could not be verified.",
    responses([said, reasoning({ encrypted_content: "x" }), said]),
  ],
  [
    "400 Item 'fc_1_r1' of type 'function_call' was provided without its required 'reasoning' item: 'rs_r1'.",
    responses([said, called("a", { id: "fc_1_r1" }), output("a")]),
  ],
  [
    "400 Invalid schema for function 'Read': all properties must be required",
    responses([said], {
      tools: [{ type: "function", name: "Read", parameters: { type: "object", properties: { path: {} } } }],
    }),
  ],
  [
    "400 Encrypted content is not supported with this model.",
    responses([said], { model: "gpt-4.1", include: ["reasoning.encrypted_content"] }),
  ],
])("openai-responses: %s", async (expected, body) => {
  expect(await refusalOf("/v1/responses", body)).toBe(expected);
});

test("openai-responses: reasoning without what followed it is refused", async () => {
  await using server = await startModelServer([{ thinking: "Hm.", text: "Ho" }, { text: "Fine." }]);
  const post = async (input: unknown[]) => {
    const init = { method: "POST", headers: { authorization: "Bearer k" }, body: JSON.stringify(responses([said])) };
    return await (
      await fetch(`${server.url}/v1/responses`, { ...init, body: JSON.stringify({ ...responses([said]), input }) })
    ).text();
  };
  const done = /data: (\{"type":"response.completed".*)/.exec(await post([said]))?.[1] ?? "";
  const [thought, message] = JSON.parse(done).response.output;
  expect(await post([said, thought, said])).toContain("was provided without its required following item");
  expect(await post([said, thought, message, said])).toContain("response.completed");
});

const chat = (messages: Json[], more: Json = {}) => ({
  model: "m",
  stream: true,
  tools: [{ type: "function", function: { name: "Read", parameters: schema } }],
  messages,
  ...more,
});
const calls = (...ids: string[]) => ({
  role: "assistant",
  content: null,
  tool_calls: ids.map((id) => ({ id, type: "function", function: { name: "Read", arguments: "{}" } })),
});
const tool = (id: string) => ({ role: "tool", tool_call_id: id, content: "ok" });

test.each<[expected: string, body: Json]>([
  ["accepted", chat([{ role: "system", content: "Be brief." }, said, calls("a", "b"), tool("b"), tool("a"), said])],
  ["400 messages.[1]: roles must alternate, and two are 'user'.", chat([said, said])],
  [
    "400 Invalid parameter: messages.[1]: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
    chat([said, tool("a")]),
  ],
  [
    "400 An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. Missing: b",
    chat([said, calls("a", "b"), tool("a"), said]),
  ],
  ["400 Duplicate value for 'tool_call_id' of 'a'.", chat([said, calls("a"), tool("a"), calls("a"), tool("a")])],
  ["400 messages.[1]: content or tool_calls is required.", chat([said, { role: "assistant", content: null }, said])],
  ["400 messages.0.content: content must not be empty", chat([{ role: "user", content: "" }])],
  [
    '400 tools.0.function.parameters.type: Invalid input: expected "object"',
    chat([said], { tools: [{ type: "function", function: { name: "Read", parameters: {} } }] }),
  ],
])("openai-chat: %s", async (expected, body) => {
  expect(await refusalOf("/v1/chat/completions", body)).toBe(expected);
});

const google = (contents: Json[]) => ({
  contents,
  tools: [{ functionDeclarations: [{ name: "Read", parametersJsonSchema: schema }] }],
});
const parts = (role: string, ...each: Json[]) => ({ role, parts: each });
const hey = parts("user", { text: "Hi" });
const skip = { thoughtSignature: "skip_thought_signature_validator" };
const functionCall = (more: Json = skip) => ({ functionCall: { name: "Read", args: {} }, ...more });
const functionResponse = (name = "Read") => ({ functionResponse: { name, response: { output: "ok" } } });

test.each<[expected: string, body: Json]>([
  [
    "accepted",
    google([
      hey,
      parts("model", functionCall(), functionCall({})),
      parts("user", functionResponse(), functionResponse()),
    ]),
  ],
  [
    "400 Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
    google([hey, parts("model", functionCall()), hey]),
  ],
  [
    '400 functionResponse "Nope" does not answer the functionCall "Read".',
    google([hey, parts("model", functionCall()), parts("user", functionResponse("Nope"))]),
  ],
  [
    "400 Function call `Read` in the 1. content block is missing a `thought_signature`.",
    google([hey, parts("model", functionCall({})), parts("user", functionResponse())]),
  ],
  [
    "400 Thought signature of `Read` is not valid.",
    google([hey, parts("model", functionCall({ thoughtSignature: "x" })), parts("user", functionResponse())]),
  ],
  ["400 contents[1]: please ensure that roles alternate, starting with user.", google([hey, hey])],
  [
    "400 contents.0.parts.0: data: required oneof field 'data' must have one initialized field",
    google([parts("user", { text: "" })]),
  ],
])("google: %s", async (expected, body) => {
  expect(await refusalOf("/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse", body)).toBe(expected);
});

test("a request without a key is refused in the provider's way", async () => {
  const requests: [path: string, body: Json][] = [
    ["/v1/messages", anthropic([hi])],
    ["/v1/responses", responses([said])],
    ["/v1/chat/completions", chat([said])],
    ["/v1beta/models/g:streamGenerateContent", google([hey])],
  ];
  const refusals = await Promise.all(requests.map(([path, body]) => refusalOf(path, body, {})));
  expect(refusals.map((refusal) => refusal.slice(0, 3))).toEqual(["401", "401", "401", "403"]);
});

test("a body that is no JSON, and a path that no API has, are refused", async () => {
  expect(await refusalOf("/v1/messages", "{")).toBe("400 The request body is not valid JSON.");
  expect(await refusalOf("/v1/models", {})).toBe("404 No API is served at POST /v1/models.");
});
