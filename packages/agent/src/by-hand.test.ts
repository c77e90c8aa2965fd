import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test, vi } from "vitest";
import { Agent } from "./agent.ts";

test("a user's command runs in the worktree with their environment, and what it changes is theirs", async () => {
  await using user = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
  vi.stubEnv("MY_OWN_TOKEN", "kept");
  await using agent = await Agent.start({ cwd: user.path, model: scriptedModel(["Hello."]), branch: "by-hand" });
  const printed: string[] = [];
  const result = await agent.runByHand('echo "$MY_OWN_TOKEN" | tee a.txt', { onOutput: (text) => printed.push(text) });
  vi.unstubAllEnvs();
  expect(result).toMatchObject({ output: "kept\n", commit: { files: ["a.txt"] } });
  expect(printed.join("")).toBe("kept\n");
  expect(await user.git("log", "-1", "--format=%an", agent.branch)).toBe(await user.git("config", "user.name"));
  expect(await user.read("a.txt")).toBe("one\n");
});

test("how a command failed is told, and what it changed until then is committed", async () => {
  await using user = await temporaryRepository({ enter: true });
  await using agent = await Agent.start({ cwd: user.path, model: scriptedModel([]), branch: "by-hand" });
  expect(await agent.runByHand("echo x > x.txt; exit 3")).toMatchObject({
    failure: "exit code 3",
    commit: { files: ["x.txt"] },
  });
  const signal = AbortSignal.abort();
  expect(await agent.runByHand("echo never", { signal })).toMatchObject({ output: "", failure: "interrupted" });
});

test("beside a turn a command runs at once, and what it changes is committed with what the turn does", async () => {
  await using user = await temporaryRepository({ enter: true });
  const command = "until [ -e go ]; do sleep 0.01; done";
  const wait = { content: [{ type: "call", id: "1", name: "Bash", input: { command } }] } as const;
  const model = scriptedModel([wait, "Done."]);
  const permissionMode = "bypassPermissions";
  await using agent = await Agent.start({ cwd: user.path, model, permissionMode, branch: "by-hand" });
  let byHand: Promise<object> | undefined;
  await agent.run("wait", {
    onEvent: ({ type }) => {
      if (type === "tool-start") byHand = agent.runByHand("echo mine > go");
    },
  });
  expect(await byHand).toEqual({ output: "" });
  expect(await user.git("show", `${agent.branch}:go`)).toBe("mine");
});

test("what was changed by hand is committed when asked, and not beside a turn", async () => {
  await using user = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
  await using agent = await Agent.start({ cwd: user.path, model: scriptedModel(["Hello."]), branch: "by-hand" });
  await agent.ready();
  expect(await agent.commitByHand()).toBeUndefined();
  writeFileSync(join(agent.worktree, "a.txt"), "two\n");
  expect(await agent.commitByHand()).toMatchObject({ files: ["a.txt"] });
  expect(readFileSync(join(agent.worktree, "a.txt"), "utf8")).toBe("two\n");
  const turn = agent.run("hello");
  await expect(agent.commitByHand()).rejects.toThrow("at work");
  await turn;
});
