import { chmod, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Repository } from "./repository.ts";
import { type StartOptions, startSession } from "./start-session.ts";

/** Starts a session, checks that the user's checkout is as it was, and resolves to what it started from. */
async function baseOf(repository: TemporaryRepository, options: Partial<StartOptions> = {}) {
  const before = await repository.fingerprint();
  await using session = await startSession(await Repository.open(repository.path), {
    config: { text: "", extra: {} },
    ...options,
  });
  await session.ready;
  expect(await repository.fingerprint()).toBe(before);
  const files = await repository.git("ls-tree", "-r", "--format=%(objectmode) %(path)", session.tip);
  return { session, commit: session.tip, files: files === "" ? [] : files.split("\n"), leftOut: session.leftOut };
}

function open(options: Parameters<typeof temporaryRepository>[0]) {
  return temporaryRepository({ enter: true, ...options });
}

test("a checkout without changes is started from as it is", async () => {
  await using repository = await open({ files: { "a.txt": "one\n" } });
  const { commit } = await baseOf(repository);
  expect(commit).toBe(await repository.git("rev-parse", "HEAD"));
});

test("staged, unstaged, untracked and deleted files are the base, and what is staged is its second parent", async () => {
  await using repository = await open({ files: { "a.txt": "one\n", "b.txt": "one\n", "c.txt": "one\n" } });
  await repository.write({ "a.txt": "staged\n" });
  await repository.git("add", "--verbose", "a.txt");
  await repository.write({
    "a.txt": "on top\n",
    "b.txt": "unstaged\n",
    "c.txt": undefined,
    "new/d.txt": "untracked\n",
  });
  const { commit, files } = await baseOf(repository);
  expect(files).toEqual(["100644 a.txt", "100644 b.txt", "100644 new/d.txt"]);
  expect(await repository.git("show", `${commit}:a.txt`)).toBe("on top");
  expect(await repository.git("show", `${commit}^2:a.txt`)).toBe("staged");
  expect(await repository.git("log", "--graph", "--format=%s", commit)).toMatchInlineSnapshot(`
    "*   Uncommitted changes on main, where a session starts
    |\\  
    | * Staged changes on main, where a session starts
    |/  
    * First commit"
  `);
});

test("modes, links and files that became folders are the base too", async () => {
  await using repository = await open({ files: { run: "#!/bin/sh\n", link: "file\n", "dir/x": "x\n", file: "y\n" } });
  await chmod(join(repository.path, "run"), 0o755);
  await rm(join(repository.path, "link"));
  await symlink("nowhere", join(repository.path, "link"));
  await rm(join(repository.path, "dir"), { recursive: true });
  await rm(join(repository.path, "file"));
  await repository.write({ dir: "now a file\n", "file/inner": "now a folder\n" });
  const { files } = await baseOf(repository);
  expect(files).toEqual(["100644 dir", "100644 file/inner", "120000 link", "100755 run"]);
  expect(await repository.git("fsck", "--strict", "--no-dangling")).toBe("");
});

test("a file that git only intends to add is in the base", async () => {
  await using repository = await open({ files: { "a.txt": "one\n" } });
  await repository.write({ "later.txt": "later\n" });
  await repository.git("add", "--verbose", "--intent-to-add", "later.txt");
  const { files } = await baseOf(repository);
  expect(files).toEqual(["100644 a.txt", "100644 later.txt"]);
});

test("an edit that keeps the size and the second is seen", async () => {
  await using repository = await open({ files: { "a.txt": "one\n" } });
  const path = join(repository.path, "a.txt");
  const { mtime } = await stat(path);
  await writeFile(path, "two\n");
  await utimes(path, mtime, mtime);
  const { commit } = await baseOf(repository);
  expect(await repository.git("show", `${commit}:a.txt`)).toBe("two");
});

test("--clean leaves uncommitted work aside", async () => {
  await using repository = await open({ files: { "a.txt": "one\n" } });
  await repository.write({ "a.txt": "two\n", "b.txt": "new\n" });
  const { commit } = await baseOf(repository, { clean: true });
  expect(commit).toBe(await repository.git("rev-parse", "HEAD"));
});

test("a repository without a commit can be started from, with files and without", async () => {
  await using repository = await open({ head: "unborn", files: { "a.txt": "one\n" } });
  const { commit, files } = await baseOf(repository);
  expect(files).toEqual(["100644 a.txt"]);
  expect(await repository.git("log", "--format=%s", commit)).toBe("Files on main, where a session starts");
  expect((await baseOf(repository, { clean: true })).files).toEqual([]);
  await using empty = await open({ head: "unborn" });
  expect((await baseOf(empty)).files).toEqual([]);
});

