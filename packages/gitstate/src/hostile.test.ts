import { execFileSync } from "node:child_process";
import { access, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";

const author = { name: "m (bough)", email: "bough@localhost" };

async function open(files: Record<string, string> = {}): Promise<TemporaryRepository> {
  return temporaryRepository({ enter: true, files: { "a.txt": "one\n", "b.evil": "one\n", ...files } });
}

/** A program that leaves a trace when it is run. */
async function makeTrap(repository: TemporaryRepository) {
  const program = join(repository.folder, "trap");
  const trace = join(repository.folder, "trace");
  await writeFile(program, `#!/bin/sh\necho "$0 $*" >>"${trace}"\n`, { mode: 0o755 });
  return {
    program,
    /** What ran it, or "" when nothing did; the trace is gone after. */
    async sprung(): Promise<string> {
      const text = await readFile(trace, "utf8").catch(() => "");
      await rm(trace, { force: true });
      return text;
    },
  };
}

function appendConfig(repository: TemporaryRepository, text: string, file = ".git/config"): Promise<void> {
  return writeFile(join(repository.path, file), `\n${text}\n`, { flag: "a" });
}

/** All that a session does with git: start, commit by path and by scan, read, close, resume, recover. */
async function work(repository: TemporaryRepository, plant?: (session: Session) => Promise<void>): Promise<string> {
  await repository.write({ "dirty.evil": "uncommitted\n", "a.txt": "uncommitted\n" });
  const opened = await Repository.open(repository.path);
  const session = await startSession(opened, { name: "fix", config: { text: "", extra: {} } });
  await session.keep({ step: 1, turn: 1, blocks: [{ type: "user", text: "hi" }] });
  await session.ready;
  await plant?.(session);
  for (const path of ["b.evil", "c.evil", "a.txt"]) await writeFile(join(session.worktree, path), "by the model\n");
  await session.commit({ step: 1, turn: 1, blocks: [] }, { subject: "Write", author, changes: ["b.evil", "c.evil"] });
  await session.commit({ step: 2, turn: 1, blocks: [] }, { subject: "Scan", author, changes: "scan", always: true });
  await session.diffstat((await session.base()) ?? "");
  await session.conversation();
  await writeFile(join(session.worktree, "d.evil"), "by hand\n");
  await session.close();
  const again = await resumeSession(opened, "fix");
  await again.commitByHand();
  await again.close();
  return repository.git("-c", "core.fsmonitor=false", "ls-tree", "-r", "--name-only", "bough/fix");
}

const WRITTEN = "a.txt\nb.evil\nc.evil\nd.evil\ndirty.evil";

test("a monitor in the repository's configuration is not run, as git status would", async () => {
  await using repository = await open();
  const trap = await makeTrap(repository);
  await appendConfig(repository, `[core]\nfsmonitor = ${trap.program}`);
  await repository.git("status");
  expect(await trap.sprung()).not.toBe("");
  expect(await work(repository)).toBe(WRITTEN);
  expect(await trap.sprung()).toBe("");
});

test.each([".git/hooks", "elsewhere"])(
  "hooks in %s are not run, as git commit and git worktree would",
  async (folder) => {
    await using repository = await open();
    const trap = await makeTrap(repository);
    const hooks = join(repository.path, folder);
    await mkdir(hooks, { recursive: true });
    const names = [
      "pre-commit",
      "post-commit",
      "post-checkout",
      "reference-transaction",
      "post-index-change",
      "commit-msg",
      "post-rewrite",
      "pre-auto-gc",
    ];
    await Promise.all(
      names.map((name) =>
        writeFile(join(hooks, name), `#!/bin/sh\n"${trap.program}" ${name} </dev/null\n`, { mode: 0o755 }),
      ),
    );
    if (folder !== ".git/hooks") await appendConfig(repository, `[core]\nhooksPath = ${hooks}`);
    await repository.commitAll("Spring it");
    await repository.git("worktree", "add", "-b", "control", join(repository.folder, "control"));
    expect(await trap.sprung()).toMatch(/reference-transaction.*post-checkout/s);
    expect(await work(repository)).toContain("c.evil\nd.evil\ndirty.evil");
    expect(await trap.sprung()).toBe("");
  },
);

test.each(["config", "config.worktree"])(
  "a filter in %s is not run, as git add and git checkout would",
  async (file) => {
    await using repository = await open({ ".gitattributes": "*.evil filter=evil\n" });
    const trap = await makeTrap(repository);
    if (file === "config.worktree") await appendConfig(repository, "[extensions]\nworktreeConfig = true");
    await appendConfig(
      repository,
      `[filter "evil"]\nclean = ${trap.program} clean\nsmudge = ${trap.program} smudge\nprocess = ${trap.program} process\nrequired = true`,
      `.git/${file}`,
    );
    await repository.write({ "control.evil": "x\n" });
    await repository.git("add", "control.evil").catch(() => {});
    expect(await trap.sprung()).not.toBe("");
    await repository.write({ "control.evil": undefined });
    await repository.git("rm", "--cached", "--force", "--ignore-unmatch", "control.evil").catch(() => {});
    await trap.sprung();
    expect(await work(repository)).toBe(`.gitattributes\n${WRITTEN}`);
    expect(await repository.git("cat-file", "blob", "bough/fix:c.evil")).toBe("by the model");
    expect(await trap.sprung()).toBe("");
  },
);

test("an external diff, a text conversion, a signing program and a pager are not run, as git log and git diff would", async () => {
  await using repository = await open({ ".gitattributes": "*.evil diff=evil merge=evil\n*.txt diff=evil\n" });
  const trap = await makeTrap(repository);
  await appendConfig(
    repository,
    `[diff]\nexternal = ${trap.program}\n[diff "evil"]\ntextconv = ${trap.program}\ncommand = ${trap.program}\n[merge "evil"]\ndriver = ${trap.program}\n[commit]\ngpgSign = true\n[gpg]\nprogram = ${trap.program}\n[core]\npager = ${trap.program}\neditor = ${trap.program}\nsshCommand = ${trap.program}`,
  );
  await repository.write({ "a.txt": "control\n" });
  await repository.git("diff");
  expect(await trap.sprung()).not.toBe("");
  expect(await work(repository)).toBe(`.gitattributes\n${WRITTEN}`);
  expect(await trap.sprung()).toBe("");
});

test("the remote of a partial clone cannot name a program to be run for an object that is missing", async () => {
  await using repository = await open();
  const trap = await makeTrap(repository);
  await appendConfig(
    repository,
    `[remote "origin"]\nurl = ${repository.path}\npromisor = true\nuploadpack = ${trap.program}\n[extensions]\npartialClone = origin\n[core]\nrepositoryFormatVersion = 1`,
  );
  const missing = "0123456789012345678901234567890123456789";
  await repository.git("cat-file", "-e", missing).catch(() => {});
  expect(await trap.sprung()).not.toBe("");
  const opened = await Repository.open(repository.path);
  await expect(resumeSession(opened, missing)).rejects.toThrow(/names no branch/);
  expect(await work(repository)).toBe(WRITTEN);
  expect(await trap.sprung()).toBe("");
});

test("a repository inside the worktree runs nothing, and its files are saved", async () => {
  await using repository = await open();
  const trap = await makeTrap(repository);
  let inner = "";
  const files = await work(repository, async ({ worktree }) => {
    inner = join(worktree, "inner");
    await mkdir(inner);
    await repository.git("init", inner);
    await writeFile(
      join(inner, ".git/config"),
      `[core]\nrepositoryFormatVersion = 0\nfsmonitor = ${trap.program}\n[filter "evil"]\nclean = ${trap.program}\n`,
    );
    await writeFile(join(inner, ".gitattributes"), "*.evil filter=evil\n");
    await writeFile(join(inner, "x.evil"), "x\n");
  });
  expect(files).toBe("a.txt\nb.evil\nc.evil\nd.evil\ndirty.evil\ninner/.gitattributes\ninner/x.evil");
  expect(await trap.sprung()).toBe("");
  await repository.git("-C", inner, "add", "--all").catch(() => {});
  expect(await trap.sprung()).not.toBe("");
});

test("a repository put into a submodule's folder runs nothing, and the folder is named", async () => {
  await using library = await temporaryRepository({ files: { "lib.txt": "lib\n" } });
  await using repository = await open();
  const trap = await makeTrap(repository);
  await repository.git("-c", "protocol.file.allow=always", "submodule", "add", library.path, "lib");
  await repository.commitAll("Add a submodule");
  let lib = "";
  await work(repository, async ({ worktree }) => {
    lib = join(worktree, "lib");
    await repository.git("init", lib);
    await writeFile(join(lib, "evil.txt"), "x\n");
    await repository.git("-C", lib, "add", "--verbose", ".");
    await repository.git("-C", lib, "-c", "user.name=x", "commit", "--message", "x");
    await writeFile(join(lib, ".git/config"), `[core]\nrepositoryFormatVersion = 0\nfsmonitor = ${trap.program}\n`);
  });
  expect(await trap.sprung()).toBe("");
  await repository.git("-C", join(lib, ".."), "status");
  expect(await trap.sprung()).not.toBe("");
  await using session = await resumeSession(await Repository.open(repository.path), "fix");
  await session.commitByHand();
  expect(session.leftOut).toContainEqual({ path: "lib/", reason: "a submodule" });
});

test("a repository in place of the worktree's .git runs nothing, and the files are saved", async () => {
  await using repository = await open();
  const trap = await makeTrap(repository);
  let worktree = "";
  const files = await work(repository, async (session) => {
    worktree = session.worktree;
    await rm(join(worktree, ".git"));
    await repository.git("init", worktree);
    await writeFile(
      join(worktree, ".git/config"),
      `[core]\nrepositoryFormatVersion = 0\nfsmonitor = ${trap.program}\n`,
    );
  });
  expect(files).toBe(WRITTEN);
  expect(await trap.sprung()).toBe("");
  await repository.git("-C", worktree, "status");
  expect(await trap.sprung()).not.toBe("");
});

test("a .git file that names another repository is put right", async () => {
  await using other = await temporaryRepository();
  await using repository = await open();
  const trap = await makeTrap(repository);
  await writeFile(
    join(other.path, ".git/config"),
    `[core]\nrepositoryFormatVersion = 0\nfsmonitor = ${trap.program}\n`,
  );
  let worktree = "";
  const files = await work(repository, async (session) => {
    worktree = session.worktree;
    await writeFile(join(worktree, ".git"), `gitdir: ${join(other.path, ".git")}\n`);
    await repository.git("-C", worktree, "status");
    expect(await trap.sprung()).not.toBe("");
  });
  expect(files).toBe(WRITTEN);
  expect(await repository.git("-C", worktree, "status", "--short")).toBe("");
  expect(await trap.sprung()).toBe("");
});

test("when the repository's own .git is gone nothing is forced, and the files stay", async () => {
  await using repository = await open();
  await using session = await startSession(await Repository.open(repository.path), {
    name: "fix",
    config: { text: "", extra: {} },
  });
  await session.ready;
  await writeFile(join(session.worktree, "b.txt"), "b\n");
  await rename(join(repository.path, ".git"), join(repository.path, "gone"));
  const commit = session.commit({ step: 1, turn: 1, blocks: [] }, { subject: "x", author, changes: "scan" });
  await expect(commit).rejects.toThrow(/^Cannot commit step 1 on bough\/fix|lacks object|ENOENT/);
  expect(await readFile(join(session.worktree, "b.txt"), "utf8")).toBe("b\n");
  await expect(access(join(repository.path, ".git"))).rejects.toThrow("ENOENT");
  await rename(join(repository.path, "gone"), join(repository.path, ".git"));
  expect(await repository.git("fsck", "--strict")).toBe("");
});

test("a folder that became a link to the outside is not read through", async () => {
  await using repository = await open({ "dir/x.txt": "x\n" });
  const outside = join(repository.folder, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "x.txt"), "secret\n");
  await using session = await startSession(await Repository.open(repository.path), {
    name: "fix",
    config: { text: "", extra: {} },
  });
  await session.ready;
  await rm(join(session.worktree, "dir"), { recursive: true });
  await symlink(outside, join(session.worktree, "dir"));
  await session.commit({ step: 1, turn: 1, blocks: [] }, { subject: "x", author, changes: ["dir/x.txt"] });
  await session.commit({ step: 2, turn: 1, blocks: [] }, { subject: "x", author, changes: "scan" });
  expect(await repository.git("ls-tree", "-r", "--format=%(objectmode) %(path)", "bough/fix")).toContain("120000 dir");
  expect(await repository.git("log", "-p", "--all")).not.toContain("secret");
});

