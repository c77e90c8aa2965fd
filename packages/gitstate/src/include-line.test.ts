import { execFileSync } from "node:child_process";
import { temporaryRepository } from "@bough/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { asBytePath, type BytePath, bytePathOf, pathBytes, toBytePath } from "./byte-path.ts";
import { includeLine } from "./include-line.ts";

test("the line stands at the root of the repository, a folder ends with a slash", () => {
  expect(["a.txt", ".env", "sub/.env", "data/", "#a", "!b"].map((path) => includeLine(toBytePath(path)))).toEqual([
    "/a.txt",
    "/.env",
    "/sub/.env",
    "/data/",
    "/#a",
    "/!b",
  ]);
});

test("git finds the path by its line, whatever the name is", async () => {
  await using repository = await temporaryRepository({ enter: true });
  const bytes = fc.uint8Array({ min: 1, minLength: 1, maxLength: 12 }).map(bytePathOf);
  const special = fc.string({ unit: fc.constantFrom(...":\\*?[] !#-^\r\nä\ufffd"), minLength: 1, maxLength: 8 });
  const name = fc
    .oneof(bytes, special.map(toBytePath))
    .map((path) => asBytePath(path.replaceAll("/", "-")))
    .filter((path) => path !== "." && path !== "..");
  const finds = async (path: BytePath) => {
    await repository.write({ ".gitignore": `${includeLine(path)}\n` });
    // Alone, a name that begins with a colon would be a pattern of git's own.
    const input = Buffer.concat([Buffer.from("./"), pathBytes(path)]);
    const options = { cwd: repository.path, env: repository.env, input };
    execFileSync("git", ["check-ignore", "--no-index", "--quiet", "-z", "--stdin"], options);
  };
  await fc.assert(fc.asyncProperty(name, finds), { numRuns: 60 });
});
