import { forkSession, Repository } from "@bough/gitstate";
import { expect, test, vi } from "vitest";
import { Agent } from "../agent.ts";
import type { AgentEvent } from "../events.ts";
import { agentCall, Cast, meeting, type Part, writeCall } from "./cast-fixture.ts";

// Each is several agents with a repository, one after the other and at once.
vi.setConfig({ testTimeout: 30_000 });

const files = { "a.txt": "a\n" };

/** Two of whom the one writes a file and is never heard of again, and the other is done. */
function oneIsStuck(afterwards: Part = [{ text: "So be it." }]): Promise<Cast> {
  return Cast.of(
    {
      "Do both": [
        { text: "I let both be done.", calls: [agentCall("Get stuck"), agentCall("Be done")] },
        ...afterwards,
      ],
      "Get stuck": [{ calls: [writeCall("half.txt", "half\n")] }, { stall: true, text: "I think" }],
      "Be done": [{ calls: [writeCall("whole.txt", "whole\n")] }, { text: "Done." }],
    },
    files,
  );
}

/** Calls back when the first of the events that is meant comes. */
function when(cast: Cast, isMeant: (event: AgentEvent) => boolean, act: () => void) {
  let acted = false;
  return (event: AgentEvent) => {
    cast.onEvent(event);
    if (acted || !isMeant(event)) return;
    acted = true;
    act();
  };
}

const isStuck = (event: AgentEvent) => event.branch === "bough/lead.1" && event.type === "text-delta";

test("an interruption reaches all at once; each keeps what it did, and its parent says where", async () => {
  await using cast = await oneIsStuck();
  const interrupt = new AbortController();
  await using agent = await cast.start();
  const onEvent = when(cast, isStuck, () => interrupt.abort());
  expect(await agent.run("Do both", { onEvent, signal: interrupt.signal })).toMatchObject({ stop: "interrupted" });
  expect(agent.children).toEqual([]);

  expect(await cast.repository.git("show", "bough/lead.1:half.txt")).toBe("half");
  expect(await cast.repository.git("log", "-1", "--format=%s%n%b", "bough/lead.1")).toContain(
    "Interrupted by the user",
  );
  const { entries } = await agent.transcript();
  const results = entries.flatMap((entry) =>
    entry.type === "step" ? entry.blocks.filter(({ type }) => type === "result") : [],
  );
  expect(results).toMatchObject([
    { text: expect.stringContaining("it is kept on bough/lead.1"), extra: { agent: "bough/lead.1", error: true } },
    { extra: { agent: "bough/lead.2" } },
  ]);

  expect(await agent.run("Go on")).toMatchObject({ stop: "done" });
  cast.expectAllTaken();
});

test("one can be stopped alone: the others go on, and its parent is told", async () => {
  await using cast = await oneIsStuck();
  await using agent = await cast.start();
  const onEvent = when(cast, isStuck, () => {
    expect(agent.children.find(({ branch }) => branch === "bough/lead.1")?.task).toBe("Get stuck");
    agent.children.find(({ branch }) => branch === "bough/lead.1")?.stop();
  });
  expect(await agent.run("Do both", { onEvent })).toMatchObject({ stop: "done", text: "So be it." });
  expect(cast.toldTo("Do both")).toMatchInlineSnapshot(`
    [
      "I thi

    [The agent on bough/lead.1 did not finish: Interrupted by the user.]

    [Nothing of its work is here; it is kept on bough/lead.1. It changed half.txt. Merge {"branch": "bough/lead.1"} brings it in, git diff HEAD...bough/lead.1 shows it.]",
      "Done.

    [bough/lead.2 was merged. Files it changed here: whole.txt.]",
    ]
  `);
  cast.expectAllTaken();
});

