import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openDescriptorAccess } from "./descriptor-access.ts";
import { FileChanged, FileMissing, FileTooLarge } from "./file-errors.ts";
import { PathRefused } from "./path-refused.ts";
import { openRealPathAccess } from "./real-path-access.ts";
import { WorktreeFiles } from "./worktree-files.ts";

const accesses = [
  ...(process.platform === "linux" ? [{ access: "descriptors", openAccess: openDescriptorAccess }] : []),
  { access: "real paths", openAccess: openRealPathAccess },
];

describe.each(accesses)("by $access:", ({ openAccess }) => {
  /** A worktree beside a folder that must stay as it is and unread. */
  function setUp(contents: Record<string, string> = {}) {
    const base = realpathSync(mkdtempSync(join(tmpdir(), "bough-files-")));
    onTestFinished(() => rmSync(base, { recursive: true, force: true }));
    const root = join(base, "worktree");
    const outside = join(base, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "secret"), "secret");
    mkdirSync(root);
    for (const [path, content] of Object.entries(contents)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const files = new WorktreeFiles({ root, openAccess });
    return { base, root, outside, files };
  }

  const text = async (files: WorktreeFiles, path: string) => Buffer.from((await files.read(path)).bytes).toString();
  const bytes = (content: string) => Buffer.from(content);

  test("what is written is read back, folders are made, and no temporary file stays", async () => {
    const { files, root } = setUp();
    expect(await files.write("a/b/c.txt", bytes("one"))).toEqual({ path: "a/b/c.txt", created: true });
    expect(await files.write("a/b/c.txt", bytes("two"))).toEqual({ path: "a/b/c.txt", created: false });
    expect(await text(files, join(root, "a/b/c.txt"))).toBe("two");
    expect(readdirSync(join(root, "a/b"))).toEqual(["c.txt"]);
  });

  test("a write keeps the mode of the file, or sets the one it is given", async () => {
    const { files, root } = setUp({ "run.sh": "" });
    chmodSync(join(root, "run.sh"), 0o755);
    await files.write("run.sh", bytes("x"));
    expect((await files.read("run.sh")).mode).toBe(0o755);
    await files.write("run.sh", bytes("x"), { mode: 0o640 });
    expect(statSync(join(root, "run.sh")).mode & 0o777).toBe(0o640);
  });

  test("a write happens only on what was expected", async () => {
    const { files, root } = setUp({ a: "old" });
    await expect(files.write("a", bytes("new"), { expected: bytes("other") })).rejects.toThrow(FileChanged);
    await expect(files.write("a", bytes("new"), { expected: "nothing" })).rejects.toThrow(FileChanged);
    await expect(files.write("b", bytes("new"), { expected: bytes("old") })).rejects.toThrow(FileChanged);
    expect(await text(files, "a")).toBe("old");
    expect(readdirSync(root)).toEqual(["a"]);
    await files.write("a", bytes("new"), { expected: bytes("old") });
    await files.write("b", bytes("new"), { expected: "nothing" });
    expect(await text(files, "b")).toBe("new");
  });

  test("paths in the user's checkout mean the worktree's", async () => {
    const { root, outside } = setUp({ "src/a": "inside" });
    const files = new WorktreeFiles({ root, aliases: [outside], openAccess });
    expect(await text(files, join(outside, "src/a"))).toBe("inside");
    await expect(files.read(join(outside, "secret"))).rejects.toThrow(FileMissing);
    await expect(files.read(`${outside}-2/secret`)).rejects.toThrow("outside the worktree");
  });

  test("a root reached through a link is known under both its names", async () => {
    const { root, base } = setUp({ a: "inside" });
    const link = join(base, "link");
    symlinkSync(root, link);
    const files = new WorktreeFiles({ root: link, openAccess });
    expect(await text(files, join(root, "a"))).toBe("inside");
    expect(await text(files, join(link, "a"))).toBe("inside");
  });

  test("commands start in the folder that was asked for once it is there", () => {
    const { root } = setUp();
    const files = new WorktreeFiles({ root, cwd: "packages/a", openAccess });
    expect(files.commandFolder).toBe(root);
    mkdirSync(join(root, "packages/a"), { recursive: true });
    expect(files.commandFolder).toBe(join(root, "packages/a"));
    expect(() => new WorktreeFiles({ root, cwd: "../outside" })).toThrow(PathRefused);
  });

  test("links within the worktree are followed, and written through", async () => {
    const { files, root } = setUp({ "src/a": "inside" });
    symlinkSync("src", join(root, "folder"));
    symlinkSync("../src/./a", join(root, "src/again"));
    symlinkSync(join(root, "src/a"), join(root, "absolute"));
    symlinkSync("src/new", join(root, "dangling"));
    for (const path of ["folder/a", "folder/again", "absolute"]) {
      expect(await files.read(path)).toMatchObject({ path: "src/a", bytes: bytes("inside") });
    }
    expect(await files.write("folder/again", bytes("changed"))).toEqual({ path: "src/a", created: false });
    expect(readFileSync(join(root, "src/a"), "utf8")).toBe("changed");
    expect(await files.write("dangling", bytes("x"))).toEqual({ path: "src/new", created: true });
  });

  test("links that leave the worktree are refused, and plain Node would have followed them", async () => {
    const { files, root, outside } = setUp();
    symlinkSync(outside, join(root, "absolute"));
    symlinkSync("../outside", join(root, "climbing"));
    symlinkSync(`/proc/self/root${outside}`, join(root, "proc"));
    symlinkSync("absolute/../outside", join(root, "chained"));
    symlinkSync("../outside/secret", join(root, "file"));
    symlinkSync("../outside/new", join(root, "dangling"));
    const secrets = ["absolute/secret", "climbing/secret", "chained/secret", "file"];
    if (existsSync("/proc/self/root")) secrets.push("proc/secret");
    for (const path of secrets) {
      expect(readFileSync(join(root, path), "utf8")).toBe("secret");
      await expect(files.read(path)).rejects.toThrow("outside the worktree through a link");
      await expect(files.write(path, bytes("overwritten"))).rejects.toThrow(PathRefused);
      await expect(files.stat(path)).rejects.toThrow(PathRefused);
    }
    await expect(files.write("dangling", bytes("x"))).rejects.toThrow(PathRefused);
    await expect(files.write("absolute/new", bytes("x"))).rejects.toThrow(PathRefused);
    await expect(files.list("climbing")).rejects.toThrow(PathRefused);
    expect(readdirSync(outside)).toEqual(["secret"]);
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("secret");
  });

  test("the beginning of a file is read whatever its size, of nothing but a file in the worktree", async () => {
    const { files, root, outside } = setUp({ "a.txt": "abcdef" });
    truncateSync(join(root, "a.txt"), 2 ** 40);
    expect(await files.readStart("a.txt", 3)).toMatchObject({ path: "a.txt", size: 2 ** 40, bytes: bytes("abc") });
    expect((await files.readStart("a.txt", 8)).bytes).toEqual(bytes("abcdef\0\0"));
    symlinkSync(outside, join(root, "link"));
    await expect(files.readStart("link/secret", 3)).rejects.toThrow("outside the worktree through a link");
    execFileSync("mkfifo", [join(root, "pipe")]);
    await expect(files.readStart("pipe", 3)).rejects.toThrow("a named pipe, not a file");
    await expect(files.readStart("gone", 3)).rejects.toThrow(FileMissing);
  });

  test("links that go in circles end", async () => {
    const { files, root } = setUp();
    symlinkSync("b", join(root, "a"));
    symlinkSync("a", join(root, "b"));
    await expect(files.read("a")).rejects.toThrow("too many links");
  });

  test("git's own folder is refused, also behind a link, and plain Node would have written there", async () => {
    const { files, root } = setUp({ ".git/config": "[core]\n", ".GIT/config": "x" });
    symlinkSync(".git", join(root, "innocent"));
    writeFileSync(join(root, "innocent/control"), "plain Node writes here");
    expect(readFileSync(join(root, ".git/control"), "utf8")).toBe("plain Node writes here");
    for (const path of [
      ".git/config",
      ".GIT/config",
      "innocent/config",
      "git~1/config",
      ".git\u200c/x",
      ".git",
      ".git./x",
    ]) {
      await expect(files.write(path, bytes("[core]\nfsmonitor=evil\n"))).rejects.toThrow("git's own folder");
      await expect(files.read(path)).rejects.toThrow("git's own folder");
    }
    expect(readFileSync(join(root, ".git/config"), "utf8")).toBe("[core]\n");
    expect((await files.list(".")).map((entry) => entry.name)).toEqual(["innocent"]);
  });

  test("pipes, sockets and devices are refused and nothing waits for them", async () => {
    const { files, root } = setUp();
    execFileSync("mkfifo", [join(root, "pipe")]);
    // Plain Node would wait for a writer for ever.
    expect(() =>
      execFileSync(process.execPath, ["-e", "fs.readFileSync('pipe')"], { cwd: root, timeout: 500 }),
    ).toThrow("ETIMEDOUT");
    const server = createServer().listen(join(root, "socket"));
    onTestFinished(() => {
      server.close();
    });
    await new Promise((resolve) => server.once("listening", resolve));
    for (const [path, kind] of [
      ["pipe", "a named pipe"],
      ["socket", "a socket"],
    ] as const) {
      await expect(files.read(path)).rejects.toThrow(kind);
      await expect(files.write(path, bytes("x"))).rejects.toThrow(kind);
      expect(await files.stat(path)).toMatchObject({ kind: "other" });
    }
    symlinkSync("/dev/zero", join(root, "device"));
    await expect(files.read("device")).rejects.toThrow(PathRefused);
  });

  test("a write parts a hard link from its other name, which plain Node would have overwritten", async () => {
    const { files, root, outside } = setUp();
    linkSync(join(outside, "secret"), join(root, "linked"));
    writeFileSync(join(root, "linked"), "overwritten");
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("overwritten");
    expect(await text(files, "linked")).toBe("overwritten");
    await files.write("linked", bytes("new"));
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("overwritten");
    expect(await text(files, "linked")).toBe("new");
  });

  test("folders, missing files and files in the place of folders are told apart", async () => {
    const { files } = setUp({ "src/a": "x" });
    await expect(files.read("src")).rejects.toThrow("it is a folder, not a file");
    await expect(files.write("src", bytes("x"))).rejects.toThrow("it is a folder, not a file");
    await expect(files.write(".", bytes("x"))).rejects.toThrow("it is a folder, not a file");
    await expect(files.read("src/b")).rejects.toThrow(FileMissing);
    await expect(files.read("gone/b")).rejects.toThrow(FileMissing);
    await expect(files.read("src/a/b")).rejects.toThrow('"a" in it is not a folder');
    await expect(files.list("src/a")).rejects.toThrow("it is not a folder");
    expect(await files.stat("gone/b")).toBeUndefined();
    expect(await files.stat("src/")).toMatchObject({ path: "src", kind: "folder" });
    expect(await files.stat(".")).toMatchObject({ path: ".", kind: "folder" });
  });

  test("what the system denies is said in terms of the path that was given", async () => {
    const { files } = setUp();
    const name = "x".repeat(300);
    await expect(files.write(name, bytes("x"))).rejects.toThrow(`Cannot write "${name}": name too long.`);
  });

  test("a file larger than what is read at once is refused", async () => {
    const { files, root } = setUp({ big: "" });
    truncateSync(join(root, "big"), 2 ** 40);
    await expect(files.read("big")).rejects.toThrow(FileTooLarge);
  });

  test("a folder is listed in the order of names, with links as they are", async () => {
    const { files, root } = setUp({ "b/c": "", a: "12345", "a.b": "", Z: "" });
    symlinkSync("../outside", join(root, "link"));
    expect(await files.list(".")).toMatchObject([
      { name: "Z", kind: "file" },
      { name: "a", kind: "file", size: 5 },
      { name: "a.b", kind: "file" },
      { name: "b", kind: "folder" },
      { name: "link", kind: "link", target: "../outside" },
    ]);
  });

  test("no descriptor stays open", async () => {
    const { files } = setUp({ "a/b/c": "x" });
    const count = () => (existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0);
    const before = count();
    for (let round = 0; round < 50; round += 1) {
      await files.read("a/b/c");
      await files.write("a/b/d", bytes("x"));
      await files.list("a");
      await expect(files.read("a/b/c/d")).rejects.toThrow(PathRefused);
    }
    expect(count()).toBeLessThan(before + 10);
  });

  test("what was seen of a file is compared by its bytes", () => {
    const { files } = setUp();
    expect(files.seen("a", bytes("one"))).toBe("never");
    files.markSeen("a", bytes("one"));
    expect(files.seen("a", bytes("one"))).toBe("this-version");
    expect(files.seen("a", bytes("two"))).toBe("earlier-version");
  });
});
