import { openModel } from "@bough/models";
import { type ModelReply, type ModelScript, startModelServer, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "./agent.ts";

const files = { "a.txt": "a\n", "b.txt": "b\n" };
const read = (path: string): ModelReply => ({
  text: `I read ${path}.`,
  calls: [{ name: "Read", input: { file_path: path } }],
});
const run = (command: string): ModelReply => ({ calls: [{ name: "Bash", input: { command } }] });

async function turnWith(script: ModelScript) {
  await using repository = await temporaryRepository({ files, enter: true });
  await using server = await startModelServer(script);
  const model = openModel("openai/gpt-5.5", { env: {}, apiKey: "key", baseUrl: `${server.url}/v1` });
  await using agent = await Agent.start({ cwd: repository.path, model, permissionMode: "bypassPermissions" });
  const turn = await agent.run("Go");
  const refused = server.requests.flatMap((request) => request.refused ?? []);
  const message = await repository.git("log", "-1", "--format=%B", agent.branch);
  const last = server.requests.at(-1)?.messages.map(({ text }) => text ?? "") ?? [];
  return { turn, refused, message, told: last.filter((text) => text.includes("Once more will change nothing")) };
}

test("of five hundred identical steps six are made, and the model was told after three", async () => {
  const { turn, refused, message, told } = await turnWith(Array(500).fill(read("a.txt")));
  expect(turn).toMatchObject({
    stop: "loop",
    replies: 6,
    why: "Stopped, because the same calls gave the same results again and again",
  });
  expect(told).toHaveLength(1);
  expect(message).toContain('note +{"stop":"loop"}');
  expect(refused).toEqual([]);
});

test("a model that goes to and fro is in a loop too", async () => {
  const script = Array.from({ length: 500 }, (_, n) => read(n % 2 === 0 ? "a.txt" : "b.txt"));
  expect((await turnWith(script)).turn).toMatchObject({ stop: "loop", replies: 12 });
});

test("a model that does otherwise when it is told goes on", async () => {
  const script = [...Array(4).fill(read("a.txt")), read("b.txt"), { text: "Done." }];
  const { turn, told } = await turnWith(script);
  expect(turn).toMatchObject({ stop: "done", replies: 6 });
  expect(told).toHaveLength(1);
});

test("the same command with other results is no loop", async () => {
  const again = run("echo x >> log; wc -l < log");
  const { turn, told } = await turnWith([...Array(12).fill(again), { text: "Done." }]);
  expect(turn).toMatchObject({ stop: "done", replies: 13 });
  expect(told).toEqual([]);
});
