import { expect, test } from "vitest";
import { story } from "./story.ts";

const usage = { input: 100, output: 10, cacheRead: 60, cacheWrite: 5 };
const script = [
  {
    thinking: "Hm.",
    text: "I try.",
    calls: [
      { name: "Write", input: { file_path: "AGENTS.md", content: "b" } },
      { name: "Write", input: { file_path: "a", content: "a\n" } },
    ],
    usage,
  },
  { text: "One of two.", usage },
];

/** The objects, a line each; what differs from run to run is replaced by a word for it. */
function linesOf(stdout: string): Record<string, unknown>[] {
  const names: string[] = [];
  const nameOf = (value: string) => {
    if (!names.includes(value)) names.push(value);
    return `#${names.indexOf(value)}`;
  };
  const revive = (key: string, value: unknown) => {
    if (key === "duration_ms") return typeof value;
    if (typeof value !== "string") return value;
    if (["session_id", "tool_use_id", "id", "commit"].includes(key)) return nameOf(value);
    return key === "cwd" ? value.replace(/^.*\/worktrees\/[^/]+/, "WORKTREES") : value;
  };
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line, revive));
}

test("json is one object at the end", async () => {
  await using bough = await story({ script });
  const { code, stdout } = await bough.run("-p", "Make two files", "--branch", "two", "--output-format", "json");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(stdout)).toEqual({
    type: "result",
    subtype: "success",
    is_error: false,
    result: "One of two.",
    stop_reason: "done",
    session_id: expect.stringMatching(/^[0-9a-z]{26}$/),
    branch: "bough/two",
    commit: await bough.git("rev-parse", "bough/two"),
    num_turns: 2,
    duration_ms: expect.any(Number),
    total_cost_usd: 0.000637,
    usage: { input_tokens: 200, output_tokens: 20, cache_read_input_tokens: 120, cache_creation_input_tokens: 10 },
    model: "anthropic/claude-sonnet-5-5",
    permission_denials: [
      {
        tool_name: "Write",
        tool_use_id: expect.stringMatching(/^toolu_/),
        tool_input: { file_path: "AGENTS.md", content: "b" },
      },
    ],
    errors: [],
  });
});

test("stream-json is a line for each event, the result last", async () => {
  await using bough = await story({ script });
  const { code, stdout } = await bough.run(
    "-p",
    "Make two files",
    "--branch",
    "two",
    "--output-format",
    "stream-json",
    "--tools",
    "Bash,Write",
  );
  expect(code).toBe(0);
  const lines = linesOf(stdout.replaceAll(/"commit":"\w+"/g, '"commit":"COMMIT"'));
  const isCommit = (line: Record<string, unknown>) => line.subtype === "commit";
  // A step is committed while the next is answered already.
  expect(lines.filter(isCommit)).toMatchObject([{ step: 1 }, { step: 2 }]);
  expect(
    lines
      .filter((line) => !isCommit(line))
      .map((line) => JSON.stringify(line))
      .join("\n"),
  ).toMatchInlineSnapshot(`
    "{"type":"system","subtype":"init","cwd":"WORKTREES/two","branch":"bough/two","model":"anthropic/claude-sonnet-5-5","tools":["Bash","Write"],"permissionMode":"default","session_id":"#0"}
    {"type":"assistant","message":{"role":"assistant","model":"anthropic/claude-sonnet-5-5","content":[{"type":"thinking","thinking":"Hm."},{"type":"text","text":"I try."},{"type":"tool_use","id":"#1","name":"Write","input":{"file_path":"AGENTS.md","content":"b"}},{"type":"tool_use","id":"#2","name":"Write","input":{"file_path":"a","content":"a\\n"}}],"stop_reason":"tool_use","usage":{"input_tokens":100,"output_tokens":10,"cache_read_input_tokens":60,"cache_creation_input_tokens":5}},"session_id":"#0"}
    {"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"#1","content":"Denied: Write needs a permission that was not given (nobody is there to be asked, and AGENTS.md decides what agents may do or are told). Go on without it, or say what is needed and stop.","is_error":true}]},"session_id":"#0"}
    {"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"#2","content":"Created a (1 line, 2 bytes).","is_error":false}]},"session_id":"#0"}
    {"type":"assistant","message":{"role":"assistant","model":"anthropic/claude-sonnet-5-5","content":[{"type":"text","text":"One of two."}],"stop_reason":"end_turn","usage":{"input_tokens":100,"output_tokens":10,"cache_read_input_tokens":60,"cache_creation_input_tokens":5}},"session_id":"#0"}
    {"type":"result","subtype":"success","is_error":false,"result":"One of two.","stop_reason":"done","session_id":"#0","branch":"bough/two","commit":"#3","num_turns":2,"duration_ms":"number","total_cost_usd":0.000637,"usage":{"input_tokens":200,"output_tokens":20,"cache_read_input_tokens":120,"cache_creation_input_tokens":10},"model":"anthropic/claude-sonnet-5-5","permission_denials":[{"tool_name":"Write","tool_use_id":"#1","tool_input":{"file_path":"AGENTS.md","content":"b"}}],"errors":[]}"
  `);
});

