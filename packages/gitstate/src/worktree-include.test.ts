import { execFileSync } from "node:child_process";
import { chmod, cp, lstat, mkdir, readFile, readlink, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { forkSession } from "./fork-session.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";

const author = { name: "m (bough)", email: "bough@localhost" };

async function open(files: Record<string, string | Uint8Array>, ignore = "/ignored/\n*.local\n/node_modules/\n") {
  const repository = await temporaryRepository({ enter: true, files: { ".gitignore": ignore } });
  await repository.write(files);
  return repository;
}

async function start(repository: TemporaryRepository, options: { clean?: boolean } = {}): Promise<Session> {
  return startSession(await Repository.open(repository.path), {
    name: "fix",
    config: { text: "", extra: {} },
    ...options,
  });
}

/** What is in the worktree beside the files of the tip. */
async function others(repository: TemporaryRepository, session: Session): Promise<string[]> {
  await session.ready;
  const listed = await repository.git("-C", session.worktree, "-c", "core.quotePath=false", "ls-files", "--others");
  return listed.split("\n").filter(Boolean).sort();
}

async function notices(session: Session): Promise<readonly string[]> {
  return (await session.ready).notices;
}

/** The paths of all commits of the session's branch, after a step that changed something. */
async function committed(repository: TemporaryRepository, session: Session): Promise<string[]> {
  await writeFile(join(session.worktree, "made.txt"), "made\n");
  await session.commit({ step: 1, turn: 1, blocks: [] }, { subject: "Make it", author, changes: "scan" });
  const names = await repository.git("log", "--format=", "--name-only", "-m", "--root", session.branch);
  return [...new Set(names.split("\n"))].filter(Boolean).sort();
}

test("ignored files that are named are copied, others are not, and none is ever committed", async () => {
  await using repository = await open({
    ".worktreeinclude": "# settings\n*.local\n!not.local\nnode_modules/\n",
    "a.local": "a\n",
    "not.local": "not\n",
    "sub/b.local": "b\n",
    "node_modules/pkg/index.js": "pkg\n",
    "ignored/x.txt": "x\n",
  });
  await using session = await start(repository);
  expect(await others(repository, session)).toEqual(["a.local", "node_modules/pkg/index.js", "sub/b.local"]);
  expect(await readFile(join(session.worktree, "sub/b.local"), "utf8")).toBe("b\n");
  expect(await notices(session)).toEqual([]);
  expect(await committed(repository, session)).toEqual([".gitignore", ".worktreeinclude", "made.txt"]);
  expect(session.leftOut).toEqual([]);
});

test("what is named and not ignored is the base's, or stays out of it and is copied", async () => {
  await using repository = await open({
    ".worktreeinclude": "/.env\n/notes.txt\nbig.bin\ndata/\n",
    ".env": "KEY=1\n",
    "notes.txt": "notes\n",
    "big.bin": Buffer.alloc(20 * 1024 * 1024 + 1),
    ...Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`data/${i}`, ""])),
  });
  await using session = await start(repository);
  const found = await others(repository, session);
  expect(found.filter((path) => !path.startsWith("data/"))).toEqual([".env", "big.bin"]);
  expect(found).toHaveLength(1003);
  expect(await committed(repository, session)).toEqual([".gitignore", ".worktreeinclude", "made.txt", "notes.txt"]);
});

test("modes, times and links inside are kept", async () => {
  await using repository = await open({
    ".worktreeinclude": "/ignored\n",
    "ignored/run.sh": "#!/bin/sh\n",
    "ignored/folder/x.txt": "x\n",
  });
  const at = (path: string) => join(repository.path, "ignored", path);
  await chmod(at("run.sh"), 0o750);
  await utimes(at("run.sh"), 1_000_000_000, 1_000_000_000);
  await chmod(at("folder"), 0o500);
  await symlink("folder/x.txt", at("link"));
  await symlink("../.gitignore", at("up"));
  await symlink("nowhere", at("dangling"));
  await using session = await start(repository);
  await session.ready;
  const copy = (path: string) => join(session.worktree, "ignored", path);
  expect(await stat(copy("run.sh"))).toMatchObject({ mode: 0o100750, mtimeMs: 1_000_000_000_000 });
  expect((await stat(copy("folder"))).mode & 0o777).toBe(0o700);
  const links = ["link", "up", "dangling"].map((name) => readlink(copy(name)));
  expect(await Promise.all(links)).toEqual(["folder/x.txt", "../.gitignore", "nowhere"]);
  expect(await notices(session)).toEqual([]);
});

test("a link that leads outside is named and not copied, as a plain copy would", async () => {
  await using repository = await open({ ".worktreeinclude": "/ignored\n*.local\n", "ignored/x.txt": "x\n" });
  const outside = join(repository.folder, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "id_rsa"), "secret\n");
  const at = (path: string) => join(repository.path, path);
  await symlink("/etc/passwd", at("ignored/passwd"));
  await symlink("../../outside", at("ignored/relative"));
  await symlink(outside, at("folder.local"));
  await symlink("ignored/relative/id_rsa", at("through.local"));
  await symlink(at("ignored/x.txt"), at("back.local"));
  await cp(at("ignored"), join(repository.folder, "control"), { recursive: true, dereference: true });
  expect(await readFile(join(repository.folder, "control/relative/id_rsa"), "utf8")).toBe("secret\n");

  await using session = await start(repository);
  expect(await others(repository, session)).toEqual(["ignored/x.txt"]);
  const [notice, ...more] = await notices(session);
  expect(more).toEqual([]);
  expect(notice).toMatch(
    /^\.worktreeinclude names what was not copied: .*\(it is a link that leads out of the worktree\).* and 2 more$/,
  );
});

