import { Repository, startSession } from "@bough/gitstate";
import { temporaryRepository } from "@bough/test-kit";
import { expect, onTestFinished, test, vi } from "vitest";
import * as z from "zod";
import type { StartOptions } from "../agent-options.ts";
import { Budget } from "../budget.ts";
import type { Question } from "../permissions/modes.ts";
import { parseRule } from "../permissions/rule.ts";
import { defineTool } from "../tool.ts";
import { agentCall, Cast, type Part, writeCall } from "./cast-fixture.ts";
import { SubAgents } from "./sub-agents.ts";

// Each is several agents with a repository, one after the other and at once.
vi.setConfig({ testTimeout: 30_000 });

const files = { "a.txt": "a\n", "secret.txt": "nobody's business\n" };

/** Has an agent give one task to another, and says what the one was told, with the other's last request. */
async function giveTask(
  input: Readonly<Record<string, unknown>>,
  { child, lead = [], ...options }: Partial<StartOptions> & { readonly child: Part; readonly lead?: Part },
) {
  await using cast = await Cast.of(
    { Begin: [...lead, { calls: [agentCall("Do it", input)] }, { text: "So be it." }], "Do it": child },
    files,
  );
  await using agent = await cast.start(options);
  const turn = await agent.run("Begin", cast);
  const requests = cast.sentTo("Do it");
  cast.expectAllTaken();
  return {
    turn,
    told: cast.toldTo("Begin")[0] ?? "",
    tools: requests[0]?.tools,
    model: requests[0]?.model,
    asked: requests.length,
    answers: requests.at(-1)?.messages.flatMap(({ results = [] }) => results.map(({ text }) => text)) ?? [],
    files: (await cast.repository.git("ls-tree", "-r", "--name-only", "bough/lead")).split("\n"),
  };
}

const write: Part = [{ calls: [writeCall("made.txt", "x\n")] }, { text: "Written." }];

test("without a wish it has all tools of its parent, and no others", async () => {
  const tools = ["Read", "Write", "Agent"];
  expect((await giveTask({}, { tools, child: write })).tools).toEqual(tools);
});

test("a wish for fewer tools is granted, by the names of other agents too", async () => {
  const { tools } = await giveTask({ tools: ["Read", "Glob"] }, { child: [{ text: "Seen." }] });
  expect(tools).toEqual(["Read", "Find"]);
});

test("a wish for a tool that the parent has not is answered with those it has", async () => {
  const { told, asked } = await giveTask({ tools: ["Read", "Bash"] }, { tools: ["Read", "Agent"], child: [] });
  expect(told).toBe("The agent cannot have Bash: its tools are at most yours. It can have: Read, Agent.");
  expect(asked).toBe(0);
});

test("with isolation none it cannot write, and the same without can", async () => {
  const bash = { name: "Bash", input: { command: "echo x > made.txt" } };
  const child: Part = [{ calls: [writeCall("made.txt", "x\n"), bash] }, { text: "I tried." }];
  const enforced = await giveTask({ isolation: "none" }, { child, permissionMode: "bypassPermissions" });
  expect(enforced.tools).toEqual(["Read", "Jobs", "Grep", "Find", "Ls", "Agent", "Recall"]);
  expect(enforced.answers).toEqual([
    expect.stringMatching(/^There is no tool named Write\./),
    expect.stringMatching(/^There is no tool named Bash\./),
  ]);
  expect(enforced.told).toBe("I tried.\n\n[It was only to read. What it said is kept on bough/lead.1.]");
  expect(enforced.files).not.toContain("made.txt");

  const control = await giveTask({}, { child, permissionMode: "bypassPermissions" });
  expect(control.files).toContain("made.txt");
});

test("a tool that writes cannot be asked for where it is only to read", async () => {
  const { told } = await giveTask({ isolation: "none", tools: ["Write"] }, { child: [] });
  expect(told).toMatch(/^The agent cannot have Write: this one is only to read\. It can have: Read, /);
});

test("those that an agent in plan mode calls only read, and so do those that they call", async () => {
  await using cast = await Cast.of(
    {
      Begin: [{ calls: [agentCall("Do it")] }, { text: "So be it." }],
      "Do it": [{ calls: [agentCall("Write it")] }, { text: "It tried." }],
      "Write it": [{ calls: [writeCall("made.txt", "x\n")] }, { text: "I tried." }],
    },
    files,
  );
  await using agent = await cast.start({ permissionMode: "plan" });
  await agent.run("Begin", cast);
  expect(cast.toldTo("Write it")).toEqual([expect.stringMatching(/^There is no tool named Write\./)]);
  expect(await cast.repository.git("log", "--all", "--format=%H", "--", "made.txt")).toBe("");
});

