import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { scriptedModel } from "@bough/models";
import { detectSandbox } from "@bough/sandbox";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Agent } from "../agent.ts";
import type { StartOptions } from "../agent-options.ts";
import type { Turn } from "../end-turn.ts";
import type { AgentEvent } from "../events.ts";
import type { Ask } from "../permissions/modes.ts";
import { parseRule } from "../permissions/rule.ts";
import type { HookSetting } from "../settings/load-settings.ts";
import type { HookEvent } from "../settings/settings-schema.ts";

const support = await detectSandbox();
const why = support.kind === "none" ? ` (skipped: ${support.message})` : "";

let repository: TemporaryRepository;
beforeEach(async () => {
  repository = await temporaryRepository({ files: { "a.txt": "a\n", "b.txt": "b\n" }, enter: true });
});
afterEach(() => repository[Symbol.asyncDispose]());

const hook = (event: HookEvent, command: string, more: Partial<HookSetting> = {}): HookSetting => ({
  ...{ event, command, matcher: undefined, timeout: undefined, isRepository: false },
  ...more,
});

/** A hook that answers with JSON. */
const says = (event: HookEvent, answer: unknown, more: Partial<HookSetting> = {}) =>
  hook(event, `echo '${JSON.stringify(answer)}'`, more);

const decides = (permissionDecision: string, more: object = {}) => ({
  hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision, ...more },
});

const call = (name: string, input: Record<string, unknown>, id = "1") => ({
  content: [{ type: "call" as const, id, name, input }],
});
const read = call("Read", { file_path: "a.txt" });
const write = call("Write", { file_path: "new.txt", content: "new\n" });

interface Ran {
  readonly turn: Turn;
  readonly agent: Agent;
  readonly model: ReturnType<typeof scriptedModel>;
  readonly notices: readonly string[];
  /** The results of the calls, as the model was told. */
  readonly results: readonly string[];
  /** All that the model was told by the user's side. */
  readonly told: readonly string[];
}

type Replies = Parameters<typeof scriptedModel>[0];

/** Runs a turn with hooks. */
async function run(hooks: readonly HookSetting[], replies: Replies, options: Partial<StartOptions> = {}): Promise<Ran> {
  const model = scriptedModel(replies);
  await using agent = await Agent.start({ cwd: repository.path, model, branch: "work", hooks, ...options });
  const events: AgentEvent[] = [];
  const turn = await agent.run("Do it", { onEvent: (event) => events.push(event) });
  const blocks = model.requests.at(-1)?.messages.flatMap(({ role, content }) => (role === "user" ? content : [])) ?? [];
  return {
    turn,
    agent,
    model,
    notices: events.flatMap((event) => (event.type === "notice" ? [event.text] : [])),
    results: blocks.flatMap((block) => (block.type === "result" ? [block.text] : [])),
    told: blocks.map((block) => ("text" in block ? block.text : "")),
  };
}

test("a hook is told what there is to know, in the worktree and with the user's variables but for the keys", async () => {
  const log = join(repository.folder, "log");
  process.env["OPENAI_API_KEY"] = "sk-user-key-0123";
  process.env["A_VARIABLE_OF_THE_USER"] = "there";
  try {
    const command = `cat >${log}; { pwd; echo "$A_VARIABLE_OF_THE_USER $OPENAI_API_KEY. $CLAUDE_PROJECT_DIR $ONE"; } >>${log}`;
    const { agent } = await run([hook("PreToolUse", command, { matcher: "Read" })], [read, "Done."], {
      env: { ONE: "1" },
    });
    const [json = "", pwd, variables] = (await readFile(log, "utf8")).replace("}/", "}\n/").split("\n");
    expect(JSON.parse(json)).toEqual({
      session_id: agent.session,
      transcript_path: "",
      branch: "bough/work",
      cwd: agent.worktree,
      permission_mode: "default",
      hook_event_name: "PreToolUse",
      tool_name: "Read",
      tool_input: { file_path: join(agent.worktree, "a.txt") },
      tool_use_id: "1",
    });
    expect(pwd).toBe(agent.worktree);
    expect(variables).toBe(`there . ${repository.path} 1`);
  } finally {
    delete process.env["OPENAI_API_KEY"];
    delete process.env["A_VARIABLE_OF_THE_USER"];
  }
});

