import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { WorktreeFiles } from "@bough/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { bashTool } from "./bash.ts";
import { worktreeFixtures } from "./worktree-fixture.ts";

const worktreeFixture = worktreeFixtures(onTestFinished);

test("a command runs in the worktree, its output is streamed and returned", async () => {
  const { call, root, printed } = worktreeFixture();
  expect(await call(bashTool, { command: "pwd; echo err >&2" })).toEqual({ text: `${root}\nerr` });
  expect(printed.join("")).toBe(`${root}\nerr\n`);
});

test("a command starts in the folder the user started in", async () => {
  const { call, root } = worktreeFixture();
  mkdirSync(join(root, "packages"));
  const files = new WorktreeFiles({ root, cwd: "packages" });
  expect((await call(bashTool, { command: "pwd" }, { files })).text).toBe(`${root}/packages`);
});

test("a command goes on in the folder and with the exports of the one before", async () => {
  const { call, root } = worktreeFixture();
  await call(bashTool, { command: "mkdir sub; cd sub; export LEVEL=2" });
  expect((await call(bashTool, { command: "pwd; echo $LEVEL" })).text).toBe(`${root}/sub\n2`);
});

test("no output is said to be none", async () => {
  expect(await worktreeFixture().call(bashTool, { command: "true" })).toEqual({ text: "(no output)" });
});

test("a failing command is a result that says how it ended", async () => {
  const { call } = worktreeFixture();
  expect(await call(bashTool, { command: "echo no; exit 3" })).toEqual({ text: "no\n[exit code 3]", isError: true });
  expect(await call(bashTool, { command: "printf x; kill -9 $$" })).toEqual({
    text: "x\n[killed by SIGKILL]",
    isError: true,
  });
});

test("a command that takes too long is stopped, and the result says what to do", async () => {
  expect(await worktreeFixture().call(bashTool, { command: "echo begun; exec sleep 1000", timeout: "200" })).toEqual({
    text: "begun\n[stopped because it took longer than 200 ms; give a longer timeout, at most 600000, or do less at once]",
    isError: true,
  });
});

test("an interrupted command says so and keeps what it printed", async () => {
  const { call } = worktreeFixture();
  const controller = new AbortController();
  const context = { signal: controller.signal, onOutput: () => controller.abort() };
  expect(await call(bashTool, { command: "echo begun; exec sleep 1000" }, context)).toEqual({
    text: "begun\n[interrupted by the user]",
    isError: true,
  });
});

test("a timeout beyond ten minutes is refused", async () => {
  await expect(worktreeFixture().call(bashTool, { command: "true", timeout: 600_001 })).rejects.toThrow();
});
