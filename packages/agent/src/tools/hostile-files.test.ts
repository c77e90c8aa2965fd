import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { grepFiles, WorktreeFiles } from "@bough/sandbox";
import { expect, onTestFinished, test } from "vitest";
import type { Tool } from "../tool.ts";
import { editTool } from "./edit.ts";
import { findTool } from "./find.ts";
import { grepTool } from "./grep.ts";
import { lsTool } from "./ls.ts";
import { readTool } from "./read.ts";
import { worktreeFixtures } from "./worktree-fixture.ts";
import { writeTool } from "./write.ts";

const worktreeFixture = worktreeFixtures(onTestFinished);

function hostile(contents: Record<string, string | Uint8Array> = {}) {
  const { root, call, put } = worktreeFixture({ "a.txt": "needle\n", ...contents });
  execFileSync("git", ["init", "-q"], { cwd: root });
  /** What a tool says, whether it returns it or throws it. */
  const says = async (tool: Tool, input: Record<string, unknown>) =>
    (await call(tool, input).catch((error: Error) => ({ text: error.message }))).text;
  return { root, put, says };
}

const touching = (file_path: string): [Tool, Record<string, unknown>][] => [
  [readTool, { file_path }],
  [editTool, { file_path, old_string: "needle", new_string: "thread" }],
  [writeTool, { file_path, content: "thread" }],
  [grepTool, { pattern: "needle", path: file_path }],
];

test("a pipe, a device and a file of 1 TB are refused by every tool that opens files, and nothing waits", async () => {
  const { root, says } = hostile();
  execFileSync("mkfifo", [join(root, "pipe")]);
  symlinkSync("/dev/zero", join(root, "zero"));
  writeFileSync(join(root, "sparse"), "needle\n");
  truncateSync(join(root, "sparse"), 2 ** 40);
  // The controls: a plain open of the pipe waits, and the device and the sparse file have no end that could be read.
  expect([statSync(join(root, "pipe")).isFIFO(), statSync(join(root, "zero")).isCharacterDevice()]).toEqual([
    true,
    true,
  ]);
  expect(statSync(join(root, "sparse")).size).toBe(2 ** 40);
  for (const [path, reason] of [
    ["pipe", /named pipe|neither a file nor a folder/],
    ["zero", /outside the worktree/],
    ["sparse", /too large/],
  ] as const) {
    for (const [tool, input] of touching(path)) expect(await says(tool, input)).toMatch(reason);
  }
  expect(await says(findTool, {})).toBe("a.txt\nsparse");
  expect(await says(lsTool, {})).toContain("pipe  (a pipe, socket or device)\nsparse  1.1 TB\nzero -> /dev/zero");
});

test("a search over a folder with a pipe and a file of 1 TB ends, and finds the rest", async () => {
  const { root, says } = hostile();
  execFileSync("mkfifo", [join(root, "pipe")]);
  truncateSync(join(root, "a.txt"), 2 ** 40);
  writeFileSync(join(root, "z.txt"), "needle\n");
  expect(await says(grepTool, { pattern: "needle" })).toContain("z.txt:1:needle");
});

test.runIf(existsSync("/proc/self/root"))("a way out through /proc is refused by every tool", async () => {
  const { root: outside, put } = hostile();
  put("secret", "needle of somebody else\n");
  const { root, says } = hostile();
  symlinkSync(`/proc/self/root${outside}`, join(root, "out"));
  // The control: a plain read follows the link.
  expect(readFileSync(join(root, "out/secret"), "utf8")).toContain("needle");
  for (const path of ["out/secret", `/proc/self/root${root}/a.txt`]) {
    for (const [tool, input] of touching(path)) expect(await says(tool, input)).toContain("outside the worktree");
  }
  for (const tool of [findTool, lsTool]) expect(await says(tool, { path: "out" })).toContain("outside the worktree");
  expect(await says(grepTool, { pattern: "somebody" })).toBe("(Nothing matches.)");
  expect(readFileSync(join(outside, "secret"), "utf8")).toBe("needle of somebody else\n");
});

const floods: readonly [what: string, content: string | Uint8Array, said: RegExp][] = [
  ["50 MB in lines", "needle and more\n".repeat(3_300_000), /lines \d+-3300000 not shown/],
  ["one line of 1 MB", `needle${"x".repeat(1_000_000)}\n`, /line clipped, 1,000,006 characters in all/],
  ["10,000 lines", "needle\n".repeat(10_000), /lines 2001-10000 not shown/],
  ["a binary file", Buffer.concat([Buffer.from("needle"), Buffer.alloc(1_000)]), /is not a text file/],
  ["invalid UTF-8", Buffer.from("needle \xff\xfe\x80\n", "latin1"), /not UTF-8, shown as Latin-1/],
];

test.each(floods)("%s is read and searched in bounds, and what is cut is said", async (_, content, said) => {
  const { says } = hostile({ "a.txt": content });
  const [read, found] = [await says(readTool, { file_path: "a.txt" }), await says(grepTool, { pattern: "needle" })];
  for (const text of [read, found]) {
    expect(Buffer.byteLength(text)).toBeLessThan(32_768);
    expect(text.isWellFormed()).toBe(true);
  }
  expect(read).toMatch(said);
});

test.each(["pipe", "link to a pipe"])(
  "a %s in place of .gitignore does not hold up Grep and Find, as it does the search program",
  async (kind) => {
    const { root, says } = hostile({ "sub/b.txt": "needle\n" });
    execFileSync("mkfifo", [join(root, "sub", kind === "pipe" ? ".gitignore" : "pipe")]);
    if (kind !== "pipe") symlinkSync("pipe", join(root, "sub", ".gitignore"));
    const plain = { pattern: "needle", limit: 10, signal: AbortSignal.timeout(1_000) };
    await expect(grepFiles(new WorktreeFiles({ root }), plain)).rejects.toThrow("aborted");

    expect(await says(grepTool, { pattern: "needle" })).toBe("a.txt:1:needle\nsub/b.txt:1:needle");
    expect(await says(findTool, { pattern: "*.txt" })).toBe("a.txt\nsub/b.txt");
  },
);
