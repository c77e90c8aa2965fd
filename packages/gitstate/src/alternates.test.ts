import { join } from "node:path";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { borrowedObjects } from "./alternates.ts";

test("what a clone of a clone borrows is found in both", async () => {
  await using repository = await temporaryRepository({ files: { a: "a\n" } });
  const [one, two] = ["one", "two"].map((name) => join(repository.folder, name));
  await repository.git("clone", "--quiet", "--shared", repository.path, `${one}`);
  await repository.git("clone", "--quiet", "--shared", `${one}`, `${two}`);
  const objects = join(repository.path, ".git/objects");
  expect(borrowedObjects(`${one}/.git`)).toEqual([objects]);
  expect(new Set(borrowedObjects(`${two}/.git`))).toEqual(new Set([`${one}/.git/objects`, objects]));
});

test("a repository of its own borrows nothing", async () => {
  await using repository = await temporaryRepository({ files: { a: "a\n" } });
  expect(borrowedObjects(join(repository.path, ".git"))).toEqual([]);
});
