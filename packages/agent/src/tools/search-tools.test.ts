import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findTool } from "./find.ts";
import { grepTool } from "./grep.ts";
import { lsTool } from "./ls.ts";
import { worktreeFixtures } from "./worktree-fixture.ts";

const worktreeFixture = worktreeFixtures(onTestFinished);

function repository(contents: Record<string, string>) {
  const fixture = worktreeFixture(contents);
  execFileSync("git", ["init", "-q"], { cwd: fixture.root });
  return fixture;
}

const project = {
  ".gitignore": "dist\n",
  "dist/a.js": "needle",
  "src/a.ts": "one\nneedle\nthree\nfour\nfive\nNeedle.\n",
  "src/b.ts": "needle\n",
};

test("Grep gives path, line and text, and leaves out what git ignores", async () => {
  const { call } = repository(project);
  expect((await call(grepTool, { pattern: "needle" })).text).toBe("src/a.ts:2:needle\nsrc/b.ts:1:needle");
});

test("Grep gives context with the groups apart", async () => {
  const { call } = repository(project);
  expect((await call(grepTool, { pattern: "NEEDLE", ignore_case: "true", context: "1", path: "src" })).text).toBe(
    [
      "src/a.ts-1-one",
      "src/a.ts:2:needle",
      "src/a.ts-3-three",
      "--",
      "src/a.ts-5-five",
      "src/a.ts:6:Needle.",
      "--",
      "src/b.ts:1:needle",
    ].join("\n"),
  );
});

test("Grep says when there is nothing, and when there is more", async () => {
  const { call } = repository({ a: "x\n".repeat(500), long: `${"y".repeat(400)}\n`.repeat(500) });
  expect((await call(grepTool, { pattern: "absent" })).text).toBe("(Nothing matches.)");
  expect((await call(grepTool, { pattern: "x", limit: 2 })).text).toBe(
    "a:1:x\na:2:x\n(More than these 2 lines match. Give a higher limit or narrow the search with path, glob or pattern.)",
  );
  const long = (await call(grepTool, { pattern: "y", limit: 1_000 })).text;
  expect(Buffer.byteLength(long)).toBeLessThan(30_200);
  expect(long).toMatch(/\(More .* Narrow the search with path, glob or pattern\.\)$/);
});

test("Grep says what is wrong with a pattern or a path", async () => {
  const { call } = repository(project);
  await expect(call(grepTool, { pattern: "a(" })).rejects.toThrow("unclosed group");
  await expect(call(grepTool, { pattern: "a", path: "scr" })).rejects.toThrow("Did you mean src?");
});

test("Find gives paths in order, by name, by path and by type", async () => {
  const { call } = repository(project);
  expect((await call(findTool, {})).text).toBe(".gitignore\nsrc/\nsrc/a.ts\nsrc/b.ts");
  expect((await call(findTool, { pattern: "a.*" })).text).toBe("src/a.ts");
  expect((await call(findTool, { pattern: "b.ts", path: "src" })).text).toBe("src/b.ts");
  expect((await call(findTool, { type: "directory", pattern: null })).text).toBe("src/");
});

test("Find says when there is nothing, and when there is more", async () => {
  const { call } = repository(project);
  expect((await call(findTool, { pattern: "config" })).text).toBe(
    "(Nothing has this name. For a part of a name search for *config*.)",
  );
  expect((await call(findTool, { type: "file", limit: 1 })).text).toBe(
    ".gitignore\n(2 more of 3 not shown. Narrow the search with path or pattern.)",
  );
});

test("Ls gives folders first, links with where they lead, sizes, and all but git's own folder", async () => {
  const { call, root } = repository({ ...project, "big.bin": "x".repeat(12_345), ".env": "" });
  symlinkSync("../elsewhere", join(root, "link"));
  symlinkSync("src", join(root, "sources"));
  expect((await call(lsTool, {})).text).toBe(
    [
      "dist/",
      "src/",
      ".env  0 bytes",
      ".gitignore  5 bytes",
      "big.bin  12.3 KB",
      "link -> ../elsewhere",
      "sources -> src",
    ].join("\n"),
  );
  expect((await call(lsTool, { path: "sources" })).text).toBe("a.ts  35 bytes\nb.ts  7 bytes");
  await expect(call(lsTool, { path: "link" })).rejects.toThrow("outside the worktree");
});

test("Ls says when a folder is empty, no folder, or too full to show", async () => {
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`many/${"x".repeat(20)}${index}`, ""]));
  const { call, root } = worktreeFixture({ ...many, file: "" });
  mkdirSync(join(root, "empty"));
  expect((await call(lsTool, { path: "empty" })).text).toBe("(The folder is empty.)");
  await expect(call(lsTool, { path: "file" })).rejects.toThrow("file is not a folder. Use Read");
  await expect(call(lsTool, { path: "fil" })).rejects.toThrow("Did you mean file?");
  expect((await call(lsTool, { path: "many" })).text).toMatch(
    /\(\d+ more of 2000 not shown\. Use Find with a pattern\.\)$/,
  );
});

test("a name that holds a line break cannot pass for two", async () => {
  const { call } = repository({ "a\nb": "needle" });
  expect((await call(findTool, {})).text).toBe('"a\\nb"');
  expect((await call(lsTool, {})).text).toBe('"a\\nb"  6 bytes');
});
