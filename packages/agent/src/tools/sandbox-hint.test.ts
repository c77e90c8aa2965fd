import { expect, test } from "vitest";
import { sandboxHint } from "./sandbox-hint.ts";

test("a git command that cannot write is told who commits, also when git itself says nothing", () => {
  const output = "fatal: Unable to create '/r/.git/worktrees/w/index.lock': Read-only file system";
  expect(sandboxHint("npm test && git add -A", output)).toContain("bough commits what changes");
  expect(sandboxHint("git stash -u", "")).toContain("bough commits what changes");
  expect(sandboxHint("git diff --exit-code", "")).toBeUndefined();
});

test("a write elsewhere, and the missing network, are named", () => {
  expect(sandboxHint("touch /x", "touch: cannot touch '/x': Read-only file system")).toContain("only the worktree");
  expect(sandboxHint("npm i", "npm error code EAI_AGAIN")).toContain("no network");
});

test("a failure of the command's own has no hint", () => {
  expect(sandboxHint("npm test", "1 failed")).toBeUndefined();
});
