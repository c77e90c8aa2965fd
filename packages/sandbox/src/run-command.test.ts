import { spawnSync } from "node:child_process";
import { getEventListeners } from "node:events";
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { commandEnvironment } from "./command-environment.ts";
import { CommandNotStarted, type RunCommandOptions, runCommand } from "./run-command.ts";

function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "bough-command-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function run(command: string, options: Partial<RunCommandOptions> = {}) {
  return runCommand({ command, cwd: tmpdir(), env: commandEnvironment(), ...options });
}

/** A dead process that nobody has asked for yet does not count. */
function isAlive(pid: string): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", pid.trim()], { encoding: "utf8" });
  return /^[^Z\s]/.test(stdout);
}

test("a command runs in its folder and its output and exit code come back", async () => {
  const cwd = temporaryFolder();
  expect(await run("pwd; exit 3", { cwd })).toEqual({ status: "exited", code: 3, output: `${cwd}\n` });
});

test("standard output and standard error arrive in the order in which they were written", async () => {
  const { output } = await run("for i in $(seq 200); do echo out $i; echo err $i >&2; done");
  const expected = Array.from({ length: 200 }, (_, index) => `out ${index + 1}\nerr ${index + 1}\n`).join("");
  expect(output).toBe(expected);
});

test("a command can open /dev/stdout and /dev/stderr", async () => {
  const result = await run("echo one > /dev/stderr; echo two | tee /dev/stderr; echo three > /dev/stdout");
  expect(result).toEqual({ status: "exited", code: 0, output: "one\ntwo\ntwo\nthree\n" });
});

test("bash is what runs it, and standard input is closed", async () => {
  expect((await run("read -r line; echo $?; [[ a == a ]] && echo $BASH_VERSION")).output).toMatch(/^1\n\d/);
});

test("output is streamed while the command runs", async () => {
  const folder = temporaryFolder();
  const go = join(folder, "go");
  const seen: string[] = [];
  const { output } = await run(`echo first; until [ -e ${go} ]; do sleep 0.01; done; echo second`, {
    onOutput: (text) => {
      seen.push(text);
      writeFileSync(go, "");
    },
  });
  expect(seen[0]).toBe("first\n");
  expect(output).toBe("first\nsecond\n");
});

test("a character that arrives in two pieces is one character, and bytes that are none are marked", async () => {
  const { output } = await run(`printf '\\xe2\\x82'; sleep 0.05; printf '\\xac \\xff\\xfe \\xe2'`);
  expect(output).toBe("€ \ufffd\ufffd \ufffd");
});

test("control characters are handed back as they came", async () => {
  expect((await run(`printf '\\033]52;c;eA==\\a\\0\\r\\n'`)).output).toBe("\u001b]52;c;eA==\u0007\0\r\n");
});

test("of 50 MB of output both ends are kept, the cut is counted, and memory stays flat", async () => {
  const before = process.memoryUsage().arrayBuffers;
  let streamed = 0;
  let most = 0;
  const { output } = await run("echo begin; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo end", {
    onOutput: (text) => {
      streamed += text.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    },
  });
  expect(streamed).toBe(50_000_011);
  expect(output).toMatch(/^begin\nx+\n\[… 49,970,011 bytes cut …\]\nx+\nend\n$/);
  expect(most).toBeLessThan(40_000_000);
});

test("one line of 1 MB and 10,000 lines are cut to about 30 KB", async () => {
  for (const command of ["head -c 1000000 /dev/zero | tr '\\0' x", "seq 10000", "head -c 100000 /dev/urandom"]) {
    const { output } = await run(command);
    expect(Buffer.byteLength(output)).toBeLessThan(30_100);
    expect(output).toMatch(/bytes cut/);
  }
});

test("a command killed by a signal says which", async () => {
  expect(await run("echo last words; kill -9 $$")).toEqual({
    status: "killed",
    signal: "SIGKILL",
    output: "last words\n",
  });
});

test("a command that takes too long is stopped, and what it said until then and while ending is kept", async () => {
  const result = await run("trap 'echo tidied up; exit 0' TERM; echo started; while :; do sleep 0.01; done", {
    timeout: 300,
  });
  expect(result.status).toBe("timed-out");
  expect(result.output).toMatch(/^started\n.*tidied up\n$/s);
});

test("the time limit holds although the command keeps printing", async () => {
  expect(await run("while :; do echo x; sleep 0.01; done", { timeout: 300 })).toMatchObject({ status: "timed-out" });
});

test("a command that ignores being asked is killed, with its children", async () => {
  const result = await run("trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000", { timeout: 300 });
  expect(result.status).toBe("timed-out");
  await expect.poll(() => isAlive(result.output)).toBe(false);
});

test("an interruption ends the command", async () => {
  const controller = new AbortController();
  const result = await run("echo $$; sleep 1000", { signal: controller.signal, onOutput: () => controller.abort() });
  expect(result.status).toBe("interrupted");
  await expect.poll(() => isAlive(result.output)).toBe(false);
});

test("an interruption from before is not followed by a start", async () => {
  const file = join(temporaryFolder(), "started");
  expect(await run(`touch ${file}`, { signal: AbortSignal.abort() })).toEqual({ status: "interrupted", output: "" });
  expect(existsSync(file)).toBe(false);
});

test("a child left behind holds up nothing and is killed", async () => {
  const { status, output } = await run("sleep 1000 & echo $!");
  expect(status).toBe("exited");
  await expect.poll(() => isAlive(output)).toBe(false);
});

test("a grandchild in a session of its own, holding the pipe, holds up nothing", async () => {
  const { status, output } = await run("setsid sh -c 'echo $$; exec sleep 1000' & sleep 0.3");
  expect(status).toBe("exited");
  process.kill(Number(output.trim()), "SIGKILL");
});

test("an abort signal used for many commands collects no listeners", async () => {
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 20 }, () => run("true", { signal, timeout: 10_000 })));
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a folder that is gone is named", async () => {
  const cwd = join(temporaryFolder(), "gone");
  await expect(run("true", { cwd })).rejects.toThrow(CommandNotStarted);
  await expect(run("true", { cwd })).rejects.toThrow(`there is no folder ${cwd}`);
});

test("a command longer than the system takes is refused with what to do instead", async () => {
  await expect(run(`: ${"x".repeat(3_000_000)}`)).rejects.toThrow("Write a script file and run that");
});