test("--include-partial-messages adds replies piece by piece", async () => {
  await using bough = await story({ script: [{ thinking: "Hm, so.", text: "Hello there." }] });
  const { stdout } = await bough.run("-p", "Hi", "--output-format", "stream-json", "--include-partial-messages");
  const deltas = [...stdout.matchAll(/"delta":(\{[^}]*\})/g)].map(([, json = ""]) => JSON.parse(json));
  const join = (type: string) =>
    deltas.map((delta) => (delta.type === type ? (delta.text ?? delta.thinking) : "")).join("");
  expect(join("thinking_delta")).toBe("Hm, so.");
  expect(join("text_delta")).toBe("Hello there.");
});

test("what the model says cannot command a terminal on which the JSON is read", async () => {
  const text = '"}\n\u001b[2J\u009b2J\u2028 \u202e\r';
  await using bough = await story({ script: [{ text }] });
  const { stdout } = await bough.run("-p", "Hi", "--output-format", "stream-json");
  expect(stdout).toMatch(/^[\n -~]+$/);
  expect(linesOf(stdout).at(-1)).toMatchObject({ result: text });
});

test("stream-json has a line for the steps that a summary takes the place of", async () => {
  const read = { text: "We read it.", calls: [{ name: "Read", input: { file_path: "long.txt" } }] };
  const settings = JSON.stringify({ context: { window: 20_000, summarizeAt: 0.5 } });
  await using bough = await story({
    script: [...Array(4).fill(read), { text: "Done." }, { text: "Done." }],
    files: { ".bough/settings.json": settings, "long.txt": "A line of sixteen\n".repeat(1_000) },
  });
  const { stdout } = await bough.run("-p", "Read it", "--trust", "--output-format", "stream-json");
  const summary = linesOf(stdout).find(({ subtype }) => subtype === "summary");
  expect(summary).toMatchObject({
    type: "system",
    from_step: 0,
    to_step: 1,
    branch: expect.stringContaining("bough/"),
  });
});

test("a limit of replies ends with 53, and says so", async () => {
  await using bough = await story({ script });
  const { code, stdout } = await bough.run("-p", "Make two files", "--max-turns", "1", "--output-format", "json");
  expect(code).toBe(53);
  expect(JSON.parse(stdout)).toMatchObject({
    subtype: "error_max_turns",
    is_error: true,
    stop_reason: "turn-limit",
    result: "I try.",
    num_turns: 1,
  });
});

test("a limit of seconds stops what runs, ends with 53, and says so", async () => {
  await using bough = await story({ script: [{ stall: true, text: "Once" }] });
  const { code, stdout } = await bough.run("-p", "Tell a story", "--max-time", "1", "--output-format", "json");
  expect(code).toBe(53);
  expect(JSON.parse(stdout)).toMatchObject({ subtype: "error_max_time", stop_reason: "time-limit", result: "Once" });
});

test("a refusal ends with 1, and says so", async () => {
  await using bough = await story({ script: [{ text: "I will not.", stop: "refused" }] });
  const { code, stdout } = await bough.run("-p", "Do harm", "--output-format", "json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    subtype: "error_during_execution",
    is_error: true,
    stop_reason: "refused",
    result: "I will not.",
  });
});

test("a provider that fails in the middle of a turn ends with 1, and the work so far is on the branch", async () => {
  await using bough = await story({ script: [...script.slice(0, 1), { status: 400, message: "I am a teapot." }] });
  const { code, stdout, stderr } = await bough.run(
    "-p",
    "Make two files",
    "--branch",
    "two",
    "--output-format",
    "json",
  );
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    subtype: "error_during_execution",
    branch: "bough/two",
    errors: [expect.stringContaining("I am a teapot")],
  });
  expect(stderr).toContain("I am a teapot");
  expect(await bough.git("diff", "--name-only", "main", "bough/two")).toBe("a");
});

test("a provider that never answered is an object too, of a session that is not there", async () => {
  await using bough = await story({ script: [{ status: 400, message: "I am a teapot." }] });
  const { code, stdout } = await bough.run("-p", "Hi", "--output-format", "json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    subtype: "error_during_execution",
    result: "",
    branch: null,
    commit: null,
    errors: [expect.stringContaining("teapot")],
  });
});

test("a reply that was cut short is an answer with a notice", async () => {
  await using bough = await story({ script: [{ text: "Once upon a", stop: "length" }] });
  const { code, stdout, stderr } = await bough.run("-p", "Tell a story", "-m", bough.model, "--branch", "tale");
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "Once upon a\n",
    stderr:
      "  ! The reply was cut short by the model's output limit.\nbough/tale: no files changed. See it: bough log bough/tale\n",
  });
});
