import { execFile, spawn } from "node:child_process";
import { chmod, lstat, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Repository } from "./repository.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";

const author = { name: "m (bough)", email: "bough@localhost" };

type Edit =
  | { readonly edit: "write"; readonly path: string; readonly content: string }
  | { readonly edit: "link"; readonly path: string; readonly target: string }
  | { readonly edit: "mode"; readonly path: string; readonly executable: boolean }
  | { readonly edit: "remove"; readonly path: string };

// Few names, so that files, folders and links come to stand in each other's place.
const name = fc.constantFrom("a", "b", "é", "a b", "-n", "a\nb", "a.ignored", "B");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      edit: fc.constant("write"),
      path,
      content: fc.constantFrom("", "one\n", "two\n", "crlf\r\n", "\0"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ edit: fc.constant("link"), path, target: fc.constantFrom("a", "../b", "nowhere") }),
  },
  { weight: 1, arbitrary: fc.record({ edit: fc.constant("mode"), path, executable: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ edit: fc.constant("remove"), path }) },
);

async function perform(root: string, edit: Edit): Promise<void> {
  const path = join(root, edit.path);
  switch (edit.edit) {
    case "write":
      await clearWay(root, edit.path);
      return writeFile(path, edit.content);
    case "link":
      await clearWay(root, edit.path);
      return symlink(edit.target, path);
    case "mode":
      if (await isFile(path)) await chmod(path, edit.executable ? 0o755 : 0o644);
      return;
    case "remove":
      if (!(await isBehindLink(root, edit.path))) await rm(path, { recursive: true, force: true });
      return;
    default:
      return edit satisfies never;
  }
}

/** Makes the folders of a path, in place of files and links that stand there, and removes what stands at it. */
async function clearWay(root: string, path: string): Promise<void> {
  const names = path.split("/");
  for (let n = 1; n < names.length; n++) {
    const folder = join(root, ...names.slice(0, n));
    if ((await lstat(folder).catch(() => undefined))?.isDirectory() === true) continue;
    await rm(folder, { force: true });
    await mkdir(folder);
  }
  await rm(join(root, path), { recursive: true, force: true });
}

async function isFile(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isFile() === true;
}

async function isBehindLink(root: string, path: string): Promise<boolean> {
  const folders = path.split("/").slice(0, -1);
  const found = await Promise.all(
    folders.map((_, i) => lstat(join(root, ...folders.slice(0, i + 1))).catch(() => undefined)),
  );
  return found.some((stats) => stats !== undefined && !stats.isDirectory());
}

const run = promisify(execFile);

/** The tree that plain git would commit of the worktree. */
async function treeOf(repository: TemporaryRepository, { worktree }: Session): Promise<string> {
  const options = { cwd: worktree, env: repository.env };
  const control = ["--git-dir", join(repository.folder, "control"), "--work-tree", worktree];
  await run("git", [...control, "add", "--all"], options);
  const { stdout } = await run("git", [...control, "write-tree"], options);
  return stdout.trim();
}

test("whatever was done to the files, a scan commits what git add --all would", { timeout: 60_000 }, async () => {
  await using repository = await temporaryRepository({
    enter: true,
    files: { ".gitignore": "*.ignored\n", ".gitattributes": "* text=auto\n", a: "one\n", "b/a": "one\n" },
  });
  await repository.git("init", "--bare", join(repository.folder, "control"));
  await using session = await startSession(await Repository.open(repository.path), {
    name: "fix",
    config: { text: "", extra: {} },
  });
  await session.ready;
  let step = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 8 }), async (edits) => {
      for (const edit of edits) await perform(session.worktree, edit);
      const options = { subject: "Edit", author, changes: "scan", always: true } as const;
      const made = await session.commit({ step: ++step, turn: 1, blocks: [] }, options);
      const tree = await run("git", ["rev-parse", `${made?.commit}^{tree}`], {
        cwd: repository.path,
        env: repository.env,
      });
      expect(tree.stdout.trim()).toBe(await treeOf(repository, session));
    }),
    { numRuns: 40, endOnFailure: true },
  );
  expect(await repository.git("-C", session.worktree, "status", "--short")).toBe("");
  expect(await repository.git("fsck", "--strict")).toBe("");
});

test("whatever was done to the files, committing just their paths commits the same", { timeout: 60_000 }, async () => {
  await using repository = await temporaryRepository({ enter: true, files: { a: "one\n", "b/a": "one\n" } });
  await repository.git("init", "--bare", join(repository.folder, "control"));
  await using session = await startSession(await Repository.open(repository.path), {
    name: "fix",
    config: { text: "", extra: {} },
  });
  await session.ready;
  let step = 0;
  const files = edit.filter(({ edit }) => edit === "write" || edit === "link");
  await fc.assert(
    fc.asyncProperty(fc.array(files, { minLength: 1, maxLength: 4 }), async (edits) => {
      for (const edit of edits) await perform(session.worktree, edit);
      const options = { subject: "Edit", author, changes: edits.map(({ path }) => path), always: true } as const;
      const made = await session.commit({ step: ++step, turn: 1, blocks: [] }, options);
      const tree = await run("git", ["rev-parse", `${made?.commit}^{tree}`], {
        cwd: repository.path,
        env: repository.env,
      });
      expect(tree.stdout.trim()).toBe(await treeOf(repository, session));
    }),
    { numRuns: 25, endOnFailure: true },
  );
  expect(await repository.git("-C", session.worktree, "status", "--short")).toBe("");
});

test("a file that a job keeps rewriting does not keep a step from being committed", { timeout: 30_000 }, async () => {
  await using repository = await temporaryRepository({ enter: true, files: { "log.txt": "x".repeat(3_000_000) } });
  await using session = await startSession(await Repository.open(repository.path), {
    name: "fix",
    config: { text: "", extra: {} },
  });
  await session.ready;
  const file = join(session.worktree, "log.txt");
  const job = spawn(process.execPath, [
    "-e",
    `for (;;) require("fs").writeFileSync(${JSON.stringify(file)}, "y".repeat(3e6))`,
  ]);
  try {
    for (let step = 1; step <= 10; step++) {
      await writeFile(join(session.worktree, "b.txt"), `${step}\n`);
      const made = await session.commit({ step, turn: 1, blocks: [] }, { subject: "Edit", author, changes: "scan" });
      expect(made?.files).toContain("b.txt");
    }
  } finally {
    job.kill("SIGKILL");
  }
  expect(await repository.git("fsck", "--strict")).toBe("");
});

test("what a write that was killed left half-done is not committed", async () => {
  await using repository = await temporaryRepository({ enter: true, files: { a: "one\n" } });
  await using session = await startSession(await Repository.open(repository.path), {
    name: "fix",
    config: { text: "", extra: {} },
  });
  await session.ready;
  await writeFile(join(session.worktree, ".bough-0123456789abcdef.tmp"), "half");
  await writeFile(join(session.worktree, "b"), "whole");
  const made = await session.commit({ step: 1, turn: 1, blocks: [] }, { subject: "Edit", author, changes: "scan" });
  expect(made?.files).toEqual(["b"]);
});
