import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { editTool } from "./edit.ts";
import { readTool } from "./read.ts";
import { worktreeFixtures } from "./worktree-fixture.ts";
import { writeTool } from "./write.ts";

const worktreeFixture = worktreeFixtures(onTestFinished);

test("a passage is replaced, the mode kept, and the difference shown", async () => {
  const { call, text, root } = worktreeFixture({ "a.py": "import requests\n\nprint(1)\n" });
  chmodSync(join(root, "a.py"), 0o755);
  const result = await call(editTool, { file_path: "a.py", old_string: "requests", new_string: "httpx" });
  expect(result).toEqual({
    text: "Edited a.py.\n@@ -1,3 +1,3 @@\n-import requests\n+import httpx\n\n print(1)",
    changed: ["a.py"],
  });
  expect(text("a.py")).toBe("import httpx\n\nprint(1)\n");
  expect(statSync(join(root, "a.py")).mode & 0o777).toBe(0o755);
});

test("several edits are made one after the other", async () => {
  const { call, text } = worktreeFixture({ a: "one two two" });
  const edits = [
    { old_string: "one", new_string: "1" },
    { old_string: "1 two", new_string: "1 zwei" },
    { old_string: "w", new_string: "v", replace_all: "true" },
  ];
  await call(editTool, { file_path: "a", edits });
  expect(text("a")).toBe("1 zvei tvo");
});

test("when one of several edits fails, none is made", async () => {
  const { call, text } = worktreeFixture({ a: "one two" });
  const edits = [
    { old_string: "one", new_string: "1" },
    { old_string: "three", new_string: "3" },
  ];
  await expect(call(editTool, { file_path: "a", edits })).rejects.toThrow(
    /^Edit 2: old_string is not in a\..*None of the edits/s,
  );
  expect(text("a")).toBe("one two");
});

test("a passage that occurs several times is refused with where", async () => {
  const { call } = worktreeFixture({ a: "x\n".repeat(30) });
  await expect(call(editTool, { file_path: "a", old_string: "x", new_string: "y" })).rejects.toThrow(
    "old_string occurs 30 times in a, in lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …. Add lines around it",
  );
});

test("a passage that is not there is refused with the nearest one", async () => {
  const { call } = worktreeFixture({ "a.go": "func main() {\n\tprint(1)\n}\n" });
  const input = { file_path: "a.go", old_string: "{\n    print(1)\n}", new_string: "{}" };
  await expect(call(editTool, input)).rejects.toThrow(
    "old_string is not in a.go. The nearest passage differs: it is indented with tabs, old_string with spaces.\n     1\tfunc main() {",
  );
});

test("CRLF, a byte order mark and other encodings are kept", async () => {
  const { call, bytes } = worktreeFixture({
    crlf: "\ufeffone\r\ntwo\r\n",
    latin1: Buffer.from("caf\xe9 \x80\n", "latin1"),
    utf16: Buffer.from("\ufeffone\r\n", "utf16le"),
  });
  await call(editTool, { file_path: "crlf", old_string: "one\ntwo", new_string: "1\n2\n3" });
  expect(bytes("crlf").toString()).toBe("\ufeff1\r\n2\r\n3\r\n");
  await call(editTool, { file_path: "latin1", old_string: "café", new_string: "thé" });
  expect(bytes("latin1")).toEqual(Buffer.from("th\xe9 \x80\n", "latin1"));
  await call(editTool, { file_path: "utf16", old_string: "one", new_string: "två" });
  expect(bytes("utf16")).toEqual(Buffer.from("\ufefftvå\r\n", "utf16le"));
});

test("what a file cannot hold is not put into it, and a binary file is left alone", async () => {
  const { call } = worktreeFixture({
    latin1: Buffer.from("\xe9 x", "latin1"),
    binary: Buffer.from("x\0"),
    utf8: "x",
    odd: Buffer.from([0xff, 0xfe, 0x78]),
  });
  const edit = (file_path: string, new_string: string) => call(editTool, { file_path, old_string: "x", new_string });
  await expect(edit("latin1", "€")).rejects.toThrow("only characters of Latin-1");
  await expect(edit("binary", "y")).rejects.toThrow("not a text file");
  await expect(edit("utf8", "\udc00")).rejects.toThrow("half a surrogate pair");
  await expect(edit("odd", "y")).rejects.toThrow("bytes that are not UTF-16LE");
});

test("an empty old_string fills a missing or an empty file and no other", async () => {
  const { call, text } = worktreeFixture({ empty: "", full: "x" });
  const fill = (file_path: string) => call(editTool, { file_path, old_string: "", new_string: "new\n" });
  expect((await fill("src/new")).text).toBe("Created src/new.\n@@ -0,0 +1,1 @@\n+new");
  await fill("empty");
  expect([text("src/new"), text("empty")]).toEqual(["new\n", "new\n"]);
  await expect(fill("full")).rejects.toThrow("old_string is empty, but full is not");
});

test("edits that change nothing are refused", async () => {
  const { call } = worktreeFixture({ a: "one\ntwo" });
  const edit = (old_string: string, new_string: string) => call(editTool, { file_path: "a", old_string, new_string });
  await expect(edit("one", "one")).rejects.toThrow("are the same");
  await expect(edit("one\ntwo", "one\r\ntwo")).rejects.toThrow("line ends only");
});

test("input that is neither one edit nor several is refused", async () => {
  const { call } = worktreeFixture({ a: "x" });
  for (const input of [
    {},
    { old_string: "x" },
    { edits: [] },
    { old_string: "x", new_string: "y", edits: [{ old_string: "x", new_string: "y" }] },
  ]) {
    await expect(call(editTool, { file_path: "a", ...input })).rejects.toThrow(
      "Give either old_string and new_string, or edits",
    );
  }
});

test("a missing file is refused with similar names", async () => {
  const { call } = worktreeFixture({ "client.ts": "x" });
  await expect(call(editTool, { file_path: "cleint.ts", old_string: "x", new_string: "y" })).rejects.toThrow(
    "There is no cleint.ts. Did you mean client.ts?",
  );
});

test("editing a file that was only seen in part does not make it known as a whole", async () => {
  const { call } = worktreeFixture({ known: "one", unknown: "one" });
  await call(readTool, { file_path: "known" });
  for (const file_path of ["known", "unknown"])
    await call(editTool, { file_path, old_string: "one", new_string: "two" });
  expect((await call(writeTool, { file_path: "known", content: "three" })).text).toContain("Replaced known");
  await expect(call(writeTool, { file_path: "unknown", content: "three" })).rejects.toThrow("you have not read it");
});

test("a long line in the diff is clipped and said to be", async () => {
  const { call } = worktreeFixture({ "long.txt": `${"x".repeat(1_000)}needle\n` });
  const { text } = await call(editTool, { file_path: "long.txt", old_string: "needle", new_string: "thread" });
  expect(text).toContain("xxx [… line clipped, 1,007 characters in all]\n");
});

test("a file that may not be read, which a link may lead to by now, is not changed in parts", async () => {
  const { call, text } = worktreeFixture({ ".env": "KEY=needle\n" });
  const hidden = { mayRead: (path: string) => path !== ".env", hiddenBy: ["Read(.env)"] };
  for (const old_string of ["needle", "wrong"]) {
    await expect(call(editTool, { file_path: ".env", old_string, new_string: "x" }, hidden)).rejects.toThrow(
      ".env may not be read by Read(.env), so parts of it cannot be changed.",
    );
  }
  expect(text(".env")).toBe("KEY=needle\n");
});
