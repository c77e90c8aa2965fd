import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findPublishing } from "./published-sessions.ts";
import { Repository } from "./repository.ts";

let repository: TemporaryRepository;

beforeEach(async () => {
  repository = await temporaryRepository({ enter: true });
  await repository.git("init", "--bare", join(repository.folder, "remote.git"));
  await repository.git("remote", "add", "origin", join(repository.folder, "remote.git"));
  await repository.git("branch", "bough/fix");
});

afterEach(() => repository[Symbol.asyncDispose]());

const published = async () => findPublishing(await Repository.open(repository.path));

test("a remote that holds the user's branches only is none of them", async () => {
  await repository.git("push", "--verbose", "origin", "main");
  expect(await published()).toEqual([]);
});

test("push --all takes conversations along, and the remote is named with them", async () => {
  await repository.git("push", "--verbose", "--all", "origin");
  expect(await published()).toEqual([{ remote: "origin", branches: ["bough/fix"], setting: undefined }]);
});

test.each([
  ["remote.origin.mirror", "true"],
  ["remote.origin.push", "+refs/heads/*:refs/heads/*"],
  ["remote.origin.push", "refs/heads/bough/*"],
])("%s = %s would with the next push", async (key, value) => {
  await repository.git("config", key, value);
  expect(await published()).toEqual([{ remote: "origin", branches: [], setting: `${key} = ${value}` }]);
});

test.each([
  ["remote.origin.mirror", "false"],
  ["remote.origin.push", "refs/heads/main"],
  ["remote.origin.push", "refs/tags/*"],
])("%s = %s would not", async (key, value) => {
  await repository.git("config", key, value);
  expect(await published()).toEqual([]);
});