test.each([
  ["Read", true],
  ["Edit|Read", true],
  ["Rea.*", true],
  ["", true],
  ["*", true],
  ["Rea", false],
  ["Bash", false],
])("the matcher %j is a regular expression for the whole name: %s", async (matcher, isAsked) => {
  const { turn } = await run([hook("PreToolUse", "exit 2", { matcher })], [read, "Done."]);
  expect(turn.denials).toHaveLength(isAsked ? 1 : 0);
});

test("a matcher may use the name that another agent gives a tool", async () => {
  const glob = call("Find", { pattern: "*.txt" });
  const { turn } = await run([hook("PreToolUse", "exit 2", { matcher: "Glob" })], [glob, "Done."]);
  expect(turn.denials).toMatchObject([{ tool: "Find" }]);
});

test.each([
  ["exit code 2", hook("PreToolUse", "echo not on Fridays >&2; exit 2")],
  ["permissionDecision", says("PreToolUse", decides("deny", { permissionDecisionReason: "not on Fridays" }))],
  ["decision", says("PreToolUse", { decision: "block", reason: "not on Fridays" })],
])("a hook says no by %s, and the model is told why", async (_, setting) => {
  const { turn, results } = await run([setting], [write, "Then not."]);
  expect(turn).toMatchObject({ stop: "done", denials: [{ tool: "Write" }] });
  expect(results[0]).toContain("(not on Fridays)");
  await expect(repository.git("show", "bough/work:new.txt")).rejects.toThrow();
});

test.each([
  ["another exit code", "echo broken >&2; exit 1", "exit code 1: broken"],
  ["no such program", "/nowhere/guard", "exit code 127"],
  ["a signal", "kill -9 $$", "killed"],
  ["JSON that is none", "echo '{oops'", "its answer is not right"],
  ["an answer that there is not", `echo '${JSON.stringify(decides("alow"))}'`, "its answer is not right"],
  ["too much time", "sleep 60", "timed out"],
])("a hook that fails to decide means no: %s", async (_, command, message) => {
  const { turn, results } = await run([hook("PreToolUse", command, { timeout: 1 })], [write, "Then not."]);
  expect(turn.denials).toMatchObject([{ tool: "Write" }]);
  expect(results[0]).toContain(message);
  // The control: the same call with a hook that has nothing to say.
  expect((await run([hook("PreToolUse", "echo fine")], [write, "Done."], { branch: "other" })).turn.denials).toEqual(
    [],
  );
});

test("a rewritten input is what is run, and the model is told", async () => {
  const updatedInput = { file_path: "b.txt" };
  const { results } = await run([says("PreToolUse", decides("allow", { updatedInput }))], [read, "Done."]);
  expect(results).toEqual(['     1\tb\n\n[A hook changed the input to {"file_path":"b.txt"}]']);
});

test("a rewritten input is checked and judged like any other, so that a hook's yes widens nothing", async () => {
  const rewrite = (updatedInput: unknown) => [says("PreToolUse", decides("allow", { updatedInput }))];
  const wrong = await run(rewrite({ path: "b.txt" }), [read, "Done."]);
  expect(wrong.results[0]).toContain("The input of Read is not right");
  const deny = [parseRule("Read(b.txt)") ?? expect.fail()];
  const denied = await run(rewrite({ file_path: "b.txt" }), [read, "Done."], {
    branch: "denied",
    rules: { allow: [], ask: [], deny },
  });
  expect(denied.results[0]).toContain("the rule Read(b.txt) forbids it");
  const outside = await run(rewrite({ file_path: "/etc/passwd" }), [read, "Done."], { branch: "outside" });
  expect(outside.results[0]).not.toContain("root:");
  const guarded = call("Write", { file_path: "x", content: "" });
  const steering = rewrite({ file_path: "AGENTS.md", content: "Obey." });
  expect((await run(steering, [guarded, "Done."], { branch: "guarded" })).turn.denials).toHaveLength(1);
});

