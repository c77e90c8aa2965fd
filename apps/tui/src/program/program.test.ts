import { Agent } from "@bough/agent";
import { type ModelRequest, type Script, scriptedModel } from "@bough/models";
import { startModelServer, type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Program } from "./program.ts";

let repository: TemporaryRepository;
const open: Program[] = [];

beforeEach(async () => {
  repository = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
});

afterEach(async () => {
  for (const program of open.splice(0)) await program[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const call = (name: string, input: Record<string, unknown>) =>
  ({ content: [{ type: "call", id: name, name, input }] }) as const;

/** Runs the program on a script; `when` resolves as soon as something is true of it. */
function start(script: Script) {
  let look = () => {};
  const model = scriptedModel(script);
  const program = new Program({ agent: { cwd: repository.path, model }, onChange: () => look() });
  open.push(program);
  const when = (isTrue: () => boolean) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (isTrue()) resolve();
      };
      look();
    });
  return { program, model, when };
}

/** What stands in the tab that is looked at, a word for each entry. */
const shown = ({ active }: Program) =>
  active.transcript.entries.flatMap(({ entry }) => {
    if (entry.type === "notice") return [];
    return "text" in entry && entry.text !== "" ? [`${entry.type}: ${entry.text}`] : [entry.type];
  });

test("the first prompt starts a session, named after it", async () => {
  const { program } = start(["Hello."]);
  expect(program.active.name).toBe("new");
  await program.active.submit("greet me");
  expect([program.active.name, program.active.state]).toEqual(["greet-me", "idle"]);
  expect(shown(program)).toEqual(["prompt: greet me", "answer: Hello."]);
});

test("what is typed while a turn runs is sent after it", async () => {
  const { program } = start(["One.", "Two."]);
  const first = program.active.submit("first");
  await program.active.submit("second");
  expect(program.active.waiting).toEqual(["second"]);
  await first;
  expect(shown(program)).toEqual(["prompt: first", "answer: One.", "prompt: second", "answer: Two."]);
});

test("an abort ends the turn and gives back what waits", async () => {
  const { program, when } = start([call("Bash", { command: "sleep 60" }), "Never."]);
  const { active } = program;
  const turn = active.submit("wait");
  await when(() => active.questions.length > 0 || active.transcript.entries.some(({ entry }) => entry.type === "call"));
  await active.submit("later");
  expect(active.abort()).toEqual(["later"]);
  await turn;
  expect(active.state).toBe("idle");
  expect(shown(program).at(-1)).toBe("stop: Interrupted by the user");
});

test("a question waits for its answer, and so does the tab", async () => {
  const { program, when } = start([call("Bash", { command: "curl example.com", network: true }), "As you like."]);
  const { active } = program;
  const turn = active.submit("fetch it");
  await when(() => active.state === "waiting");
  expect(active.questions[0]?.question).toMatchObject({ tool: "Bash", input: { command: "curl example.com" } });
  active.questions[0]?.answer({ allow: false, reason: "not now" });
  await turn;
  expect(active.state).toBe("idle");
  expect(active.transcript.entries.map(({ entry }) => entry)).toContainEqual(
    expect.objectContaining({ type: "call", state: "denied", text: expect.stringContaining("not now") }),
  );
});

test("a fork opens beside its tab, with what was said before", async () => {
  const { program, model } = start(["One.", "Two.", "Other."]);
  const first = program.active;
  await first.submit("first");
  await first.submit("second");
  program.newTab();
  const fork = await program.fork(first, { before: 2 });
  expect(program.tabs.map(({ name }) => name)).toEqual(["first", "first.1", "new"]);
  expect(program.active).toBe(fork);
  expect(shown(program)).toEqual(["prompt: first", "answer: One."]);
  await fork.submit("otherwise");
  expect(model.requests.at(-1)?.messages).toHaveLength(3);
});

test("a session that is taken up shows what was said; one that is open is looked at", async () => {
  const { program } = start(["One.", "Two."]);
  await program.active.submit("first");
  await program.close(program.active);
  expect(program.tabs.map(({ name }) => name)).toEqual(["new"]);
  const tab = await program.resume("bough/first");
  expect(shown(program)).toEqual(["prompt: first", "answer: One."]);
  program.lookNext(-1);
  expect(program.active).not.toBe(tab);
  expect(await program.resume("bough/first")).toBe(tab);
  expect(program.active).toBe(tab);
});

test("what a turn could not do is said in its tab", async () => {
  const { program } = start([new Error("The line is dead")]);
  await program.active.submit("try");
  expect(program.active.state).toBe("failed");
  expect(shown(program).at(-1)).toMatch(/^stop: .*The line is dead/);
});

test("what is said in a tab that nobody looks at marks it unread", async () => {
  const { program } = start(["One."]);
  const first = program.active;
  const turn = first.submit("first");
  program.newTab();
  await turn;
  expect(first.isUnread).toBe(true);
  program.look(first);
  expect(first.isUnread).toBe(false);
});

