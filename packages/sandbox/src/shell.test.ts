import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { shellInvocation } from "./shell.ts";

test("a relative entry of the search path cannot put the worktree's bash in the place of the system's", () => {
  const worktree = mkdtempSync(join(tmpdir(), "bough-shell-"));
  onTestFinished(() => rmSync(worktree, { recursive: true }));
  writeFileSync(join(worktree, "bash"), "#!/bin/sh\necho planted\n");
  chmodSync(join(worktree, "bash"), 0o755);
  const env = { PATH: `.:${process.env.PATH}` };
  const output = (program: string, args: readonly string[]) =>
    spawnSync(program, args, { cwd: worktree, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).stdout;

  expect(output("bash", ["-c", "echo genuine"])).toBe("planted\n");
  const { program, args } = shellInvocation("echo genuine", env.PATH);
  expect(output(program, args)).toBe("genuine\n");
});
