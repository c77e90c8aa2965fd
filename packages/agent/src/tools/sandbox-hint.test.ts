import { expect, test } from "vitest";
import { type EndedCommand, sandboxHint } from "./sandbox-hint.ts";

const hint = (command: string, output: string, more: Partial<EndedCommand> = {}) =>
  sandboxHint({ command, output, hasNetwork: false, isDone: false, ...more });

const locked = "fatal: Unable to create '/r/.git/worktrees/w/index.lock': Read-only file system";

test("a git command that cannot write is told who commits, also when git itself says nothing or wants a commit first", () => {
  expect(hint("npm test && git add -A", locked)).toContain("bough commits what changes");
  expect(hint("git stash -u", "")).toContain("bough commits what changes");
  expect(hint("git rebase main", "error: Please commit or stash them.")).toContain("bough commits what changes");
  expect(hint("git config user.name x", "error: could not lock config file: Read-only file system")).toContain(
    "git can",
  );
  expect(hint("git diff --exit-code", "")).toBeUndefined();
});

test("it is told so too when the command went on after that", () => {
  expect(hint("git commit -m x || echo failed", `${locked}\nfailed`, { isDone: true })).toContain("bough commits");
  expect(hint("git commit --help | head", "GIT-COMMIT(1)", { isDone: true })).toBeUndefined();
  expect(hint("cat /proc/mounts", "Read-only file system", { isDone: true })).toBeUndefined();
});

test("what is exchanged with others is the user's", () => {
  expect(hint("git pull", "error: cannot open 'FETCH_HEAD': Read-only file system")).toContain("`bough merge` brings");
});

test("a write elsewhere, and the missing network, are named", () => {
  expect(hint("touch /x", "touch: cannot touch '/x': Read-only file system")).toContain("only the worktree");
  expect(hint("npm run fetch", "npm error code EAI_AGAIN")).toContain("no network");
});

test("programs that fetch without a word are known, unless they have the network or ask this machine", () => {
  for (const command of ["npm install", "cd a && pip install x", "curl -s http://example.com", "cargo fetch"]) {
    expect(hint(command, "")).toContain("network: true");
    expect(hint(command, "getaddrinfo EAI_AGAIN", { hasNetwork: true })).toBeUndefined();
  }
  expect(hint("curl -s http://localhost:3000", "")).toBeUndefined();
});

test("a failure of the command's own has no hint", () => {
  expect(hint("npm test", "1 failed")).toBeUndefined();
});