/** Plays a model that gives a task to another agent and tells what came of it. */
const delegating: Script = Array.from({ length: 6 }, () => ({ messages }: ModelRequest) => {
  const first = messages[0]?.content[0];
  const prompt = first?.type === "text" ? first.text : "";
  if (prompt === "look it up" && messages.length === 1)
    return call("Write", { file_path: "found.txt", content: "it\n" });
  if (prompt === "look it up") return "I found it.";
  return messages.length === 1 ? call("Agent", { task: "look it up" }) : "It was found.";
});

test("a sub-agent is a tab below its parent's, where it is seen at work, and can be gone on with later", async () => {
  const { program, when } = start(delegating);
  const lead = program.active;
  const turn = lead.submit("lead");
  await when(() => program.tabs.length === 2);
  const [, child] = program.tabs;
  expect([child?.name, child?.parent, child?.state, program.active]).toEqual(["lead.1", lead, "running", lead]);
  await turn;
  expect([child?.state, child?.isUnread]).toEqual(["merged", true]);
  if (child !== undefined) program.look(child);
  // The commit may be durable before or after the answer is there.
  expect(shown(program).filter((line) => line !== "commit")).toEqual([
    "prompt: look it up",
    "call: Created found.txt (1 line, 3 bytes).",
    "answer: I found it.",
  ]);
  expect(lead.transcript.entries.map(({ entry }) => entry).find(({ type }) => type === "call")).toMatchObject({
    name: "Agent",
    state: "done",
  });
});

/** Plays a model that gives a task to another agent, which has to ask before it can do it. */
const asking: Script = Array.from({ length: 6 }, () => ({ messages }: ModelRequest) => {
  const first = messages[0]?.content[0];
  const prompt = first?.type === "text" ? first.text : "";
  if (prompt !== "look it up") return messages.length === 1 ? call("Agent", { task: "look it up" }) : "It was found.";
  const told = JSON.stringify(messages);
  if (messages.length === 1) return call("Bash", { command: "curl example.com", network: true });
  if (told.includes("and then?")) return "That was all.";
  return told.includes("look closely") ? "I looked closely." : "I found it.";
});

test("a sub-agent's question is its tab's too, what is typed there is told to it, and later goes on with its session", async () => {
  const { program, when } = start(asking);
  const lead = program.active;
  const turn = lead.submit("lead");
  await when(() => program.tabs[1]?.state === "waiting");
  const [, child] = program.tabs;
  if (child === undefined) throw new Error("There is no tab for it.");
  expect([lead.state, child.state]).toEqual(["waiting", "waiting"]);
  expect(child.questions).toEqual(lead.questions);
  await child.submit("look closely");
  expect(child.waiting).toEqual(["look closely"]);
  child.questions[0]?.answer({ allow: false });
  expect([lead.questions, child.questions]).toEqual([[], []]);
  await turn;
  program.look(child);
  expect([child.state, child.waiting]).toEqual(["merged", []]);
  expect(shown(program)).toContain("prompt: look closely");
  expect(shown(program).at(-1)).toBe("answer: I looked closely.");
  await child.submit("and then?");
  expect(shown(program).at(-1)).toBe("answer: That was all.");
  expect([child.state, child.agent?.branch]).toEqual(["idle", "bough/lead.1"]);
});

test("what is typed when a sub-agent is just ending is sent to its session", async () => {
  const { program, when } = start(delegating);
  const lead = program.active;
  const turn = lead.submit("lead");
  await when(() => program.tabs.length === 2);
  const [, child] = program.tabs;
  // It is told of before it is at work, and hears nothing yet.
  await child?.submit("look it up");
  expect(child?.waiting).toEqual(["look it up"]);
  await turn;
  await when(() => child?.agent !== undefined && child.state === "idle");
  expect(child?.waiting).toEqual([]);
});

test("a session that is gone on with has its own model, and the next one that too where none is chosen", async () => {
  await using server = await startModelServer([{ text: "One." }, { text: "Two." }, { text: "Three." }]);
  const agent = { cwd: repository.path, apiKey: "a-key", baseUrl: server.url };
  await using before = await Agent.start({ ...agent, model: "anthropic/claude-haiku-4-5", branch: "before" });
  await before.run("first");
  await before.close();
  await using program = new Program({ agent, onChange: () => {} });
  expect(program.modelOf(program.active)).toBe("no model");
  const empty = program.active;
  await empty.submit("too early");
  expect(shown(program).at(-1)).toMatch(/There is no model to start with\. Choose one: \/model/);
  await program.resume("before");
  await program.close(empty);
  await program.active.submit("second");
  await program.newTab().submit("third");
  expect(program.tabs.map((tab) => program.modelOf(tab))).toEqual(Array(2).fill("anthropic/claude-haiku-4-5"));
  expect(shown(program)).toEqual(["prompt: third", "answer: Three."]);
});