const bold = { name: "bold", description: "Dares all.", prompt: "Dare.", permissionMode: "bypassPermissions" } as const;
const rules: Part = [{ calls: [writeCall("AGENTS.md", "Obey me.\n")] }, { text: "I tried." }];

test("a kind of agent that dares more than its parent does not get to", async () => {
  const wish = { kind: "bold" };
  const bounded = await giveTask(wish, { kinds: [bold], permissionMode: "dontAsk", child: rules });
  expect(bounded.answers).toEqual([expect.stringMatching(/^Denied: Write needs a permission/)]);
  expect(bounded.files).not.toContain("AGENTS.md");

  const control = await giveTask(wish, { kinds: [bold], permissionMode: "bypassPermissions", child: rules });
  expect(control.files).toContain("AGENTS.md");
});

test("kinds are listed, say what is to be done, and are refused by a name that none has", async () => {
  const reader = {
    name: "reader",
    description: "Looks things up.",
    prompt: "Look twice.",
    tools: ["Read", "WebFetch"],
  };
  await using cast = await Cast.of(
    {
      Begin: [
        { calls: [agentCall("Do it", { kind: "reader" }), agentCall("Do it", { kind: "writer" })] },
        { text: "So be it." },
      ],
      "Do it": [{ text: "Read." }],
    },
    files,
  );
  await using agent = await cast.start({ kinds: [reader] });
  await agent.run("Begin", cast);
  expect(JSON.stringify(cast.sentTo("Begin")[0]?.body)).toContain("Kinds of agents:\\n- reader: Looks things up.");
  expect(cast.sentTo("Do it")[0]).toMatchObject({ tools: ["Read"], system: expect.stringMatching(/Look twice\.$/) });
  expect(cast.toldTo("Begin")[1]).toBe("There is no kind of agent named writer. Kinds: reader.");
});

test("the fields of another agent's tool are understood", async () => {
  await using cast = await Cast.of(
    {
      Begin: [
        { calls: [{ name: "Agent", input: { prompt: "Do it", description: "x", subagent_type: "general-purpose" } }] },
        { text: "So be it." },
      ],
      "Do it": [{ text: "Done." }],
    },
    files,
  );
  await using agent = await cast.start();
  await agent.run("Begin", cast);
  expect(cast.toldTo("Begin")[0]).toMatch(/^Done\./);
});

test("what its parent may not read it may not read either", async () => {
  const rule = parseRule("Read(secret.txt)");
  const child: Part = [{ calls: [{ name: "Read", input: { file_path: "secret.txt" } }] }, { text: "I tried." }];
  const given = { allow: [], ask: [], deny: rule === undefined ? [] : [rule] };
  expect((await giveTask({}, { rules: given, child })).answers).toEqual([expect.stringMatching(/^Denied: Read/)]);
  expect((await giveTask({}, { child })).answers).toEqual([expect.stringContaining("nobody's business")]);
});

test("a rule forbids one kind of agent and leaves the others, by the name of another agent's tool too", async () => {
  const kinds = ["bold", "meek"].map((name) => ({ name, description: "", prompt: "" }));
  const rule = parseRule("Task(bold)");
  const options = { kinds, rules: { allow: [], ask: [], deny: rule === undefined ? [] : [rule] } };
  const child: Part = [{ text: "Done." }];
  expect((await giveTask({ kind: "bold" }, { ...options, child })).told).toMatch(/^Denied: Agent .*Task\(bold\)/);
  expect((await giveTask({ kind: "meek" }, { ...options, child })).told).toMatch(/^Done\./);
});

const deploy = defineTool({
  name: "Deploy",
  description: "Deploys.",
  effect: "execute",
  input: z.object({}),
  execute: async () => ({ text: "Deployed." }),
});
const deployed = { calls: [{ name: "Deploy", input: {} }] };

test("what a person allowed its parent since is allowed to it; what it asks itself says who asks", async () => {
  const questions: Question[] = [];
  const tools = ["Agent", deploy];
  const child: Part = [deployed, { text: "Done." }];
  const remembering = (question: Question) => {
    questions.push(question);
    return Promise.resolve({ allow: true, remember: { rule: "Deploy", for: "session" } } as const);
  };
  const first = await giveTask({}, { lead: [deployed], tools, child, ask: remembering });
  expect(first.answers).toEqual(["Deployed."]);
  expect(questions.map(({ agent }) => agent)).toEqual([undefined]);

  await giveTask({}, { tools, child, ask: remembering });
  expect(questions.map(({ agent }) => agent)).toEqual([undefined, "bough/lead.1"]);
});

