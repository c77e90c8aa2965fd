import { expect, test } from "vitest";
import { checkFolder, judgeFileSystem } from "./folder.ts";

const GB = 1024 ** 3;
const worktrees = { name: "worktrees", path: "/state/bough", move: "Set XDG_STATE_HOME", isCache: false };

test.each([
  [0xef53, 50 * GB, "ready", "/state/bough, 50 GB free on ext4"],
  [0x1234, 1.5 * GB, "ready", "/state/bough, 1.5 GB free"],
  [
    0xef53,
    0.5 * GB,
    "warning",
    /0\.5 GB free on ext4: a session may not fit\. Make room there\. Or: Set XDG_STATE_HOME/,
  ],
  [0xef53, 0, "blocked", /0\.0 GB free on ext4: too little to work with/],
  [0x01021994, 50 * GB, "warning", /on tmpfs, which is empty after the next start\. Set XDG_STATE_HOME/],
  [0x6969, 50 * GB, "warning", /on NFS, where locks/],
] as const)("on file system %i with %d bytes free it is so", (type, free, state, message) => {
  const check = judgeFileSystem(worktrees, { type, free });
  expect(check.state).toBe(state);
  expect(check.message).toMatch(message);
});

test("a cache may be lost, so it may lie anywhere", () => {
  expect(judgeFileSystem({ ...worktrees, isCache: true }, { type: 0x01021994, free: 50 * GB }).state).toBe("ready");
});

test("a folder that no one can write to is blocked, also for root", async () => {
  const check = await checkFolder({ ...worktrees, path: "/proc/self/none" });
  expect(check.state).toBe("blocked");
});
