import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { AwaitedPipes } from "./awaited-pipes.ts";
import { toBytePath } from "./byte-path.ts";
import { RepositoryError } from "./errors.ts";
import { git, gitEnvironment } from "./git.ts";

const impatient = { patienceMs: 1 };

/** A folder with pipes in it. */
async function folderWithPipes(...names: string[]) {
  const path = await mkdtemp(join(tmpdir(), "pipes-"));
  for (const name of names) await mkdir(join(path, name, ".."), { recursive: true });
  execFileSync("mkfifo", names, { cwd: path });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function read(...files: string[]): Promise<string> {
  return (await promisify(execFile)("cat", files)).stdout;
}

test("a pipe reads as an empty file, one after the other, in whatever folder it is", async () => {
  const names = [".gitignore", "a/b/.gitattributes", "a/.gitmodules", "é/.mailmap", "B/.GITIGNORE"];
  await using folder = await folderWithPipes(...names);
  using pipes = new AwaitedPipes(folder.path, impatient);
  expect(await read(...names.map((name) => join(folder.path, name)))).toBe("");
  expect([...pipes.found].sort()).toEqual(names.map(toBytePath).sort());
});

test("git comes past hundreds of pipes within the limit", async () => {
  const names = Array.from({ length: 300 }, (_, i) => `${i}/.gitignore`);
  await using folder = await folderWithPipes(...names);
  await promisify(execFile)("git", ["init", "-q"], { cwd: folder.path });
  const { pipes } = await git(["ls-files", "--others", "--exclude-standard"], {
    cwd: folder.path,
    env: gitEnvironment(),
    workTree: folder.path,
  });
  expect(pipes).toHaveLength(300);
});

test("a link to a pipe in the folder is one too", async () => {
  await using folder = await folderWithPipes("pipe");
  await symlink("pipe", join(folder.path, ".gitignore"));
  using pipes = new AwaitedPipes(folder.path, impatient);
  expect(await read(join(folder.path, ".gitignore"))).toBe("");
  expect(pipes.found).toEqual([".gitignore"]);
});

test("pipes of other names, in .git and elsewhere are nobody's business, and neither are files", async () => {
  await using elsewhere = await folderWithPipes(".gitignore");
  await using folder = await folderWithPipes("pipe", ".git/.gitignore", "a/.gitignore");
  await writeFile(join(folder.path, ".gitignore"), "*.o\n");
  await symlink(join(elsewhere.path, ".gitignore"), join(folder.path, ".gitattributes"));
  await symlink(elsewhere.path, join(folder.path, "linked"));
  using pipes = new AwaitedPipes(folder.path, impatient);
  await read(join(folder.path, "a/.gitignore"));
  expect(pipes.found).toEqual(["a/.gitignore"]);
});

test("a pipe that somebody holds open is given up on, and named", async () => {
  await using folder = await folderWithPipes(".gitattributes", "a/.gitignore");
  const holder = spawn("sh", ["-c", "exec 9<>.gitattributes; echo held; exec cat <&9"], { cwd: folder.path });
  await once(holder.stdout, "data");
  const reader = spawn("cat", [".gitattributes"], { cwd: folder.path });
  using pipes = new AwaitedPipes(folder.path, { ...impatient, limitMs: 50 });
  await once(pipes.signal, "abort");
  expect(reader.exitCode).toBe(null);
  expect(pipes.signal.reason).toBeInstanceOf(RepositoryError);
  expect(String(pipes.signal.reason)).toBe(
    `RepositoryError: Cannot read the files of ${folder.path}: .gitattributes or one of 1 more is a pipe that somebody holds open, and reading it would never end. Remove it and try again.`,
  );
  for (const child of [reader, holder]) {
    child.kill("SIGKILL");
    await once(child, "close");
  }
});

test("nobody looks when the program was quick", async () => {
  await using folder = await folderWithPipes(".gitignore");
  const pipes = new AwaitedPipes(folder.path);
  pipes[Symbol.dispose]();
  expect(pipes.found).toEqual([]);
  expect(pipes.signal.aborted).toBe(false);
});
