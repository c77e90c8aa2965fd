import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { analyzeCommand, matchingRule, whyNotAllowed } from "./command-rules.ts";
import { parseRule, type Rule } from "./rule.ts";

/** Whether a plain bash, told a command in a small repository, leaves the file that the attack is to leave. */
function leavesItsMark(command: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), "bough-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, maxRetries: 10 }));
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

describe("a rule that denies a program is met, and rules that allow the others do not cover, what runs it by", () => {
  test.each([
    "env -iu ls ./mark",
    "env --uns ls ./mark",
    "mkdir ls; env -iC ls ../mark; mv ls/ran .",
    "echo x | xargs --replace ./mark ls",
    "echo x | xargs --max-lines ./mark ls",
    "echo x | xargs -rI ls ./mark",
    "nice --adj 5 ./mark",
    "timeout --sig KILL 5 ./mark",
    "stdbuf --out L ./mark",
    "exec -cla ls ./mark",
    "jobs -x ./mark",
    "sed '1e./mark' f",
    "sed '1{e./mark\n}' f",
    "sed 's/.*/.\\/mark/ge' f",
    "sed 's|.*|./mark|pe' f",
    "sed ':s/;1e./mark #/x/' f",
    "sed 'a\\\nx\n1e./mark' f",
    "declare -a 'a=($(./mark))'",
    "x='$(./mark)'; declare -a \"a=($x)\"",
    "readonly -a 'a=($(./mark))'",
    "export $(echo a=$(./mark))",
    "sort --compress-program=./mark -S 1k /bin/bash",
    "printf 'a:\\n\\t./mark\\n' | make -f -",
    "make -E 'a:;./mark' a",
    "git config alias.y '!./mark'; git y",
    "git -c trailer.x.command='a=ma;./$a\"rk\" #' interpret-trailers --trailer x=1 f",
    "git -c core.fsmonitor=./mark status",
    "git -c core.editor=./mark commit --amend",
    "printf '[core]\\nfsmonitor = ./mark\\n' > c; git -c include.path=$PWD/c status",
    "git rebase --root -x./mark",
    "git clone -q -u'./mark;git-upload-pack' . d",
    "git grep -O./mark one",
    "cat <<'E' | sh\n./mark\nE",
    "cat <<E\nx\nE \nE\n./mark",
    "echo .//mark | xargs env",
    "command -p -- ./mark",
    "for\\\n x in 1; do ./ma\\\nrk; done",
    "$'./m\\x61rk'",
    "coproc { ./mark; }; wait",
    "trap ./mark EXIT",
    "BASH_ALIASES[ls]=./mark; shopt -s expand_aliases\nls",
    "BASH_CMDS[ls]=./mark; ls",
    "printf './mark' | bash",
    "sleep 0 & wait -n -p 'a[$(./mark)0]'",
  ])("%j", (command) => {
    expect(leavesItsMark(command)).toBe(true);
    const analysis = analyzeCommand(command);
    expect(matchingRule(analysis, rules("mark"))).toBeDefined();
    expect(whyNotAllowed(analysis, rules(...OTHERS))).toBeDefined();
  });

  // Or the rows above would show no more than that whatever is odd is asked about.
  test.each([
    "env -u A NODE_ENV=test ls",
    "ls | xargs -n 1 -I{} ls {}",
    "timeout --preserve-status 5 ls -la",
    "sed -n '1,20p' f",
    "sed -i 's/one/else/g; /end/d' f",
    "sed -i '1i export const one = 1;' f",
    "sed '/one/{s/a/e/;p}' f",
    'export greeting="$USER"',
    "git -c color.ui=never -c core.quotePath=off log",
    "git commit -m 'remark: the end'",
    "make -j4 check",
    "sort -u f",
  ])("%j is none of them", (command) => {
    expect(matchingRule(analyzeCommand(command), rules("mark", "rm", "sudo"))).toBeUndefined();
  });
});

const OTHERS =
  "env ls xargs nice timeout stdbuf exec jobs sed declare readonly export sort make git cat sh echo command trap bash printf sleep wait mkdir mv".split(
    " ",
  );

function rules(...programs: readonly string[]): Rule[] {
  return programs.map((program) => parseRule(`Bash(${program}:*)`) ?? fail(program));
}