test("an index with conflicts is refused with their paths, and --clean is the way out", async () => {
  await using repository = await open({ files: { "a.txt": "one\n" } });
  await repository.git("checkout", "-b", "other");
  await repository.write({ "a.txt": "other\n" });
  await repository.commitAll("Other");
  await repository.git("checkout", "main");
  await repository.write({ "a.txt": "ours\n" });
  await repository.commitAll("Ours");
  await repository.git("merge", "other").catch(() => {});
  await expect(baseOf(repository)).rejects.toThrow(
    "The checkout has unresolved conflicts in a.txt. Resolve them, or start from the last commit with --clean.",
  );
  expect(await repository.git("for-each-ref", "refs/heads/bough", "refs/bough")).toBe("");
  await expect(baseOf(repository, { clean: true })).resolves.toBeDefined();
});

test("untracked credentials, large files and large folders stay out and are named, and tracked ones do not", async () => {
  await using repository = await open({
    files: { ".env.example": "KEY=\n", "tracked.pem": "public\n", ".gitignore": "ignored\n" },
  });
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`node_modules/m${i}`, ""]));
  await repository.write({
    ".env": "KEY=1\n",
    "deploy/id_rsa": "x",
    "tracked.pem": "changed\n",
    ".env.sample": "KEY=\n",
    ignored: "x",
    "big.bin": Buffer.alloc(20 * 1024 * 1024 + 1),
    "video/a.bin": Buffer.alloc(12 * 1024 * 1024),
    "video/b.bin": Buffer.alloc(12 * 1024 * 1024, 1),
    ...many,
  });
  const { files, leftOut } = await baseOf(repository);
  expect(files).toEqual(["100644 .env.example", "100644 .env.sample", "100644 .gitignore", "100644 tracked.pem"]);
  expect(leftOut.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { path: ".env", reason: "looks like a credential", includeLine: "/.env" },
    { path: "big.bin", reason: "too large", includeLine: "/big.bin" },
    { path: "deploy/id_rsa", reason: "looks like a credential", includeLine: "/deploy/id_rsa" },
    { path: "node_modules/", reason: "too many files", includeLine: "/node_modules/" },
    { path: "video/", reason: "too large", includeLine: "/video/" },
  ]);
});

test("line endings become what git would commit", async () => {
  await using repository = await open({
    files: { ".gitattributes": "*.txt text\n*.bat text eol=crlf\n*.auto text=auto\n" },
  });
  await repository.write({
    "a.txt": "one\r\ntwo\r\n",
    "b.bat": "one\r\n",
    "c.auto": "one\r\n",
    "binary.auto": "one\r\n\0",
    "d.raw": "one\r\n",
  });
  const { commit } = await baseOf(repository);
  const blob = (path: string) => repository.git("cat-file", "blob", `${commit}:${path}`);
  expect(await Promise.all(["a.txt", "b.bat", "c.auto", "binary.auto", "d.raw"].map(blob))).toEqual([
    "one\ntwo",
    "one",
    "one",
    "one\r\n\0",
    "one\r",
  ]);
});

test("with core.autocrlf a file keeps the CRLF it was committed with", async () => {
  await using repository = await open({ files: { "crlf.txt": "one\r\n" } });
  await repository.git("config", "core.autocrlf", "input");
  await repository.write({ "crlf.txt": "one\r\ntwo\r\n", "new.txt": "one\r\n" });
  const { commit } = await baseOf(repository);
  expect(await repository.git("cat-file", "blob", `${commit}:crlf.txt`)).toBe("one\r\ntwo\r");
  expect(await repository.git("cat-file", "blob", `${commit}:new.txt`)).toBe("one");
});

test("a filter of the user's own settings is applied, one of the repository's is not", async () => {
  await using repository = await open({ files: { ".gitattributes": "*.up filter=upper\n*.evil filter=evil\n" } });
  await writeFile(
    join(repository.env["HOME"] ?? "", ".gitconfig"),
    '[user]\nname = Ada\nemail = ada@example.com\n[filter "upper"]\nclean = tr a-z A-Z\nsmudge = tr A-Z a-z\n',
  );
  await repository.git("config", "filter.evil.clean", "tr a-z E");
  await repository.write({ "a.up": "text\n", "a.evil": "text\n" });
  const { commit, session } = await baseOf(repository);
  expect(await repository.git("show", `${commit}:a.up`)).toBe("TEXT");
  expect(await repository.git("show", `${commit}:a.evil`)).toBe("text");
  expect(await repository.git("-C", session.worktree, "hash-object", "a.up")).not.toBe("");
});

