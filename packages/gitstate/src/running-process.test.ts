import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { hasEnded, stateByPs, thisProcess } from "./running-process.ts";

test("a process has not ended while it runs, and has when it was killed", async () => {
  expect(await hasEnded(await thisProcess())).toBe(false);
  const child = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  await once(child, "spawn");
  const identity = { pid: child.pid ?? 0, startTime: "" };
  expect(await hasEnded(identity)).toBe(false);
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
  expect(await hasEnded(identity)).toBe(true);
});

test("a process that started at another time is another one", async () => {
  const { pid, startTime } = await thisProcess();
  expect(startTime).toMatch(/^\d+$/);
  expect(await hasEnded({ pid, startTime: `${startTime}1` })).toBe(true);
});

test("a process of another user has not ended", async () => {
  expect(await hasEnded({ pid: 1, startTime: "" })).toBe(false);
});

test("ps tells the same time of a process whenever it is asked, and nothing of one that is not there", async () => {
  const first = await stateByPs(process.pid);
  expect(first).toEqual({ startTime: expect.stringMatching(/^\d+$/), isZombie: false });
  expect(await stateByPs(process.pid)).toEqual(first);
  expect(await stateByPs(999_999_999)).toBeUndefined();
});
