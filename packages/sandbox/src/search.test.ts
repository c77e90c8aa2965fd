import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findFiles } from "./find-files.ts";
import { type GrepOptions, grepFiles } from "./grep-files.ts";
import { WorktreeFiles } from "./worktree-files.ts";

function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "bough-search-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function git(cwd: string, ...args: string[]): void {
  const identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "core.hooksPath=/dev/null"];
  execFileSync("git", [...identity, ...args], { cwd, stdio: "ignore" });
}

function write(root: string, contents: Record<string, string | Buffer>): void {
  for (const [path, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

function repository(contents: Record<string, string | Buffer>): WorktreeFiles {
  const root = temporaryFolder();
  git(root, "init", "-q");
  write(root, contents);
  return new WorktreeFiles({ root });
}

async function found(files: WorktreeFiles, options: Partial<Parameters<typeof findFiles>[1]> = {}): Promise<string[]> {
  return [...(await findFiles(files, { limit: 1_000, ...options })).paths];
}

async function matches(files: WorktreeFiles, pattern: string, options: Partial<GrepOptions> = {}): Promise<string[]> {
  const { lines } = await grepFiles(files, { pattern, limit: 100, ...options });
  return lines.map(({ path, line, text, isMatch }) => `${path}${isMatch ? ":" : "-"}${line} ${text}`);
}

const withIgnored = {
  ".gitignore": "*.log\n!keep.log\n/build/\n",
  ".hidden/a": "needle",
  ".ignore": "src\n",
  "build/out": "needle",
  "docs/build/page": "needle",
  "keep.log": "needle",
  "noise.log": "needle",
  "src/.gitignore": "generated\n!special.log\n",
  "src/a.ts": "needle",
  "src/generated/b.ts": "needle",
  "src/special.log": "needle",
};
const notIgnored = [".gitignore", ".hidden/a", ".ignore", "docs/build/page", "keep.log"].concat([
  "src/.gitignore",
  "src/a.ts",
  "src/special.log",
]);

test("what git ignores is not found: nested rules, negations, but not other programs' rules", async () => {
  const files = repository(withIgnored);
  expect(await found(files, { type: "file" })).toEqual(notIgnored);
  expect(await matches(files, "needle")).toEqual(
    notIgnored.filter((path) => !path.endsWith("ignore")).map((path) => `${path}:1 needle`),
  );
});

test("in a linked worktree the rules of info/exclude hold too", async () => {
  const main = temporaryFolder();
  git(main, "init", "-q");
  git(main, "commit", "-q", "--allow-empty", "-m", "first");
  write(main, { ".git/info/exclude": "excluded\n" });
  const root = join(temporaryFolder(), "linked");
  git(main, "worktree", "add", "-q", root);
  write(root, { ...withIgnored, excluded: "needle" });
  expect(await found(new WorktreeFiles({ root }), { type: "file" })).toEqual(notIgnored);
});

test("a glob does not bring ignored files back", async () => {
  const files = repository(withIgnored);
  expect(await found(files, { pattern: "*.log" })).toEqual(["keep.log", "src/special.log"]);
  expect(await matches(files, "needle", { glob: "**/*.{log,ts}" })).toEqual([
    "keep.log:1 needle",
    "src/a.ts:1 needle",
    "src/special.log:1 needle",
  ]);
});

test("an ignored folder or file that is named is searched", async () => {
  const files = repository(withIgnored);
  expect(await matches(files, "needle", { path: "build" })).toEqual(["build/out:1 needle"]);
  expect(await matches(files, "needle", { path: "noise.log" })).toEqual(["noise.log:1 needle"]);
});

test("git's own folders are never searched", async () => {
  const files = repository({ "sub/.git/config": "needle", "sub/a": "needle" });
  expect(await matches(files, "needle|repositoryformatversion")).toEqual(["sub/a:1 needle"]);
});

test("rules in folders above the worktree do not count", async () => {
  const above = temporaryFolder();
  write(above, { ".gitignore": "*\n" });
  const root = join(above, "worktree");
  mkdirSync(root);
  git(root, "init", "-q");
  write(root, { a: "needle" });
  expect(await found(new WorktreeFiles({ root }))).toEqual(["a"]);
});

test("links are not followed", async () => {
  const files = repository({ "src/a": "needle" });
  const outside = temporaryFolder();
  write(outside, { secret: "needle" });
  symlinkSync(outside, join(files.root, "out"));
  symlinkSync("src", join(files.root, "inner"));
  expect(await matches(files, "needle")).toEqual(["src/a:1 needle"]);
  expect(await matches(files, "needle", { path: "inner" })).toEqual(["src/a:1 needle"]);
  await expect(matches(files, "needle", { path: "out" })).rejects.toThrow("outside the worktree");
});

test("files and folders are given in the order of paths, folders with a slash", async () => {
  const files = repository({ "b/c/x": "", "b/a": "", a: "", "b.txt": "" });
  expect(await found(files)).toEqual(["a", "b/", "b/a", "b/c/", "b/c/x", "b.txt"]);
  expect(await found(files, { type: "directory" })).toEqual(["b/", "b/c/"]);
  expect(await found(files, { type: "directory", pattern: "c" })).toEqual(["b/c/"]);
});

test("a pattern with a slash is relative to the folder that is searched", async () => {
  const files = repository({ "packages/a/src/x.ts": "", "src/y.ts": "" });
  expect(await found(files, { pattern: "src/*.ts" })).toEqual(["src/y.ts"]);
  expect(await found(files, { pattern: "src/*.ts", path: "packages/a" })).toEqual(["packages/a/src/x.ts"]);
});

test("beyond the limit paths are counted and not given", async () => {
  const files = repository(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}`, ""])));
  expect(await findFiles(files, { limit: 2 })).toMatchObject({ paths: ["f0", "f1"], total: 30 });
});

test("names made to be taken for options, or with odd characters, are searched like others", async () => {
  const files = repository({ "--pre=sh": "needle", "-x/$(id)": "needle", "a b": "-e" });
  expect(await matches(files, "needle", { path: "-x" })).toEqual(["-x/$(id):1 needle"]);
  expect(await matches(files, "needle")).toEqual(["--pre=sh:1 needle", "-x/$(id):1 needle"]);
  expect(await matches(files, "-e")).toEqual(["a b:1 -e"]);
});

test("case, literal patterns, context and line ends", async () => {
  const files = repository({ a: "one\r\nTwo.\r\nthree\r\nfour\r\ntwo!\r\n" });
  expect(await matches(files, "two", { ignoreCase: true })).toEqual(["a:2 Two.", "a:5 two!"]);
  expect(await matches(files, "o.", { literal: true })).toEqual(["a:2 Two."]);
  expect(await matches(files, "three$", { context: 1 })).toEqual(["a-2 Two.", "a:3 three", "a-4 four"]);
  expect(await matches(files, "three\\r?\\nfour")).toEqual(["a:3 three", "a:4 four"]);
});

test("a search ends at its limit, without lines that lead to what is left out", async () => {
  const files = repository({ a: "x\n1\n2\n3\nx\n", b: "x\n" });
  const result = await grepFiles(files, { pattern: "x", limit: 1, context: 1 });
  expect(result.lines.map((line) => line.text)).toEqual(["x", "1"]);
  expect(result.more).toBe(true);
  expect(await grepFiles(files, { pattern: "x", limit: 3 })).toMatchObject({ more: false });
});

test("a line of 1 MB is cut and said to be", async () => {
  const files = repository({ a: `${"x".repeat(1_000_000)}needle`, b: "needle" });
  const [long, short] = await matches(files, "needle");
  expect(long).toMatch(/^a:1 x{500} \[\.\.\. omitted end of long line\]$/);
  expect(short).toBe("b:1 needle");
});

test("a binary file that matches is named", async () => {
  const files = repository({
    "a.bin": Buffer.concat([Buffer.from(`needle\n${"x\n".repeat(100_000)}`), Buffer.alloc(100)]),
  });
  expect((await grepFiles(files, { pattern: "needle", limit: 10 })).binaryFiles).toEqual(["a.bin"]);
  expect((await grepFiles(files, { pattern: "needle", limit: 10, path: "a.bin" })).binaryFiles).toEqual(["a.bin"]);
});

test("a pattern that is none is refused with what is wrong with it", async () => {
  await expect(matches(repository({}), "a(")).rejects.toThrow("unclosed group");
});

test("what is not there is said to be missing, and an interruption interrupts", async () => {
  const files = repository({ a: "x" });
  await expect(matches(files, "x", { path: "gone" })).rejects.toThrow('There is nothing at "gone"');
  await expect(matches(files, "x", { signal: AbortSignal.abort() })).rejects.toThrow("abort");
});

test("a search that is cut gives the first of what the whole one gives, in the same order", async () => {
  const paths = ["a-b/c", "a.txt", "a/b", "a/b.c/d", "a/b.txt", "z", "é/a", "\u{1f600}", "\uffee"];
  const files = repository(Object.fromEntries(paths.map((path) => [path, "needle\nneedle\n"])));
  const all = await matches(files, "needle");
  expect(all).toHaveLength(2 * paths.length);
  for (let limit = 1; limit < all.length; limit++) {
    expect(await matches(files, "needle", { limit })).toEqual(all.slice(0, limit));
  }
});

test("what is found comes in the order of names, a folder before what is in it", async () => {
  const files = repository({ "a-b/c": "", "a.txt": "", "a/b/d": "", "a/b.txt": "", "a/c": "" });
  const all = ["a/", "a/b/", "a/b/d", "a/b.txt", "a/c", "a-b/", "a-b/c", "a.txt"];
  expect(await found(files)).toEqual(all);
  expect(await found(files, { limit: 3 })).toEqual(all.slice(0, 3));
  expect(await found(files, { path: "a" })).toEqual(["a/b/", "a/b/d", "a/b.txt", "a/c"]);
  expect(await found(files, { path: "a/b.txt" })).toEqual(["a/b.txt"]);
});

test("of more files than are kept the first in order are given, and all are counted", async () => {
  const files = repository({});
  execFileSync("sh", ["-c", "seq -f f%04g 0 2499 | xargs touch"], { cwd: files.root });
  expect(await findFiles(files, { limit: 3 })).toMatchObject({ paths: ["f0000", "f0001", "f0002"], total: 2_500 });
  const { paths } = await findFiles(files, { limit: 2_500 });
  expect([paths.length, paths.at(-1)]).toEqual([2_500, "f2499"]);
});
