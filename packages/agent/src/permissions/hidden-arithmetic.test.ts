import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { analyzeCommand, matchingRule, whyNotAllowed } from "./command-rules.ts";
import { parseRule } from "./rule.ts";

const rules = (text: string) => [parseRule(text) ?? expect.unreachable()];
const isAllowed = (command: string) => whyNotAllowed(analyzeCommand(command), rules("Bash(ls:*)")) === undefined;

/** In two parts and without a blank, so that no word of the command shows what they come to. */
const hidden = (use: string) => `x='$({touch,made})'; y="a[$x]"; ${use}; ls`;

test.each([
  "[[ $y -eq 1 ]]",
  "[[ 1 -lt y ]]",
  "[[ -v $y ]]",
  "[[ ! ( -n x && $y -ge 0 ) ]]",
  'test -v "$y"',
  "[ -v $y ]",
  'o=-v; [ "$o" "$y" ]',
  'o=-v; [ ! "$o" "$y" ]',
  "z='x -o -v '$y; [ -n $z ]",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  "b=(1 2); echo ${b[y]}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  "z=12; echo ${z:y}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  "z=12; echo ${z:0:y}",
  "b[y]=1",
  "b=([y]=1)",
  "b+=([0]=1 [y]=2)",
])("a command that bash runs while it computes is neither allowed nor overlooked by a rule: %s", (use) => {
  const folder = mkdtempSync(join(tmpdir(), "bough-arithmetic-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const command = hidden(use);
  expect(isAllowed(command)).toBe(false);
  expect(matchingRule(analyzeCommand(command), rules("Bash(touch:*)"))).toEqual({
    rule: "Bash(touch:*)",
    isSure: false,
  });

  spawnSync("bash", ["-c", command], { cwd: folder });
  expect(existsSync(join(folder, "made"))).toBe(true);
});

test.each([
  '[[ $? -eq 0 && -n "$x" && $# -lt 3 ]]',
  "[[ -v HOME && $x == y* ]]",
  '[ -z "$x" ]',
  '[ "$x" = "$y" ]',
  '[ -f a -a "$x" != y ]',
  "[ $# -gt 0 ]",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  'echo "${x:1}" "${b[@]}" ${b[0]} ${#b[@]}',
  "b=(1 2); b[0]=3",
])("what computes with numbers alone, or compares, asks nobody: %s", (use) => {
  expect(isAllowed(`${use}; ls`)).toBe(true);
});
