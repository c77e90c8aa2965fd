import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "./agent.ts";

const files = { "a.txt": "a\n" };

test("an agent takes in another's work, by hand included, and its model is told", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel(["Hello.", "I see."]);
  await using agent = await Agent.start({ cwd: repository.path, model, branch: "one" });
  await using other = await Agent.start({ cwd: repository.path, model: scriptedModel(["Hi."]), branch: "two" });
  await agent.run("Begin");
  await other.run("Begin too");
  await writeFile(join(other.worktree, "b.txt"), "b\n");

  expect(await agent.merge(other)).toMatchObject({ type: "merged", paths: ["b.txt"] });
  await agent.run("Go on");

  const [, , last] = model.requests[1]?.messages ?? [];
  expect(last).toMatchObject({
    role: "user",
    content: [
      { text: expect.stringMatching(/^\[bough\/two was merged into this branch\. Files it changed here: b\.txt\./) },
      { text: "Go on" },
    ],
  });
});

test("an agent lands what it did as a commit of the user's", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["Done."]), branch: "one" });
  await agent.run("Write b");
  await writeFile(join(agent.worktree, "b.txt"), "b\n");
  expect(await agent.land()).toMatchObject({ type: "landed", paths: ["b.txt"] });
  expect(await repository.git("log", "-1", "--format=%an %s")).toBe("Ada Write b");
});

test("while one thing is on its way, another is refused", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["Done."]), branch: "one" });
  const landing = agent.land();
  await expect(agent.merge("main")).rejects.toThrow("This agent is at work.");
  expect(await landing).toEqual({ type: "up-to-date" });
});

test("a session that is open elsewhere is forked into an agent that is configured as it was", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel(["Hello."]);
  const options = { cwd: repository.path, model, branch: "one", system: "Be brief.", tools: ["Read"] };
  await using agent = await Agent.start(options);
  await agent.run("Begin");

  const other = scriptedModel(["Hi."]);
  await using fork = await Agent.fork({ cwd: repository.path, from: "bough/one", before: 1, model: other });
  await fork.run("Begin otherwise");

  expect([fork.branch, fork.isNew]).toEqual(["bough/one.1", true]);
  expect(other.requests[0]).toMatchObject({
    system: "Be brief.",
    tools: [{ name: "Read" }],
    messages: [{ content: [{ text: "Begin otherwise" }] }],
  });
});

test("a fork that its model cannot be had for is taken back", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["Hello."]), branch: "one" });
  await agent.run("Begin");
  // The scripted model's name is no provider's.
  await expect(Agent.fork({ cwd: repository.path })).rejects.toThrow("provider");
  expect(await repository.git("branch", "--list", "bough/*", "--format=%(refname:short)")).toBe("bough/one");
});

test("an agent that is archived has no branch and no worktree, and goes on when it is resumed", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["Done."]), branch: "one" });
  await agent.run("Begin");
  await writeFile(join(agent.worktree, "b.txt"), "b\n");
  await agent.archive();
  expect(await repository.git("branch", "--list", "bough/*")).toBe("");
  expect(await repository.git("worktree", "list")).not.toContain("one");

  const model = scriptedModel(["I see."]);
  await using again = await Agent.resume({ cwd: repository.path, rev: agent.session, model });
  await again.run("Go on");
  expect(again.branch).toBe("bough/one");
  expect(model.requests[0]?.messages).toMatchObject([{ content: [{ text: "Begin" }] }, {}, { role: "user" }]);
  expect(await repository.git("show", "bough/one:b.txt")).toBe("b");
});