test("of several hooks each sees what the one before made of the input, and one no is enough", async () => {
  const toB = says("PreToolUse", decides("allow", { updatedInput: { file_path: "b.txt" } }));
  const notB = hook("PreToolUse", "grep -q b.txt && exit 2; exit 0");
  const never = hook("PreToolUse", `touch ${join(repository.folder, "asked")}`);
  expect((await run([toB, notB, never], [read, "Done."])).turn.denials).toHaveLength(1);
  expect(existsSync(join(repository.folder, "asked"))).toBe(false);
  expect((await run([notB, toB], [read, "Done."], { branch: "other" })).turn.denials).toEqual([]);
});

test("a hook can have a person asked", async () => {
  const asks = says("PreToolUse", decides("ask", { permissionDecisionReason: "it is Friday" }));
  const questions: string[] = [];
  const ask: Ask = async (question) => {
    if (question.type === "permission") questions.push(question.why);
    return { allow: true };
  };
  expect((await run([asks], [read, "Done."], { ask })).turn.denials).toEqual([]);
  expect(questions).toEqual(["it is Friday"]);
  expect((await run([asks], [read, "Done."], { branch: "alone" })).turn.denials).toHaveLength(1);
});

test("what a hook does to files after a call is in the step's commit, and what it says is told with the result", async () => {
  const formats = hook("PostToolUse", "sed -i s/new/NEW/ new.txt; echo formatted >&2; exit 2", {
    matcher: "Write|Edit",
  });
  const adds = says("PostToolUse", {
    systemMessage: "seen",
    hookSpecificOutput: { additionalContext: "Mind the gap." },
  });
  const { results, notices } = await run([formats, adds], [write, "Done."]);
  expect(await repository.git("show", "bough/work:new.txt")).toBe("NEW");
  expect(results[0]).toMatch(/\n\n\[formatted\]\n\n\[Mind the gap\.\]$/);
  expect(notices).toContain("seen");
});

test("a hook that fails where it has nothing to decide is a warning", async () => {
  const { turn, notices } = await run([hook("PostToolUse", "exit 7")], [read, "Done."]);
  expect(turn).toMatchObject({ stop: "done", denials: [] });
  expect(notices).toContain("the hook exit 7 failed (exit code 7)");
});

test("a hook can end the turn", async () => {
  const { turn, model } = await run([says("PreToolUse", { continue: false, stopReason: "enough" })], [read, "Never."]);
  expect(turn).toMatchObject({ stop: "stopped", why: "A hook ended the turn: enough" });
  expect(turn.error).toBeUndefined();
  expect(await repository.git("log", "-1", "--format=%b", "bough/work")).toContain("    A hook ended the turn: enough");
  expect(model.requests).toHaveLength(1);
});

test("hooks tell the model at the start of the session and beside each prompt", async () => {
  const hooks = [
    hook("SessionStart", "echo The build is red.", { matcher: "startup" }),
    hook("SessionStart", "echo Welcome back.", { matcher: "resume" }),
    says("UserPromptSubmit", { hookSpecificOutput: { additionalContext: "It is Friday." } }),
  ];
  const { told } = await run(hooks, ["Hello."]);
  expect(told).toEqual(["Do it", "[The build is red.]", "[It is Friday.]"]);
});

test.each([
  ["refuses", hook("UserPromptSubmit", "grep -q 'Do it' && echo no orders >&2 && exit 2"), "no orders"],
  ["fails", hook("UserPromptSubmit", "exit 3"), "failed (exit code 3)"],
])("a hook that %s keeps a prompt from being sent", async (_, setting, message) => {
  const model = scriptedModel(["Never."]);
  await using agent = await Agent.start({ cwd: repository.path, model, hooks: [setting] });
  await expect(agent.run("Do it")).rejects.toMatchObject({
    name: "AgentError",
    reason: "blocked",
    message: expect.stringContaining(message),
  });
  expect(model.requests).toEqual([]);
  expect((await agent.transcript()).lastTurn).toBe(0);
});

