import { type AssistantBlock, type Model, type ModelRequest, openModel, scriptedModel } from "@bough/models";
import { type RecordedRequest, startModelServer, type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "./agent.ts";
import type { AgentEvent } from "./events.ts";

const files = { "a.txt": "a\n" };
const say = (text: string): AssistantBlock => ({ type: "text", text });
const call = (id: string, name: string, input: Record<string, unknown> = {}): AssistantBlock => ({
  type: "call",
  id,
  name,
  input,
});

const wires = [
  ["anthropic/claude-sonnet-4-5", ""],
  ["openai/gpt-5.5", "/v1"],
  ["openai-compatible/local", "/v1"],
  ["google/gemini-3.8-flash", ""],
] as const;

/** A turn of two steps, whichever of its requests is asked first: what was interrupted may be asked again. */
function reply({ messages }: RecordedRequest) {
  if (messages.at(-1)?.text?.includes("Go on") === true) return { text: "Gone on." };
  if (messages.length > 1) return { text: "All is written." };
  const write = { name: "Write", input: { file_path: "b.txt", content: "b\n" } };
  const run = { name: "Bash", input: { command: "echo half; touch c.txt" } };
  return { thinking: "Hm.", text: "I write.", calls: [write, run, { name: "Read", input: { file_path: "a.txt" } }] };
}

/** Where a turn is interrupted: at its nth event, or so many turns of the event loop later, as while git commits. */
interface Point {
  readonly event: number;
  readonly later: number;
}

/** Runs a turn to which something is said meanwhile, interrupts it there, and then goes on; tells whether it came there. */
async function interruptAt({ event: n, later }: Point, repository: TemporaryRepository, url: string): Promise<boolean> {
  const [name, path] = wires[(n + later) % wires.length] ?? wires[0];
  const model = openModel(name, { env: {}, apiKey: "key", baseUrl: url + path });
  const cwd = repository.path;
  const topic = `cut ${n} ${later}`;
  await using agent = await Agent.start({ cwd, model, topic, permissionMode: "bypassPermissions" });
  const interruption = new AbortController();
  const abortIn = (turns: number) => {
    if (turns === 0) interruption.abort();
    else setImmediate(() => abortIn(turns - 1));
  };
  let events = 0;
  const sent: Promise<void>[] = [];
  const onEvent = () => {
    events++;
    if (events === 1) sent.push(agent.send("And a word."));
    if (events === n) abortIn(later);
  };
  const turn = await agent.run("Write", { onEvent, signal: interruption.signal });
  await Promise.all(sent);
  expect(["interrupted", "done"]).toContain(turn.stop);
  expect(agent.commit).toBe(turn.commit);
  expect(await agent.run("Go on")).toMatchObject({ stop: "done", text: "Gone on." });

  const { entries } = await agent.transcript();
  const blocks = entries.flatMap((entry) => (entry.type === "step" ? entry.blocks : []));
  const delivered = blocks.flatMap(({ type, text }) => (type === "user" && text === "And a word." ? [text] : []));
  expect([...delivered, ...turn.undelivered]).toEqual(sent.map(() => "And a word."));
  expect(await repository.git("-C", agent.worktree, "status", "--porcelain")).toBe("");
  const authors = await repository.git("log", "--format=%an", `main..${agent.branch}`);
  expect(new Set(authors.split("\n"))).toEqual(new Set([`${name} (bough)`]));
  return events >= n;
}

test.each([
  { later: 0, every: 1 },
  { later: 1, every: 2 },
  { later: 20, every: 2 },
])(
  "wherever a turn is interrupted, $later turns of the event loop after an event, all is committed and the model takes the history back",
  async ({ later, every }) => {
    await using repository = await temporaryRepository({ files, enter: true });
    await using server = await startModelServer(reply);
    const points = Array.from({ length: 24 / every }, (_, index) => ({ event: (index + 1) * every, later }));
    const reached = await Promise.all(points.map((point) => interruptAt(point, repository, server.url)));
    expect(server.requests.flatMap(({ refused }) => refused ?? [])).toEqual([]);
    // As many events as a turn of two replies and three calls has at least, and fewer than were tried.
    const sure = Math.floor(15 / every);
    expect(reached.slice(0, sure)).toEqual(Array(sure).fill(true));
    expect(reached.at(-1)).toBe(false);
  },
  30_000,
);

test.each([1, 2])("a turn is interrupted while request %i waits for its first byte", async (number) => {
  await using repository = await temporaryRepository({ files, enter: true });
  const interruption = new AbortController();
  let requests = 0;
  const onRequest = () => {
    if (++requests === number) interruption.abort();
  };
  await using server = await startModelServer(reply, { onRequest });
  const model = openModel(wires[0][0], { env: {}, apiKey: "key", baseUrl: server.url });
  await using agent = await Agent.start({ cwd: repository.path, model, permissionMode: "bypassPermissions" });
  expect(await agent.run("Write", { signal: interruption.signal })).toMatchObject({
    stop: "interrupted",
    replies: number - 1,
  });
  await server.finished(number);
  expect(await agent.run("Go on")).toMatchObject({ stop: "done", text: "Gone on." });
  expect(server.requests.flatMap(({ refused }) => refused ?? [])).toEqual([]);
});

test("a turn that is interrupted before it begins asks nobody and keeps the prompt", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel(["Hello."]);
  await using agent = await Agent.start({ cwd: repository.path, model });
  expect(await agent.run("Hi", { signal: AbortSignal.abort() })).toMatchObject({
    stop: "interrupted",
    replies: 0,
    text: "",
  });
  expect(model.requests).toEqual([]);
  await agent.run("Still there?");
  expect(model.requests[0]?.messages).toMatchObject([
    { role: "user", content: [{ text: "Hi" }, { text: "[Interrupted by the user]" }, { text: "Still there?" }] },
  ]);
});

