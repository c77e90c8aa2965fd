import type { CallBlock } from "@bough/models";
import { ShellSession, WorktreeFiles } from "@bough/sandbox";
import { expect, test } from "vitest";
import * as z from "zod";
import { NO_PAST } from "./context/past.ts";
import type { Happening } from "./events.ts";
import { Hooks } from "./hooks/hooks.ts";
import { TurnHooks } from "./hooks/turn-hooks.ts";
import { Jobs } from "./jobs/jobs.ts";
import type { PermissionMode } from "./permissions/modes.ts";
import { Permissions } from "./permissions/permissions.ts";
import { type CallContext, mayWrite, runCalls } from "./run-calls.ts";
import { Masker } from "./secrets/masker.ts";
import { defineTool, type Tool, type ToolContext, type ToolOutput } from "./tool.ts";

type Behaviour = (input: { text?: string }, context: ToolContext) => Promise<ToolOutput>;

const tool = (name: string, effect: Tool["effect"], execute: Behaviour) =>
  defineTool({ name, description: name, effect, input: z.object({ text: z.string().optional() }), execute });

const call = (id: string, name: string, input: Record<string, unknown> = {}): CallBlock => ({
  type: "call",
  id,
  name,
  input,
});

function permissions(mode: PermissionMode): Permissions {
  return new Permissions({ mode, checkout: import.meta.dirname, canConfine: async () => false });
}

function context(
  tools: readonly Tool[],
  options: Partial<CallContext> = {},
): CallContext & { happenings: Happening[] } {
  const happenings: Happening[] = [];
  const root = import.meta.dirname;
  const given = {
    files: new WorktreeFiles({ root }),
    jobs: new Jobs(),
    past: NO_PAST,
    masker: new Masker([]),
    signal: new AbortController().signal,
    emit: (happening: Happening) => happenings.push(happening),
  };
  const none = new Hooks({ settings: [], session: "", branch: "", worktree: root, checkout: root, commonDir: root });
  return {
    ...given,
    tools,
    shell: new ShellSession({ worktree: root }),
    permissions: permissions("bypassPermissions"),
    hooks: new TurnHooks({ ...given, hooks: none, mode: () => "default" }),
    ask: undefined,
    happenings,
    ...options,
  };
}

const echo = tool("Echo", "read", async ({ text = "" }) => ({ text }));

test("calls that read run beside each other, and their results keep the order of the calls", async () => {
  const both = Promise.withResolvers<void>();
  const first = tool("First", "read", async () => {
    await both.promise;
    return { text: "first" };
  });
  const second = tool("Second", "read", async () => {
    both.resolve();
    return { text: "second" };
  });
  const running = context([first, second]);
  const { results } = await runCalls([call("1", "First"), call("2", "Second")], running);
  expect(results.map(({ text }) => text)).toEqual(["first", "second"]);
  expect(
    running.happenings.map((each) => (each.type.startsWith("tool") && "id" in each ? `${each.type} ${each.id}` : "")),
  ).toEqual(["tool-start 1", "tool-start 2", "tool-end 2", "tool-end 1"]);
});

test("a call that writes waits for those before it, and those after it wait for it", async () => {
  const order: string[] = [];
  const named = (name: string, effect: Tool["effect"]) =>
    tool(name, effect, async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
      return { text: name };
    });
  const tools = [named("Look", "read"), named("Write", "edit"), named("Run", "execute")];
  await runCalls([call("1", "Look"), call("2", "Write"), call("3", "Run"), call("4", "Look")], context(tools));
  const oneByOne = ["Look", "Write", "Run", "Look"].flatMap((name) => [`${name} begins`, `${name} ends`]);
  expect(order).toEqual(oneByOne);
});

test("whatever a tool returns or throws, the model is given a bounded part of it that says so", async () => {
  const flood = "x".repeat(50_000_000);
  const tools = [
    tool("Flood", "read", async () => ({ text: flood })),
    tool("Burst", "read", async () => {
      throw new Error(flood);
    }),
  ];
  const { results } = await runCalls([call("1", "Flood"), call("2", "Burst")], context(tools));
  for (const { text } of results) {
    expect(text.length).toBeLessThan(32_768);
    expect(text).toContain("[… 49,969,280 bytes cut here …]");
  }
});

test("what a tool prints while it runs is told with its call", async () => {
  const running = context([
    tool("Slow", "read", async (_, { onOutput }) => {
      onOutput("half\n");
      return { text: "half\nwhole\n" };
    }),
  ]);
  await runCalls([call("7", "Slow")], running);
  expect(running.happenings).toEqual([
    { type: "tool-start", id: "7", name: "Slow", input: {} },
    { type: "tool-output", id: "7", text: "half\n" },
    { type: "tool-end", id: "7", name: "Slow", text: "half\nwhole\n", isError: false, isDenied: false },
  ]);
});

test("a secret is masked in what a tool answers, in what it prints, also in parts, and in why it failed", async () => {
  const masker = new Masker([{ name: "API_KEY", value: "k3y-0123456789abcdef" }]);
  const prints = tool("Prints", "read", async (_, { onOutput }) => {
    for (const part of ["one k3y-0123", "456789abcdef\ntwo ", "k3y-0123456789", "abcdef"]) onOutput(part);
    return { text: "k3y-0123456789abcdef" };
  });
  const fails = tool("Fails", "read", async () => {
    throw new Error("Cannot use k3y-0123456789abcdef.");
  });
  const running = context([prints, fails], { masker });
  const { results } = await runCalls([call("1", "Prints"), call("2", "Fails")], running);
  expect(results.map(({ text }) => text)).toEqual(["[masked: API_KEY]", "Cannot use [masked: API_KEY]."]);
  const printed = running.happenings.flatMap((happening) => (happening.type === "tool-output" ? happening.text : []));
  expect(printed).toEqual(["one [masked: API_KEY]\n", "two [masked: API_KEY]"]);
});