test("what cannot be read is named, and the rest is committed", async () => {
  await using repository = await open();
  await using session = await startSession(await Repository.open(repository.path), {
    name: "fix",
    config: { text: "", extra: {} },
  });
  await session.ready;
  const pipe = join(session.worktree, "b.evil");
  await rm(pipe);

  execFileSync("/usr/bin/mkfifo", [pipe]);
  await writeFile(join(session.worktree, "b.txt"), "b\n");
  const made = await session.commit({ step: 1, turn: 1, blocks: [] }, { subject: "x", author, changes: "scan" });
  expect(made?.files).toEqual(["b.txt"]);
  expect(session.leftOut).toEqual([{ path: "b.evil", reason: "cannot be read" }]);
});

test.each([".gitignore", ".gitattributes"])(
  "a pipe in place of %s does not hold up a session, as it does git status and git add, and is named",
  async (name) => {
    await using repository = await open({ "sub/a.txt": "one\n", ".gitattributes": "*.txt text\n" });
    const opened = await Repository.open(repository.path);
    const session = await startSession(opened, { name: "fix", config: { text: "", extra: {} } });
    await session.keep({ step: 1, turn: 1, blocks: [{ type: "user", text: "hi" }] });
    await session.ready;
    const sub = join(session.worktree, "sub");
    execFileSync("mkfifo", [join(sub, name)]);
    await writeFile(join(sub, "b.txt"), "by the model\n");
    const limits = { cwd: session.worktree, timeout: 1_000, killSignal: "SIGKILL", stdio: "ignore" } as const;
    const plain = name === ".gitignore" ? ["status"] : ["add", "sub/b.txt"];
    expect(() => execFileSync("git", plain, limits)).toThrow("ETIMEDOUT");
    await rm(join(repository.path, ".git", "worktrees", "fix", "index.lock"), { force: true });

    await session.commit({ step: 1, turn: 1, blocks: [] }, { subject: "Scan", author, changes: "scan" });
    expect(session.leftOut).toEqual([{ path: `sub/${name}`, reason: "a pipe, not a file" }]);
    await writeFile(join(sub, "c.txt"), "by the model\n");
    await session.commit({ step: 2, turn: 1, blocks: [] }, { subject: "Write", author, changes: ["sub/c.txt"] });
    await session.close();
    expect(await repository.git("ls-tree", "--name-only", "bough/fix", "sub/")).toBe("sub/a.txt\nsub/b.txt\nsub/c.txt");
  },
);

test("a pipe in the user's checkout does not hold up the start of a session, and is named", async () => {
  await using repository = await open({ "sub/a.txt": "one\n" });
  await repository.write({ "sub/b.txt": "uncommitted\n" });
  execFileSync("mkfifo", [join(repository.path, "sub", ".gitignore")]);
  const opened = await Repository.open(repository.path);
  const session = await startSession(opened, { name: "fix", config: { text: "", extra: {} } });
  await session.ready;
  expect(session.leftOut).toEqual([{ path: "sub/.gitignore", reason: "a pipe, not a file" }]);
  expect(await readFile(join(session.worktree, "sub", "b.txt"), "utf8")).toBe("uncommitted\n");
  await session.close();
});
