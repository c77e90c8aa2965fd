import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runInTerminal } from "./run-in-terminal.ts";

const env = { PATH: process.env.PATH ?? "", HOME: tmpdir() };

test("it runs where and with what it is told to, and how it ended is told", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "run-in-terminal-"));
  const run = (command: string) => runInTerminal({ command, cwd, env: { ...env, WHO: "me" } });
  expect(await run('echo "$WHO" > who; exit 3')).toEqual({ status: "exited", code: 3 });
  expect(readFileSync(join(cwd, "who"), "utf8")).toBe("me\n");
  expect(await run("kill -TERM $$")).toEqual({ status: "killed", signal: "SIGTERM" });
});

test("it is in the process group of who starts it, so that a terminal takes it for the same", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "run-in-terminal-"));
  const group = "ps -o pgid= -p";
  await runInTerminal({ command: `[ $(${group} $$) = $(${group} ${process.pid}) ] && echo same > group`, cwd, env });
  expect(readFileSync(join(cwd, "group"), "utf8")).toBe("same\n");
});

test("a folder that is not there is said", async () => {
  await expect(runInTerminal({ command: "true", cwd: "/nowhere/at/all", env })).rejects.toThrow(
    "Cannot run the command: there is no folder /nowhere/at/all.",
  );
});

test("an abort tells it that the terminal is gone", async () => {
  const signal = AbortSignal.timeout(10);
  expect(await runInTerminal({ command: "sleep 60", cwd: tmpdir(), env, signal })).toEqual({
    status: "killed",
    signal: "SIGHUP",
  });
});
