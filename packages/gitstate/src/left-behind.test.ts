import { mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findLeftBehind } from "./left-behind.ts";
import { Repository } from "./repository.ts";

let repository: TemporaryRepository;

beforeEach(async () => {
  repository = await temporaryRepository({ enter: true });
});

afterEach(() => repository[Symbol.asyncDispose]());

const leftBehind = async () => findLeftBehind(await Repository.open(repository.path));

test("a repository in which nothing was killed holds nothing", async () => {
  expect(await leftBehind()).toEqual({ cutShort: 0, locks: [], worktrees: [] });
});

test("a lock is left when it is old, and may be another git's while it is young", async () => {
  const lock = join(repository.path, ".git/index.lock");
  await writeFile(lock, "");
  expect(await leftBehind()).toMatchObject({ locks: [] });
  await utimes(lock, 0, 0);
  expect(await leftBehind()).toMatchObject({ locks: [lock] });
});

test("a landing whose process is dead is counted", async () => {
  await mkdir(join(repository.path, ".git/bough-land-4194999-xyz"));
  expect(await leftBehind()).toMatchObject({ cutShort: 1 });
});

test("a worktree whose folder is gone is named", async () => {
  const path = join(repository.folder, "other");
  await repository.git("worktree", "add", path);
  expect(await leftBehind()).toMatchObject({ worktrees: [] });
  await rm(path, { recursive: true });
  expect(await leftBehind()).toMatchObject({ worktrees: [path] });
});
