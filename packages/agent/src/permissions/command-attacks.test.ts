import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { analyzeCommand, whyNotAllowed } from "./command-rules.ts";
import { parseRule } from "./rule.ts";

/** Whether a plain bash, told a command in a small repository, leaves the file that the attack is to leave. */
function leavesItsMark(command: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), "bough-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const env = { PATH: process.env["PATH"], HOME: folder, EMAIL: "a@example.com", GIT_CONFIG_NOSYSTEM: "1" };
  const run = (line: string) => spawnSync("bash", ["-c", line], { cwd: folder, env, stdio: "ignore", timeout: 20_000 });
  writeFileSync(join(folder, "f"), "one\n");
  writeFileSync(join(folder, "mark"), "#!/bin/sh\n: > ran\n", { mode: 0o755 });
  run("git init -q && git add f && git commit -qm One");
  run(command);
  return existsSync(join(folder, "ran"));
}

function isAllowed(command: string, rule: string): boolean {
  return whyNotAllowed(analyzeCommand(command), [parseRule(`Bash(${rule})`) ?? fail(rule)]) === undefined;
}

function fail(rule: string): never {
  throw new Error(`${rule} is no rule`);
}

describe("a rule that allows git log does not allow what bash makes of", () => {
  test.each([
    "git log --output=ran -p",
    "git log --output ran -p",
    "git -c alias.x='!./mark' x; git log",
    "git log; ./mark",
    "git log\n./mark",
    'git log "$(./mark)"',
    "git log `./mark`",
    "git log <<E\n$(./mark)\nE",
    "git log > ran",
    "git log$IFS--output=ran$IFS-p",
    "PATH=.:$PATH; cp mark git; git log",
    "GIT_EXTERNAL_DIFF=./mark git log -p --ext-diff",
    `${"true && ".repeat(49)}./mark`,
    "git() { ./mark; }; git log",
    "coproc ./mark; wait; git log",
  ])("%j", (command) => {
    expect(leavesItsMark(command)).toBe(true);
    expect(isAllowed(command, "git log:*")).toBe(false);
    expect(isAllowed("git log --oneline", "git log:*")).toBe(true);
  });
});

describe("a rule that allows a program does not allow what it runs or writes by", () => {
  test.each([
    ["find . -name f -exec ./mark ';'", "find:*"],
    ["find . -name f -fls ran", "find:*"],
    ["sed '1e ./mark' f", "sed:*"],
    ["sed 's/one/.\\/mark/e' f", "sed:*"],
    ["sed --expression='w ran' f", "sed:*"],
    ["awk 'BEGIN{system(\"./mark\")}'", "awk:*"],
    ["awk '{print > \"ran\"}' f", "awk:*"],
    ["sort --outp=ran f", "sort:*"],
    ["sort f -oran", "sort:*"],
    ["tar cf /dev/null f --checkpoint=1 --checkpoint-action=exec=./mark", "tar:*"],
    ["tar -c -f /dev/null --use-compress-prog=./mark f", "tar:*"],
    ["echo f | xargs ./mark", "xargs:*"],
    ["uniq f ran", "uniq:*"],
    ["shuf -o ran f", "shuf:*"],
    ["split --filter=./mark f", "split:*"],
    ["tee ran < f", "tee:*"],
    ["dd if=f of=ran", "dd:*"],
    ["env -S ./mark", "env:*"],
    ["git archive -o ran HEAD", "git archive:*"],
    ["git archive --format=tar HEAD | ./mark", "git archive:*"],
    ["git rebase --root --exec ./mark", "git rebase:*"],
    ["git clone -q -u './mark;git-upload-pack' . d", "git clone:*"],
  ])("%s", (command, rule) => {
    expect(leavesItsMark(command)).toBe(true);
    expect(isAllowed(command, rule)).toBe(false);
  });
});