test("words that were seen are kept, and the calls after them were never made", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel([
    { content: [say("I begin to write."), call("1", "Bash", { command: "touch b" })] },
    "Yes.",
  ]);
  await using agent = await Agent.start({ cwd: repository.path, model, permissionMode: "bypassPermissions" });
  const interruption = new AbortController();
  const onEvent = (event: AgentEvent) => {
    if (event.type === "text-delta" && event.text === " begin") interruption.abort();
  };
  expect(await agent.run("Write", { onEvent, signal: interruption.signal })).toMatchObject({
    stop: "interrupted",
    text: "I begin",
  });
  await agent.run("Go on");
  expect(model.requests[1]?.messages.slice(1)).toMatchObject([
    { role: "assistant", content: [{ type: "text", text: "I begin" }] },
    { role: "user", content: [{ text: "[Interrupted by the user]" }, { text: "Go on" }] },
  ]);
});

test("a command that is interrupted is stopped; what it did and printed is kept", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel([
    { content: [call("1", "Bash", { command: "touch begun; echo half; sleep 60" }), call("2", "Ls")] },
    "Yes.",
  ]);
  await using agent = await Agent.start({ cwd: repository.path, model, permissionMode: "bypassPermissions" });
  const interruption = new AbortController();
  const onEvent = (event: AgentEvent) => {
    if (event.type === "tool-output") interruption.abort();
  };
  expect(await agent.run("Run", { onEvent, signal: interruption.signal })).toMatchObject({ stop: "interrupted" });
  expect(await repository.git("diff", "--name-only", "main", agent.branch)).toBe("begun");
  await agent.run("Go on");
  expect(model.requests[1]?.messages.at(-1)?.content).toMatchObject([
    { id: "1", text: "half\n[interrupted by the user]", isError: true },
    { id: "2", text: "interrupted", isError: true },
    { text: "[Interrupted by the user]" },
    { text: "Go on" },
  ]);
});

test("a question that nobody answers does not keep an interrupted turn", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel([{ content: [call("1", "Bash", { command: "ls", network: true })] }]);
  const interruption = new AbortController();
  const ask = () => {
    interruption.abort();
    return new Promise<never>(() => {});
  };
  await using agent = await Agent.start({ cwd: repository.path, model, ask });
  expect(await agent.run("Run", { signal: interruption.signal })).toMatchObject({ stop: "interrupted", denials: [] });
});

test("what the user changes by hand while the model talks is theirs, also when they interrupt it", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const interruption = new AbortController();
  const model: Model = {
    name: "scripted/slow",
    async *stream(_: ModelRequest, { signal } = {}) {
      yield { type: "text-delta", text: "Let me see" };
      const { writeFile } = await import("node:fs/promises");
      await agent.ready();
      await writeFile(`${agent.worktree}/mine.txt`, "mine\n");
      interruption.abort();
      signal?.throwIfAborted();
    },
  };
  await using agent = await Agent.start({ cwd: repository.path, model });
  await agent.run("Look", { signal: interruption.signal });
  expect(await repository.git("log", "--format=%an", "-1", agent.branch, "--", "mine.txt")).toBe("Ada");
});
