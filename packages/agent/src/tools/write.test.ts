import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readTool } from "./read.ts";
import { worktreeFixtures } from "./worktree-fixture.ts";
import { writeTool } from "./write.ts";

const worktreeFixture = worktreeFixtures(onTestFinished);

test("a new file is created with its folders", async () => {
  const { call, text } = worktreeFixture();
  expect(await call(writeTool, { file_path: "src/a.ts", content: "one\ntwo" })).toEqual({
    text: "Created src/a.ts (2 lines, 7 bytes).",
    changed: ["src/a.ts"],
  });
  expect(text("src/a.ts")).toBe("one\ntwo");
});

test("a file that was read is replaced, keeps its mode, and the difference is shown", async () => {
  const { call, text, root } = worktreeFixture({ "run.sh": "echo one\necho two\n" });
  chmodSync(join(root, "run.sh"), 0o755);
  await call(readTool, { file_path: "run.sh" });
  expect((await call(writeTool, { file_path: "run.sh", content: "echo one\necho 2\n" })).text).toBe(
    "Replaced run.sh (2 lines, 16 bytes).\n@@ -1,2 +1,2 @@\n echo one\n-echo two\n+echo 2",
  );
  expect(text("run.sh")).toBe("echo one\necho 2\n");
  expect(statSync(join(root, "run.sh")).mode & 0o777).toBe(0o755);
});

test("a file that was never read is not replaced, unless it is empty", async () => {
  const { call, text } = worktreeFixture({ a: "precious", empty: "" });
  await expect(call(writeTool, { file_path: "a", content: "x" })).rejects.toThrow(
    "you have not read it. Read it first",
  );
  expect(text("a")).toBe("precious");
  await call(writeTool, { file_path: "empty", content: "x" });
  expect(text("empty")).toBe("x");
});

test("a file that changed since it was read is not replaced", async () => {
  const { call, text, put } = worktreeFixture({ a: "old" });
  await call(readTool, { file_path: "a" });
  put("a", "the user's");
  await expect(call(writeTool, { file_path: "a", content: "x" })).rejects.toThrow("Read it again");
  expect(text("a")).toBe("the user's");
});

test("one's own writing counts as having read", async () => {
  const { call, text } = worktreeFixture();
  await call(writeTool, { file_path: "a", content: "one" });
  await call(writeTool, { file_path: "a", content: "two" });
  expect(text("a")).toBe("two");
});

test("writing what is there already changes nothing", async () => {
  const { call } = worktreeFixture({ a: "x" });
  await call(readTool, { file_path: "a" });
  expect(await call(writeTool, { file_path: "a", content: "x" })).toEqual({ text: "a already holds exactly this." });
});

test("CRLF line ends and a byte order mark, which Read does not show, are kept", async () => {
  const { call, text } = worktreeFixture({ a: "\ufeffone\r\ntwo\r\n" });
  await call(readTool, { file_path: "a" });
  const { text: result } = await call(writeTool, { file_path: "a", content: "one\n2\n" });
  expect(result).toContain("Its CRLF line endings were kept. Its byte order mark was kept.");
  expect(text("a")).toBe("\ufeffone\r\n2\r\n");
});

test("a file in UTF-16 or Latin-1 stays in it, and what Latin-1 lacks is refused", async () => {
  const { call, bytes } = worktreeFixture({
    utf16le: Buffer.from("\ufeffone\r\ntwo\r\n", "utf16le"),
    utf16be: Buffer.from("\ufeffone\n", "utf16le").swap16(),
    latin1: Buffer.from("caf\xe9\n", "latin1"),
  });
  const write = async (file_path: string, content: string) => {
    await call(readTool, { file_path });
    return (await call(writeTool, { file_path, content })).text;
  };
  expect(await write("utf16le", "één\n漢\n")).toContain("It is stored as UTF-16LE, as before.");
  expect(bytes("utf16le")).toEqual(Buffer.from("\ufefféén\r\n漢\r\n", "utf16le"));
  await write("utf16be", "één\n");
  expect(bytes("utf16be")).toEqual(Buffer.from("\ufefféén\n", "utf16le").swap16());
  await write("latin1", "thé\n");
  expect(bytes("latin1")).toEqual(Buffer.from("th\xe9\n", "latin1"));
  await expect(write("latin1", "漢\n")).rejects.toThrow(
    "latin1 is not UTF-8, and the content has characters that Latin-1 lacks",
  );
  expect(bytes("latin1")).toEqual(Buffer.from("th\xe9\n", "latin1"));
});

test("a folder and git's own files are refused", async () => {
  const { call } = worktreeFixture({ "src/a": "" });
  await expect(call(writeTool, { file_path: "src", content: "x" })).rejects.toThrow("it is a folder");
  await expect(call(writeTool, { file_path: ".git/hooks/pre-commit", content: "x" })).rejects.toThrow(
    "git's own folder",
  );
});

test("half a surrogate pair is refused", async () => {
  const { call } = worktreeFixture();
  await expect(call(writeTool, { file_path: "a", content: "\ud83d" })).rejects.toThrow("half a surrogate pair");
});