test("a file whose filter fails stays out and is named", async () => {
  await using repository = await open({ files: { ".gitattributes": "*.up filter=upper\n" } });
  await writeFile(
    join(repository.env["HOME"] ?? "", ".gitconfig"),
    '[filter "upper"]\nclean = false\nrequired = true\n',
  );
  await repository.write({ "a.up": "text\n", "b.txt": "text\n" });
  const { files, leftOut } = await baseOf(repository);
  expect(files).toEqual(["100644 .gitattributes", "100644 b.txt"]);
  expect(leftOut).toEqual([{ path: "a.up", reason: "its filter failed" }]);
});

test("a name that no system may have as a git dir stays out and is named", async () => {
  await using repository = await open({ files: { "a.txt": "one\n" } });
  await repository.write({ ".GIT/config": "x", "git~1/config": "x", "sub/.git\u200c/x": "x", "b.txt": "x" });
  const { files, leftOut } = await baseOf(repository);
  expect(files).toEqual(["100644 a.txt", "100644 b.txt"]);
  expect(leftOut.map(({ path }) => path).toSorted()).toEqual([".GIT/config", "git~1/config", "sub/.git\u200c/x"]);
});

test("the base follows the user, also when the repository was opened before", async () => {
  await using repository = await open({ files: { "a.txt": "one\n" } });
  const opened = await Repository.open(repository.path);
  await repository.write({ "a.txt": "two\n" });
  const head = await repository.commitAll("Second");
  await using session = await startSession(opened, { config: { text: "", extra: {} } });
  expect(session.tip).toBe(head);
});

test("a detached HEAD, a folder inside and a linked worktree can be started from", async () => {
  await using repository = await open({ files: { "sub/a.txt": "one\n" } });
  await repository.git("checkout", "--detach");
  await repository.git("worktree", "add", "-b", "side", join(repository.folder, "side"));
  await writeFile(join(repository.folder, "side", "sub", "a.txt"), "two\n");
  const opened = await Repository.open(join(repository.folder, "side", "sub"));
  expect([opened.prefix, (await opened.head()).branch]).toEqual(["sub", "side"]);
  await using session = await startSession(opened, { config: { text: "", extra: {} } });
  await session.ready;
  expect(await repository.git("show", `${session.tip}:sub/a.txt`)).toBe("two");
  await rename(join(repository.folder, "side"), join(repository.folder, "moved"));
});

test("a submodule's commit is left to the user, and its folder is named", async () => {
  await using library = await temporaryRepository({ files: { "lib.txt": "lib\n" } });
  await using repository = await open({ files: { "a.txt": "one\n" } });
  await repository.git("-c", "protocol.file.allow=always", "submodule", "add", library.path, "lib");
  await repository.commitAll("Add a submodule");
  await repository.write({ "lib/lib.txt": "changed\n" });
  const { files, leftOut, session } = await baseOf(repository);
  expect(files).toContain("160000 lib");
  expect(leftOut).toEqual([{ path: "lib/", reason: "a submodule" }]);
  expect(session.tip).toBe(await repository.git("rev-parse", "HEAD"));
});

test("in a sparse checkout what is left away is kept, and so is the session's worktree sparse", async () => {
  await using repository = await open({ files: { "in/a.txt": "one\n", "out/b.txt": "one\n" } });
  await repository.git("sparse-checkout", "set", "in");
  await repository.write({ "in/a.txt": "two\n" });
  const { files, session } = await baseOf(repository);
  expect(files).toEqual(["100644 in/a.txt", "100644 out/b.txt"]);
  await expect(stat(join(session.worktree, "out"))).rejects.toThrow("ENOENT");
});

test("in a partial clone what is missing is fetched", async () => {
  await using origin = await temporaryRepository({ files: { "a.txt": "one\n" } });
  await origin.git("config", "uploadpack.allowFilter", "true");
  await using repository = await open({ files: {} });
  const clone = join(repository.folder, "clone");
  await repository.git("clone", "--no-checkout", "--filter=blob:none", `file://${origin.path}`, clone);
  await using session = await startSession(await Repository.open(clone), {
    clean: true,
    config: { text: "", extra: {} },
  });
  await session.ready;
  expect(await repository.git("-C", session.worktree, "status", "--short")).toBe("");
});