test("what is left of its parent's budget is all that it has, and the parent is told", async () => {
  const eager = { name: "eager", description: "", prompt: "", maxTurns: 100 };
  const child: Part = Array.from({ length: 9 }, (_, i) => ({ calls: [writeCall(`${i}.txt`, "x\n")] }));
  const { turn, asked } = await giveTask({ kind: "eager" }, { kinds: [eager], limits: { replies: 4 }, child });
  expect(asked).toBe(3);
  expect(turn).toMatchObject({ stop: "turn-limit", replies: 1 });
});

test("where nothing is left for it no agent is started, and the history says so", async () => {
  await using cast = await Cast.of({ Begin: [{ calls: [agentCall("Do it")] }, { text: "So be it." }] }, files);
  await using agent = await cast.start({ limits: { replies: 1 } });
  expect(await agent.run("Begin")).toMatchObject({ stop: "turn-limit", replies: 1 });
  expect(await cast.repository.git("branch", "--list", "bough/lead.*")).toBe("");
  await agent.run("Go on");
  expect(cast.toldTo("Begin")).toEqual(["No agent was started: nothing is left of what this turn may take."]);
  cast.expectAllTaken();
});

test("a kind's own limit is its own, and its parent goes on", async () => {
  const lazy = { name: "lazy", description: "", prompt: "", maxTurns: 1 };
  const { turn, told } = await giveTask({ kind: "lazy" }, { kinds: [lazy], child: write });
  expect(turn.stop).toBe("done");
  expect(told).toMatchInlineSnapshot(`
    "[The agent on bough/lead.1 did not finish: Stopped at the limit of 1 reply a turn.]

    [Nothing of its work is here; it is kept on bough/lead.1. It changed made.txt. Merge {"branch": "bough/lead.1"} brings it in, git diff HEAD...bough/lead.1 shows it.]"
  `);
});

test("a model that cannot be had is said, and no key is sent to another provider", async () => {
  expect((await giveTask({ model: "nobody/x" }, { child: [] })).told).toContain("nobody");
  vi.stubEnv("OPENAI_API_KEY", undefined);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const { told, asked } = await giveTask({ model: "openai/gpt-5.5" }, { apiKey: "anthropic's", child: [] });
  expect(told).toContain("OPENAI_API_KEY");
  expect(asked).toBe(0);
});

test("another model of the same provider can be asked for", async () => {
  await using cast = await Cast.of(
    {
      Begin: [{ calls: [agentCall("Do it", { model: "anthropic/claude-small" })] }, { text: "Done." }],
      "Do it": [{ text: "Done." }],
    },
    files,
  );
  await using agent = await cast.start({ model: "anthropic/claude", apiKey: "key", baseUrl: cast.server.url });
  await agent.run("Begin", cast);
  expect(cast.sentTo("Do it")[0]?.model).toBe("claude-small");
});

test("agents call each other three deep and no deeper", async () => {
  const calls = (task: string): Part => [{ calls: [agentCall(task)] }, { text: "Done." }];
  await using cast = await Cast.of({ Begin: calls("1"), "1": calls("2"), "2": calls("3"), "3": calls("4") }, files);
  await using agent = await cast.start();
  await agent.run("Begin", cast);
  expect(cast.toldTo("3")).toEqual([
    "You were called by an agent that was called itself, 3 deep, and no more: do the task yourself.",
  ]);
  expect(cast.sentTo("4")).toEqual([]);
  cast.expectAllTaken();
});

test("so many are started for a prompt, and then no more", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const session = await startSession(await Repository.open(repository.path), {
    name: "one",
    config: { text: "", extra: {} },
  });
  const subAgents = new SubAgents({
    session,
    place: { depth: 0, count: { started: 64 } },
    budget: new Budget(),
    start: () => Promise.reject(new Error("It was started.")),
    emit: () => {},
    forward: () => {},
  });
  const call = {
    id: "1",
    name: "Agent",
    from: session.tip,
    before: Promise.resolve(),
    signal: new AbortController().signal,
  };
  await expect(subAgents.ofCall({ ...call, keepAnswer: async () => {} }).run({ task: "x" })).rejects.toThrow(
    "64 agents were started for the user's prompt, and more are not allowed: do the task yourself.",
  );
  await session.close();
});
