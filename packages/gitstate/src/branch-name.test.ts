import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { checkName, forkNames, freeNames, nameFor } from "./branch-name.ts";

test.each([
  "-D",
  "../../x",
  "a..b",
  "a\nb",
  "--upload-pack=x",
  "",
  ".",
  "a/b",
  "Fix",
  "a b",
  "a.lock",
  "ü",
  "a~1",
  "a^",
  "@{u}",
  "x".repeat(61),
  "trailing-",
  "\0",
])("%j cannot name a session", (name) => {
  expect(() => checkName(name)).toThrow(/cannot name a session/);
});

test.each([
  ["fix-login", "fix-login"],
  ["bough/fix-login", "fix-login"],
  ["7", "7"],
  ["a_b.1", "a_b.1"],
])("%j names the session %j", (given, name) => {
  expect(checkName(given)).toBe(name);
});

test.each([
  ["Fix the login page", "fix-login-page"],
  ["Please can you make it use httpx instead of requests?", "make-httpx-instead-requests"],
  ["L'été à Zürich", "lete-zurich"],
  ["修复登录", "session"],
  ["", "session"],
  ["the", "the"],
  ["$(rm -rf /) && --force", "rm-rf-force"],
  [`a${"b".repeat(100)}`, `a${"b".repeat(29)}`],
])("the prompt %j makes the name %j", (prompt, name) => {
  expect(nameFor(prompt)).toBe(name);
  expect(checkName(nameFor(prompt))).toBe(name);
});

test("a name that is taken gets a number", () => {
  expect(freeNames("fix", new Set()).next().value).toBe("fix");
  expect(freeNames("fix", new Set(["fix", "fix-2"])).next().value).toBe("fix-3");
  expect(forkNames("fix", new Set(["fix", "fix.1"])).next().value).toBe("fix.2");
});

test("every name that is allowed can be a branch", async () => {
  await using repository = await temporaryRepository();
  for (const name of ["a", "a.b", "a--b", "a_-_b", "0.1.2", "x".repeat(60), "head", "stash"]) {
    await expect(repository.git("check-ref-format", "--branch", `bough/${checkName(name)}`)).resolves.toBe(
      `bough/${name}`,
    );
  }
});
