import { existsSync } from "node:fs";
import { join } from "node:path";
import { ShellSession } from "@bough/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { bashTool } from "./bash.ts";
import { jobsTool } from "./jobs.ts";
import { worktreeFixtures } from "./worktree-fixture.ts";

const worktreeFixture = worktreeFixtures(onTestFinished);

/** Prints a line whenever the file of that name is there, and removes it. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
const lineForFile = "while :; do for f in say-*; do [ -e $f ] && echo ${f#say-} && rm $f; done; sleep 0.01; done";

function fixture() {
  const { call, put, root } = worktreeFixture();
  // The program that the tests run on need not be in a folder that commands see.
  const shell = new ShellSession({ worktree: root, readable: [process.execPath] });
  onTestFinished(() => shell.close());
  return {
    put,
    root,
    start: async (command: string, timeout?: number) =>
      (await call(bashTool, { command, timeout, run_in_background: true }, { shell })).text,
    bash: async (command: string) => (await call(bashTool, { command }, { shell })).text,
    jobs: (input: object) => call(jobsTool, input),
  };
}

test("a job gives its id and first words, and commands run beside it", async () => {
  const { start, bash, jobs } = fixture();
  expect(await start("echo ready; sleep 1000")).toBe("ready\n[job 1 is running]");
  expect(await bash("echo beside")).toBe("beside");
  expect(await jobs({ action: "list" })).toEqual({ text: "job 1 is running: echo ready; sleep 1000" });
});

test("the log is read from where it was read last", async () => {
  const { start, jobs, put } = fixture();
  await start(`echo first; ${lineForFile}`);
  put("say-second", "");
  expect(await jobs({ action: "wait", pattern: "^second$" })).toEqual({
    text: "second\n[job 1 is running; what was waited for is there]",
  });
  expect(await jobs({ action: "logs", id: 1 })).toEqual({ text: "[job 1 is running]" });
});

test("of a long log both ends are shown and the cut is counted", async () => {
  const { start, jobs, put } = fixture();
  await start("until [ -e go ]; do sleep 0.01; done; seq 100000");
  put("go", "");
  const { text } = await jobs({ action: "wait" });
  expect(text.length).toBeLessThan(30_200);
  expect(text).toMatch(/^1\n2\n.*bytes cut …\].*\n99999\n100000\n\[job 1 ended: exit code 0\]$/s);
});

test("a wait finds what was printed before it began", async () => {
  const { start, jobs } = fixture();
  await start("echo listening on 3000; sleep 1000");
  expect((await jobs({ action: "wait", pattern: "listening on \\d+" })).isError).toBeUndefined();
});

test("a wait for a port ends when it is listened on, and other commands reach it", async () => {
  const { start, jobs, bash } = fixture();
  const server = 'require("net").createServer((socket) => socket.end("served\\n")).listen(47113)';
  await start(`sleep 1.1; exec '${process.execPath}' -e '${server}'`);
  expect(await jobs({ action: "wait", port: 47113 })).toEqual({
    text: "[job 1 is running; what was waited for is there]",
  });
  expect(await bash("cat < /dev/tcp/127.0.0.1/47113")).toBe("served");
});

test("a wait for the end, for a time, and for words that never come are told apart", async () => {
  const { start, jobs } = fixture();
  await start("sleep 1000");
  expect(await jobs({ action: "wait", timeout: 60 })).toEqual({
    text: "[job 1 is running; what was waited for did not come in 60 ms]",
    isError: true,
  });
  const ended = jobs({ action: "wait", pattern: "never" });
  await jobs({ action: "kill" });
  expect(await ended).toEqual({
    text: "[job 1 ended: killed by SIGTERM; what was waited for did not come]",
    isError: true,
  });
});

test("a job that fails at once is a failed call that says how", async () => {
  const { start } = fixture();
  expect(await start("echo no such thing >&2; exit 4")).toBe("no such thing\n[job 1 ended: exit code 4]");
});

test("a killed job takes all it started with it, also what does not listen", async () => {
  const { start, jobs, root, bash } = fixture();
  await start("trap '' TERM; (trap '' TERM; while :; do touch alive; sleep 0.02; done) & wait; sleep 1000");
  expect((await jobs({ action: "kill" })).text).toBe("[job 1 ended: killed by SIGKILL]");
  await bash("rm alive; sleep 0.2");
  expect(existsSync(join(root, "alive"))).toBe(false);
}, 15_000);

test("a job with a timeout ends with it", async () => {
  const { start } = fixture();
  expect(await start("sleep 1000", 200)).toBe("[job 1 ended: killed by SIGTERM]");
});

test("seventeen jobs at once are too many", async () => {
  const { start } = fixture();
  await Promise.all(Array.from({ length: 16 }, () => start("exec sleep 1000")));
  await expect(start("sleep 1000")).rejects.toThrow("16 jobs are running");
}, 30_000);

test("a job that is not there is answered with those that are", async () => {
  const { start, jobs } = fixture();
  await expect(jobs({ action: "logs", id: "7" })).rejects.toThrow(
    "There is no job 7. None runs: Bash with run_in_background starts one.",
  );
  expect(await jobs({ action: "list" })).toEqual({ text: "No job was started." });
  await start("true");
  await start("true");
  await expect(jobs({ action: "kill" })).rejects.toThrow("Say which job, by its id. Jobs: 1, 2.");
});

test("a pattern that explodes, or is none, is refused", async () => {
  const { start, jobs } = fixture();
  await start(`echo ${"a".repeat(100)}!; sleep 1000`);
  await expect(jobs({ action: "wait", pattern: "^(a+)+$" })).rejects.toThrow("takes too long");
  await expect(jobs({ action: "wait", pattern: "(" })).rejects.toThrow("not a regular expression");
});
