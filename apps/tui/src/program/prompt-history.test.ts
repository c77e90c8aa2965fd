import { Agent } from "@bough/agent";
import { scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { PromptHistory } from "./prompt-history.ts";

async function all(history: PromptHistory): Promise<string[]> {
  return Array.fromAsync(history.search(""));
}

test("prompts come out of git, the newest first and each once, and can be searched", async () => {
  await using repository = await temporaryRepository({ enter: true });
  const start = (branch: string) =>
    Agent.start({ cwd: repository.path, model: scriptedModel(["1", "2", "3"]), branch });
  const long = `say ${"much ".repeat(500)}`.trim();
  await using one = await start("one");
  await one.run("first");
  await one.run(long);
  await using two = await start("two");
  await two.run("Run the tests");
  await two.run("first");
  const history = new PromptHistory(repository.path);
  expect(await all(history)).toEqual(["first", "Run the tests", long]);
  expect(await Array.fromAsync(history.search("TESTS"))).toEqual(["Run the tests"]);
  expect(await Promise.all([history.at(0), history.at(2), history.at(3)])).toEqual(["first", long, undefined]);
  history.add("Run the tests");
  expect(await all(history)).toEqual(["Run the tests", "first", long]);
});

test("where there is no session there is none", async () => {
  await using repository = await temporaryRepository({ enter: true });
  expect(await new PromptHistory(repository.path).at(0)).toBeUndefined();
});