test("one whose model fails is an answer; its parent goes on, and can take in what there is", async () => {
  await using cast = await Cast.of(
    {
      Begin: [
        { calls: [agentCall("Die")] },
        { calls: [{ name: "Merge", input: { branch: "bough/lead.1" } }] },
        { text: "So be it." },
      ],
      Die: [{ calls: [writeCall("half.txt", "half\n")] }, { status: 400, message: "No more." }],
    },
    files,
  );
  await using agent = await cast.start();
  await agent.run("Begin", cast);
  const [first = ""] =
    cast
      .sentTo("Begin")[1]
      ?.messages.at(-1)
      ?.results?.map(({ text }) => text) ?? [];
  expect(first).toMatch(/^\[The agent on bough\/lead\.1 did not finish: The model's answer failed.*No more/);
  expect(cast.toldTo("Begin")).toEqual(["bough/lead.1 was merged. Files it changed here: half.txt."]);
  expect(cast.events.find(({ type }) => type === "agent-end")).toMatchObject({ stop: "error", outcome: "kept" });
});

test("one that runs is told what is said to it", async () => {
  const said = meeting(1);
  await using cast = await Cast.of(
    {
      Begin: [{ calls: [agentCall("Do it")] }, { text: "So be it." }],
      "Do it": [{ calls: [writeCall("new.txt", "x\n")] }, { text: "I heard." }],
    },
    files,
  );
  await using agent = await cast.start();
  const onEvent = when(
    cast,
    (event) => event.type === "tool-start" && event.branch === "bough/lead.1",
    () => void agent.children[0]?.send("Be quick.").then(said),
  );
  await agent.run("Begin", { onEvent });
  await said();
  expect(cast.sentTo("Do it").at(-1)?.messages.at(-1)?.text).toContain("Be quick.");
});

test("its worktree is gone when its branch holds all that was in it", async () => {
  await using cast = await oneIsStuck();
  const interrupt = new AbortController();
  await using agent = await cast.start();
  await agent.run("Do both", { onEvent: when(cast, isStuck, () => interrupt.abort()), signal: interrupt.signal });
  const worktrees = await cast.repository.git("worktree", "list");
  expect(worktrees.split("\n")).toHaveLength(2);
  expect(await cast.repository.git("branch", "--list", "bough/*", "--format=%(refname:short)")).toBe(
    "bough/lead\nbough/lead.1\nbough/lead.2",
  );
});

test("events of a child come under its own branch, and those of the parent under its own", async () => {
  await using cast = await Cast.of(
    { Begin: [{ text: "I begin.", calls: [agentCall("Do it")] }, { text: "So be it." }], "Do it": [{ text: "Done." }] },
    files,
  );
  await using agent = await cast.start();
  await agent.run("Begin", cast);
  const told = cast.events
    .filter(({ type }) => !["notice", "thinking-delta", "step-reply"].includes(type))
    .map((event) => `${event.branch} ${event.type}${event.type === "text-delta" ? ` ${event.text}` : ""}`);
  expect(told).toMatchInlineSnapshot(`
    [
      "bough/lead turn-start",
      "bough/lead text-delta I beg",
      "bough/lead text-delta in.",
      "bough/lead step-commit",
      "bough/lead tool-start",
      "bough/lead agent-start",
      "bough/lead.1 turn-start",
      "bough/lead.1 text-delta Done.",
      "bough/lead.1 step-commit",
      "bough/lead.1 turn-end",
      "bough/lead agent-end",
      "bough/lead tool-end",
      "bough/lead text-delta So be",
      "bough/lead text-delta  it.",
      "bough/lead step-commit",
      "bough/lead step-commit",
      "bough/lead turn-end",
    ]
  `);
});

test("a child's session is gone on with like any other", async () => {
  await using cast = await oneIsStuck([{ text: "So be it." }]);
  const interrupt = new AbortController();
  const agent = await cast.start();
  await agent.run("Do both", { onEvent: when(cast, isStuck, () => interrupt.abort()), signal: interrupt.signal });
  await agent.close();
  await using child = await Agent.resume({ cwd: cast.repository.path, rev: "bough/lead.1", model: cast.model });
  await child.run("Go on");
  expect(cast.server.requests.at(-1)?.messages[0]?.text).toBe("Get stuck");
  cast.expectAllTaken();
});

test("one that died before it was told its task knows nothing of what its parent was told", async () => {
  await using cast = await Cast.of({ Begin: [{ text: "Begun." }], "Do it": [{ text: "Done." }] }, files);
  await using agent = await cast.start();
  await agent.run("Begin");
  const repository = await Repository.open(cast.repository.path);
  await (await forkSession(repository, { from: "lead", after: agent.commit, subAgent: true })).close();
  await using child = await Agent.resume({ cwd: cast.repository.path, rev: "bough/lead.1", model: cast.model });
  await child.run("Do it");
  expect(cast.server.requests.at(-1)?.messages.map(({ text }) => text)).toEqual(["Do it"]);
});
