import { type ModelScript, startModelServer, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "./agent.ts";
import type { Answer, Ask, Question } from "./permissions/modes.ts";

const plan = "1. Write poem.txt";
const exit = { text: "I have read enough.", calls: [{ name: "ExitPlanMode", input: { plan } }] };
const write = { text: "I write.", calls: [{ name: "Write", input: { file_path: "poem.txt", content: "roses\n" } }] };
const done = { text: "Written." };

interface Planned {
  readonly script: ModelScript;
  /** What the person says, one answer after the other; without it nobody is there. */
  readonly answers?: readonly Answer[];
}

/** Runs a turn in plan mode over HTTP, and tells what was asked and sent. */
async function run({ script, answers }: Planned) {
  await using repository = await temporaryRepository({ enter: true });
  await using server = await startModelServer(script);
  const asked: Question[] = [];
  const ask: Ask = async (question) => {
    asked.push(question);
    return answers?.[asked.length - 1] ?? expect.fail("There is no answer left.");
  };
  await using agent = await Agent.start({
    cwd: repository.path,
    model: "anthropic/claude-sonnet-4-5",
    apiKey: "a-key",
    baseUrl: server.url,
    permissionMode: "plan",
    ...(answers === undefined ? {} : { ask }),
  });
  const turn = await agent.run("Write a poem");
  const changed = await repository.git("diff", "--name-only", "main", agent.branch);
  return { turn, asked, changed, requests: server.requests, agent };
}

test("a plan that is accepted ends plan mode, and the model carries it out in the same turn", async () => {
  const { turn, asked, changed, requests, agent } = await run({
    script: [exit, write, done],
    answers: [{ allow: true }],
  });
  expect(asked).toEqual([{ type: "plan", plan, mode: "default" }]);
  expect(turn).toMatchObject({ stop: "done", text: "Written.", denials: [] });
  expect(changed).toBe("poem.txt");
  expect(agent.permissionMode).toBe("default");
  expect(requests.map(({ tools }) => tools.includes("Write"))).toEqual([false, true, true]);
  expect(requests.map(({ tools }) => tools.includes("ExitPlanMode"))).toEqual([true, false, false]);
  expect(requests[0]?.messages[0]?.text).toContain("Hand it in with ExitPlanMode");
  expect(requests[1]?.messages.at(-1)?.results?.[0]?.text).toContain("The plan is accepted");
});

test("what is to be changed goes to the model, which hands the plan in again", async () => {
  const { asked, changed, requests } = await run({
    script: [exit, exit, write, done],
    answers: [{ text: "Two lines, please." }, { allow: true }],
  });
  expect(asked).toHaveLength(2);
  expect(requests[1]?.messages.at(-1)?.results?.[0]?.text).toContain("Two lines, please.");
  expect(requests[1]?.tools).not.toContain("Write");
  expect(changed).toBe("poem.txt");
});

test("a plan that is refused ends the turn, and nothing is changed", async () => {
  const { turn, changed, requests, agent } = await run({
    script: [exit],
    answers: [{ allow: false, reason: "no poems" }],
  });
  expect(turn).toMatchObject({ stop: "stopped", why: "The plan was refused: no poems" });
  expect([changed, requests.length, agent.permissionMode]).toEqual(["", 1, "plan"]);
});

test("a change that comes with the plan, before it was accepted, is not made", async () => {
  const both = { calls: [...exit.calls, ...write.calls] };
  const { changed, requests } = await run({ script: [both, done], answers: [{ allow: true }] });
  expect(changed).toBe("");
  expect(requests[1]?.messages.at(-1)?.results?.map(({ isError }) => isError)).toEqual([undefined, true]);
});

test("where nobody is there the plan is the answer", async () => {
  const { turn, requests } = await run({ script: [{ text: plan }] });
  expect(turn).toMatchObject({ stop: "done", text: plan });
  expect(requests[0]?.tools).not.toContain("ExitPlanMode");
  expect(requests[0]?.messages[0]?.text).toContain("End with the plan as your answer");
});

test("after a plan was accepted the next turn is in the mode it led to, and that is recorded", async () => {
  await using repository = await temporaryRepository({ enter: true });
  await using server = await startModelServer([exit, done, write, done]);
  const ask: Ask = async () => ({ allow: true });
  const model = { model: "anthropic/claude-sonnet-4-5", apiKey: "a-key", baseUrl: server.url };
  await using agent = await Agent.start({ cwd: repository.path, ...model, ask, permissionMode: "acceptEdits" });
  await agent.configure({ ...model, permissionMode: "plan" });
  await agent.run("Plan it");
  expect(agent.permissionMode).toBe("acceptEdits");
  await agent.run("Do it");
  expect((await agent.transcript()).config?.extra).toMatchObject({ permissionMode: "acceptEdits" });
  expect(server.requests[2]?.messages.at(-1)?.text).toBe("Do it");
  expect(await repository.git("diff", "--name-only", "main", agent.branch)).toBe("poem.txt");
});
