import { expect, test } from "vitest";
import { namesDotGit } from "./dot-git.ts";

// A session's commits leave out the same names, and have the same list in gitstate's refused-path.test.ts.
test.each([
  ".git",
  ".GIT",
  ".Git",
  "git~1",
  "GIT~1",
  "git~2",
  ".git.",
  ".git ",
  ".git . .",
  "git~1 .",
  ".git::$INDEX_ALLOCATION",
  ".git:stream",
  ".git .:x",
  "git~1:x",
  ".g\u200cit",
  "\ufeff.git",
  ".git\u202e",
  ".g\u206fit",
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