async function answerTo(made: CallBlock, tools: readonly Tool[], options: Partial<CallContext> = {}) {
  const { results } = await runCalls([made], context(tools, options));
  const [{ text, isError = false } = { text: "" }] = results;
  return { text, isError };
}

test("a model is told which tools there are when it makes one up", async () => {
  expect(await answerTo(call("1", "Reed"), [echo])).toEqual({
    text: "There is no tool named Reed. Tools: Echo.",
    isError: true,
  });
  expect(await answerTo(call("1", "Reed"), [])).toEqual({
    text: "There is no tool named Reed. You have none.",
    isError: true,
  });
});

test("a model is told what it wrote when its arguments are no JSON object", async () => {
  const malformed = { ...call("1", "Echo"), malformed: '{"text": "ha' };
  expect(await answerTo(malformed, [echo])).toEqual({
    text: 'The input of Echo was not a JSON object, but this:\n{"text": "ha',
    isError: true,
  });
});

test("a model is told which argument is wrong, and why", async () => {
  expect(await answerTo(call("1", "Echo", { text: 5 }), [echo])).toEqual({
    text: "The input of Echo is not right:\n- text: Invalid input: expected string, received number",
    isError: true,
  });
});

test("what a tool throws is its result, whatever it is", async () => {
  const throws = (thrown: unknown) => [tool("Throw", "read", () => Promise.reject(thrown))];
  expect(await answerTo(call("1", "Throw"), throws(new Error("No such file.")))).toEqual({
    text: "No such file.",
    isError: true,
  });
  expect(await answerTo(call("1", "Throw"), throws("tired"))).toEqual({ text: "tired", isError: true });
  const atOnce = defineTool({
    name: "Throw",
    description: "",
    effect: "read",
    input: z.object({}).transform(() => {
      throw new Error("Bad schema.");
    }),
    execute: async () => ({ text: "" }),
  });
  expect(await answerTo(call("1", "Throw"), [atOnce])).toEqual({ text: "Bad schema.", isError: true });
});

test("a tool that says nothing is said to have said nothing", async () => {
  expect(await answerTo(call("1", "Echo"), [echo])).toEqual({ text: "(no output)", isError: false });
});

test("a denied call is answered with the reason, listed, and not run", async () => {
  const run = tool("Run", "execute", () => Promise.reject(new Error("It ran.")));
  const running = context([run], {
    permissions: permissions("default"),
    ask: async () => ({ allow: false, reason: "not on a Friday" }),
  });
  expect(await runCalls([call("1", "Run", { text: "rm" })], running)).toEqual({
    results: [
      {
        type: "result",
        id: "1",
        name: "Run",
        text: "Denied: Run needs a permission that was not given (not on a Friday). Go on without it, or say what is needed and stop.",
        isError: true,
      },
    ],
    beside: new Map(),
    changes: [],
    denials: [{ id: "1", tool: "Run", input: { text: "rm" } }],
  });
});

test("a question that cannot be put fails the call", async () => {
  const run = tool("Run", "execute", async () => ({ text: "It ran." }));
  const options: Partial<CallContext> = {
    permissions: permissions("default"),
    ask: () => Promise.reject(new Error("The window is gone.")),
  };
  expect(await answerTo(call("1", "Run"), [run], options)).toEqual({ text: "The window is gone.", isError: true });
});

test("calls that come after an interruption are not run, and answered all the same", async () => {
  const interruption = new AbortController();
  const stop = tool("Stop", "execute", async () => {
    interruption.abort();
    return { text: "half done", isError: true };
  });
  const { results } = await runCalls(
    [call("1", "Stop"), call("2", "Stop")],
    context([stop], { signal: interruption.signal }),
  );
  expect(results.map(({ id, text }) => `${id}: ${text}`)).toEqual(["1: half done", "2: interrupted"]);
});

test("where to look for changes: at the paths that edits return, everywhere after a command, nowhere after a denial", async () => {
  const edit = tool("Edit", "edit", async ({ text = "" }) => ({ text: "ok", changed: [text] }));
  const run = tool("Run", "execute", async ({ text }) => {
    if (text === "fail") throw new Error("It failed, half way through.");
    return { text: "ok" };
  });
  const changes = async (calls: readonly CallBlock[], options: Partial<CallContext> = {}) =>
    (await runCalls(calls, context([echo, edit, run], options))).changes;
  expect(await changes([call("1", "Echo")])).toEqual([]);
  expect(await changes([call("1", "Edit", { text: "a" }), call("2", "Edit", { text: "b" })])).toEqual(["a", "b"]);
  expect(await changes([call("1", "Edit", { text: "a" }), call("2", "Run")])).toBe("scan");
  expect(await changes([call("1", "Run", { text: "fail" })])).toBe("scan");
  expect(await changes([call("1", "Run")], { permissions: permissions("default") })).toEqual([]);
  expect(await changes([call("1", "Run", { text: 5 })])).toEqual([]);
});

test("only calls of tools that read write nothing", () => {
  const tools = [
    echo,
    tool("Edit", "edit", async () => ({ text: "" })),
    tool("Run", "execute", async () => ({ text: "" })),
  ];
  const names = (...each: string[]) => each.map((name) => call(name, name));
  expect(mayWrite(names("Echo", "Unknown"), tools)).toBe(false);
  expect(mayWrite(names("Echo", "Edit"), tools)).toBe(true);
  expect(mayWrite(names("Run"), tools)).toBe(true);
});