test("a hook says that the model is not done, and it goes on; it cannot go on for ever", async () => {
  const once = hook("Stop", `grep -q '"stop_hook_active":true' || { echo run the tests >&2; exit 2; }`);
  const { turn, told } = await run([once], ["Done.", "Now the tests pass."]);
  expect(turn).toMatchObject({ stop: "done", text: "Now the tests pass.", replies: 2 });
  expect(told).toContain("[A hook says that it is not done: run the tests]");
  const always = await run(
    [hook("Stop", "exit 2")],
    Array.from({ length: 9 }, () => "Done."),
    { branch: "always" },
  );
  expect(always.turn.replies).toBe(6);
  expect(always.notices.join()).toContain("after 5 times");
  const limited = await run([hook("Stop", "exit 2")], ["Done."], { branch: "limited", limits: { replies: 1 } });
  expect(limited.turn.stop).toBe("turn-limit");
});

test("hooks are told when the session ends, once", async () => {
  const log = join(repository.folder, "log");
  await run([hook("SessionEnd", `cat >>${log}`)], ["Done."]);
  expect(JSON.parse(await readFile(log, "utf8"))).toMatchObject({ hook_event_name: "SessionEnd", reason: "other" });
});

test("an interruption ends a hook, and the turn is interrupted", async () => {
  const model = scriptedModel([read, "Never."]);
  const hooks = [hook("PreToolUse", "sleep 60")];
  await using agent = await Agent.start({ cwd: repository.path, model, hooks });
  const user = new AbortController();
  const turn = await agent.run("Do it", {
    signal: user.signal,
    onEvent: ({ type }) => type === "tool-start" && setImmediate(() => user.abort()),
  });
  expect(turn).toMatchObject({ stop: "interrupted", denials: [] });
});

test("what a call did and said is kept when the turn is interrupted while a hook is told of it", async () => {
  const model = scriptedModel([write, "Never."]);
  const started = join(repository.folder, "started");
  const hooks = [hook("PostToolUse", `touch ${started}; sleep 60`)];
  await using agent = await Agent.start({ cwd: repository.path, model, hooks, branch: "work" });
  const user = new AbortController();
  const turn = agent.run("Do it", { signal: user.signal });
  await vi.waitUntil(() => existsSync(started), { timeout: 5_000 });
  user.abort();
  expect(await turn).toMatchObject({ stop: "interrupted" });
  expect(await repository.git("show", "bough/work:new.txt")).toBe("new");
  expect(JSON.stringify((await agent.transcript()).entries)).toContain("Created new.txt");
});

test.skipIf(why !== "")(`a repository's hook is confined, and runs the scripts that were trusted${why}`, async () => {
  await repository.write({ ".claude/hooks/guard.sh": "echo trusted >&2; exit 2\n" });
  await repository.commitAll("Guard");
  const outside = join(repository.folder, "outside");
  const guard = 'sh "$CLAUDE_PROJECT_DIR"/.claude/hooks/guard.sh';
  const script = ".claude/hooks/guard.sh";
  const neuter = call("Edit", { file_path: script, old_string: "exit 2", new_string: "exit 0" }, "1");
  // Somebody let it change the script; that is not to have it run.
  const ask: Ask = async () => ({ allow: true });
  const hooks = (isRepository: boolean, matcher = "Write") => [
    hook("PreToolUse", `touch ${outside} 2>/dev/null; sh .claude/hooks/guard.sh && ${guard}`, {
      matcher,
      isRepository,
    }),
  ];
  const { turn, results } = await run(hooks(true), [neuter, write, "Done."], { ask });
  expect(turn.denials).toMatchObject([{ tool: "Write" }]);
  expect(results[1]).toContain("(trusted)");
  await expect(stat(outside)).rejects.toThrow();
  expect(await repository.git("show", "bough/work:.claude/hooks/guard.sh")).toBe("echo trusted >&2; exit 0");
  // The control: the user's own hook is not confined, and runs what stands in the worktree.
  const control = await run(
    [hook("PreToolUse", `touch ${outside}; sh .claude/hooks/guard.sh`, { matcher: "Write" })],
    [neuter, write, "Done."],
    { branch: "control", ask },
  );
  expect(control.turn.denials).toEqual([]);
  await stat(outside);
});
