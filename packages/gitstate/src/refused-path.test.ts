import { expect, test } from "vitest";
import { toBytePath } from "./byte-path.ts";
import { isRefusedPath } from "./refused-path.ts";

// The sandbox refuses the same names to the file tools, and has the same list in dot-git.test.ts.
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
])("%j is taken for .git by some file system", (name) => {
  expect(isRefusedPath(toBytePath(name))).toBe(true);
  expect(isRefusedPath(toBytePath(`folder/${name}/config`))).toBe(true);
});

test.each([".gitignore", ".github", ".gitmodules", "git", "x.git", "git~", "git~x", ".git~", "..git", ".gi", ""])(
  "%j is an ordinary name",
  (name) => {
    expect(isRefusedPath(toBytePath(name))).toBe(false);
  },
);
