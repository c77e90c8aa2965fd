import { expect, test } from "vitest";
import { namesDotGit } from "./dot-git.ts";

test.each([
  ".git",
  ".GIT",
  ".Git",
  "git~1",
  "GIT~1",
  ".git.",
  ".git ",
  ".git . .",
  ".git::$INDEX_ALLOCATION",
  ".git:stream",
  ".git .:x",
  ".g\u200cit",
  "\ufeff.git",
  ".git\u202e",
  ".git\u200b",
  "g\u200dit~1",
  "a\\.git\\config",
])("%j is taken for .git by some file system", (component) => {
  expect(namesDotGit(component)).toBe(true);
});

test.each([".gitignore", ".github", ".gitmodules", "git", "x.git", "git~", "git~x", ".git~", "..git", ".gi", ""])(
  "%j is an ordinary name",
  (component) => {
    expect(namesDotGit(component)).toBe(false);
  },
);
