import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { RepositoryError } from "./errors.ts";
import { Repository } from "./repository.ts";
import { startSession } from "./start-session.ts";

function open(options: Parameters<typeof temporaryRepository>[0] = { files: { "a.txt": "one\n" } }) {
  return temporaryRepository({ enter: true, ...options });
}

async function reasonOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((error: unknown) => error);
  return error instanceof RepositoryError ? `${error.reason}: ${error.message}` : String(error);
}

test("a folder that is in no repository is refused with what to do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bough-none-"));
  expect(await reasonOf(Repository.open(folder))).toBe(
    `not-a-repository: ${folder} is not in a git repository, and bough keeps all it does in one. Run "git init" there, then try again.`,
  );
  await rm(folder, { recursive: true });
  expect(await reasonOf(Repository.open(folder))).toBe(`not-a-repository: There is no folder ${folder}.`);
});

test("a line break in the name of the repository or of the folder in it is refused, whatever path follows it", async () => {
  await using other = await open();
  await using repository = await open();
  const folder = join(repository.path, `a\n${other.path}`);
  await mkdir(folder, { recursive: true });
  expect(await reasonOf(Repository.open(folder))).toMatch(/^unusable: .* has a line break in its path/);
  const moved = join(repository.folder, "a\nb");
  await rename(repository.path, moved);
  expect(await reasonOf(Repository.open(moved))).toMatch(/^unusable: .* has a line break in its path/);
});

test("a bare repository is refused with what to do", async () => {
  await using repository = await open({ bare: true });
  expect(await reasonOf(Repository.open(repository.path))).toMatch(
    /^bare: .* is a bare repository: it has no files to work on\./,
  );
});

test("a clone that mirrors another is refused, since its next fetch would delete bough's branches", async () => {
  await using repository = await open();
  const opened = async () => startSession(await Repository.open(repository.path), { config: { text: "", extra: {} } });
  for (const refspec of [
    "+refs/*:refs/*",
    "+refs/heads/*:refs/heads/*",
    "refs/heads/b*:refs/heads/b*",
    "refs/x/*:refs/heads/bough/*",
  ]) {
    await repository.git("config", "remote.origin.fetch", refspec);
    expect(await reasonOf(opened())).toMatch(/^mirror: This repository mirrors another: remote\.origin\.fetch = /);
  }
  await repository.git("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*");
  await using session = await opened();
  expect(session.branch).toBe("bough/session");
});

test("a branch named bough is refused with how to rename it", async () => {
  await using repository = await open();
  await repository.git("branch", "bough");
  const start = async () => startSession(await Repository.open(repository.path), { config: { text: "", extra: {} } });
  expect(await reasonOf(start())).toBe(
    'names-blocked: A ref named refs/heads/bough stands where bough keeps its branches (bough/…). Rename it, as in "git branch -m bough bough-old".',
  );
  await repository.git("branch", "-m", "bough", "bough-old");
  await using session = await start();
  expect(session.branch).toBe("bough/session");
});

test("a session whose name no branch may have is refused before anything is made", async () => {
  await using repository = await open();
  const opened = await Repository.open(repository.path);
  for (const name of ["-D", "../../x", "a..b", "a\nb", "--upload-pack=x"]) {
    expect(await reasonOf(startSession(opened, { name, config: { text: "", extra: {} } }))).toMatch(/^bad-name: /);
  }
  expect(await repository.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
});

test("variables that would redirect git are not passed on", async () => {
  await using other = await open();
  await using repository = await open();
  process.env["GIT_DIR"] = join(other.path, ".git");
  process.env["GIT_INDEX_FILE"] = join(other.path, ".git/index");
  try {
    expect((await Repository.open(repository.path)).root).toBe(repository.path);
  } finally {
    delete process.env["GIT_DIR"];
    delete process.env["GIT_INDEX_FILE"];
  }
});