test("a folder that is a link is not gone into, as find -L would", async () => {
  await using repository = await open({ ".worktreeinclude": "/ignored/\n/ignored/id_rsa\n" });
  const outside = join(repository.folder, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "id_rsa"), "secret\n");
  await symlink(outside, join(repository.path, "ignored"));
  expect(execFileSync("find", ["-L", join(repository.path, "ignored"), "-name", "id_rsa"]).toString()).not.toBe("");
  await using session = await start(repository);
  await session.ready;
  expect(await repository.git("-C", session.worktree, "ls-files", "--others")).toBe("");
});

test("a link that the session has in a folder's place is not written through", async () => {
  await using repository = await open({ ".worktreeinclude": "/ignored/\n", "ignored/x.txt": "secret\n" });
  const outside = join(repository.folder, "outside");
  await mkdir(outside);
  const opened = await Repository.open(repository.path);
  const before = await start(repository);
  await before.ready;
  await writeFile(join(before.worktree, ".gitignore"), "");
  await rm(join(before.worktree, "ignored"), { recursive: true, force: true });
  await symlink(outside, join(before.worktree, "ignored"));
  await before.commitByHand();
  await before.close();
  await using fork = await forkSession(opened, { from: "fix" });
  expect(await notices(fork)).toEqual([expect.stringContaining("ignored (it cannot be copied:")]);
  await expect(lstat(join(outside, "x.txt"))).rejects.toThrow("ENOENT");
});

test("pipes and the git dir of a repository inside are named and not copied, and the rest is", async () => {
  await using repository = await open({ ".worktreeinclude": "/ignored/\n", "ignored/inner/x.txt": "x\n" });
  await repository.git("init", join(repository.path, "ignored/inner"));
  execFileSync("/usr/bin/mkfifo", [join(repository.path, "ignored/pipe")]);
  await using session = await start(repository);
  await session.ready;
  expect(await readFile(join(session.worktree, "ignored/inner/x.txt"), "utf8")).toBe("x\n");
  const [notice = ""] = await notices(session);
  expect(notice).toContain("ignored/pipe (it is neither a file nor a link)");
  expect(notice).toContain("ignored/inner/.git (it belongs to a repository of its own)");
  await expect(lstat(join(session.worktree, "ignored/inner/.git"))).rejects.toThrow("ENOENT");
});

test("what the session's own rules do not ignore is not copied, or it would be committed", async () => {
  await using repository = await open({
    ".worktreeinclude": "/later.txt\n/a.local\n",
    "later.txt": "x\n",
    "a.local": "",
  });
  await repository.write({ ".gitignore": "/later.txt\n*.local\n" });
  await using session = await start(repository, { clean: true });
  expect(await others(repository, session)).toEqual(["a.local"]);
  expect(await notices(session)).toEqual([
    ".worktreeinclude names what was not copied: later.txt (git does not ignore it in this session)",
  ]);
});

test.each(["a link", "a folder"])("%s in place of .worktreeinclude is said, and the session goes on", async (kind) => {
  await using repository = await open({ "a.local": "a\n" });
  const path = join(repository.path, ".worktreeinclude");
  if (kind === "a folder") await mkdir(path);
  else await symlink("/etc/hosts", path);
  await using session = await start(repository);
  expect(await others(repository, session)).toEqual([]);
  expect(await notices(session)).toEqual([
    `nothing was copied into the worktree: .worktreeinclude is ${
      kind === "a folder" ? "a folder and not a list of files to copy" : "a symbolic link, and is not followed"
    }`,
  ]);
});

test("a fork, and a session whose worktree was deleted, get them from the user's checkout", async () => {
  await using repository = await open({ ".worktreeinclude": "*.local\n", "a.local": "one\n" });
  const opened = await Repository.open(repository.path);
  const first = await start(repository);
  await first.ready;
  await first.close();
  await repository.write({ "a.local": "two\n" });
  await using fork = await forkSession(opened, { from: "fix" });
  await fork.ready;
  expect(await readFile(join(fork.worktree, "a.local"), "utf8")).toBe("two\n");
  const again = await resumeSession(opened, "fix");
  await again.ready;
  expect(await readFile(join(again.worktree, "a.local"), "utf8")).toBe("one\n");
  await again.close();
  await rm(again.worktree, { recursive: true });
  await using anew = await resumeSession(opened, "fix");
  await anew.ready;
  expect(await readFile(join(anew.worktree, "a.local"), "utf8")).toBe("two\n");
});

test("without .worktreeinclude the ignored folders and files at the root that the session lacks are named once", async () => {
  await using repository = await open({ "a.local": "", "node_modules/x/y.js": "", "ignored/x": "" });
  const session = await start(repository);
  expect(await notices(session)).toEqual([
    "the worktree has no ignored/, node_modules/, a.local (ignored by git); name them in .worktreeinclude to have them copied",
  ]);
  await session.close();
  await using again = await resumeSession(await Repository.open(repository.path), "fix");
  expect(await notices(again)).toEqual([]);
});
