import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { analyzeCommand, matchingRule, whyNotAllowed } from "./command-rules.ts";
import { parseRule } from "./rule.ts";

/** More for a longer search. */
const runs = Number(process.env.FUZZ_RUNS ?? 60);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bough-test-"));
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin", "forbidden"), `#!/bin/sh\n: > "${folder}/ran"\n`);
  await chmod(join(folder, "bin", "forbidden"), 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Whether a real bash starts the program on its way through a command line. */
async function runsForbidden(command: string): Promise<boolean> {
  await rm(join(folder, "ran"), { force: true });
  const env = { PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}`, HOME: folder };
  const shell = spawn("bash", ["-c", command], { cwd: folder, env, stdio: "ignore", detached: true });
  const timer = setTimeout(() => endGroup(shell.pid), 5000);
  await once(shell, "exit");
  clearTimeout(timer);
  endGroup(shell.pid);
  return stat(join(folder, "ran")).then(
    () => true,
    () => false,
  );
}

/** Ends all that a shell left. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing was left.
  }
}

/** Ways to write the program's name. */
const name = fc.constantFrom(
  "forbidden",
  "\\forbidden",
  'for"bid"den',
  "f''orbidden",
  "$'\\x66orbidden'",
  "$'forb\\151dden'",
  "forbid\\\nden",
  "$(echo forbidden)",
  "`echo forbidden`",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  "${undefined:-forbidden}",
  "bin/forbidden",
  "./bin/forbidden",
  "./bin/forb?dden",
  "./bin/forb*",
  "./bin/f[o]rbidden",
  "bin/{forbidden,x}",
);

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Ways to put a command into another. */
const wrapping = fc.constantFrom<(command: string) => string>(
  (command) => `echo a; ${command}`,
  (command) => `true && ${command}`,
  (command) => `false || ${command}`,
  (command) => `! ${command}`,
  (command) => `echo a | ${command}`,
  (command) => `(${command}\n)`,
  (command) => `{ ${command}\n}`,
  (command) => `echo "$(${command}\n)"`,
  (command) => `cat <(${command}\n) >/dev/null`,
  (command) => `cat <<E\n$(${command}\n)\nE`,
  (command) => `if ${command}\nthen :; fi`,
  (command) => `for i in 1; do ${command}\ndone`,
  (command) => `while ${command}\nfalse; do :; done`,
  (command) => `case a in *) ${command}\n;; esac`,
  (command) => `f() { ${command}\n}; f`,
  (command) => `git() { ${command}\n}; git log`,
  (command) => `sh -c ${quoted(command)}`,
  (command) => `bash -ec ${quoted(command)}`,
  (command) => `eval ${quoted(command)}`,
  (command) => `env A=1 sh -c ${quoted(command)}`,
  (command) => `timeout 5 sh -c ${quoted(command)}`,
  (command) => `timeout --kill 1 5 sh -c ${quoted(command)}`,
  (command) => `env -iu echo PATH="$PATH" sh -c ${quoted(command)}`,
  (command) => `env --uns echo sh -c ${quoted(command)}`,
  (command) => `env -S ${quoted(`bash -c "${command.replaceAll(/[\\"$]/g, "\\$&")}"`)}`,
  (command) => `nice -n 1 nohup bash +e -c ${quoted(command)}`,
  (command) => `exec -cla echo bash -c ${quoted(command)}`,
  (command) => `echo a | xargs --replace sh -c ${quoted(command)}`,
  (command) => `echo a | xargs -rI echo sh -c ${quoted(command)}`,
  (command) => `echo ${quoted(command)} | xargs -d '\\n' -n 1 bash -c`,
  (command) => `git -c alias.x=${quoted(`!bash -c ${quoted(command)}`)} x`,
  (command) => `echo a | sed ${quoted(`1ebash -c ${quoted(command.replaceAll("\n", ";"))}`)}`,
  (command) => `awk ${quoted(`BEGIN { system(${JSON.stringify(command)}) }`)}`,
  (command) => `declare -a ${quoted(`a=($(${command}\n))`)}`,
  (command) => `jobs -x bash -c ${quoted(command)}`,
  (command) => `command -p -- bash -c ${quoted(command)}`,
  (command) => `time -p { ${command}\n}`,
  (command) => `select i in 1; do ${command}\nbreak; done <<< 1`,
  (command) => `until ${command}\ntrue; do :; done`,
  (command) => `for ((i = 0; i < 1; i++)); do ${command}\ndone`,
  (command) => `echo "\`${command.includes("`") ? "forbidden" : command.replaceAll(/[\\$"]/g, "\\$&")}\`"`,
  (command) => `cat <<'E' >/dev/null\nE \nE\n${command}`,
  (command) => `: # ${"x".repeat(3)} \\\n${command}`,
  (command) => `nohup bash -c ${quoted(command)} >/dev/null 2>&1`,
  (command) => `echo a | xargs -n 1 sh -c ${quoted(command)}`,
  (command) => `find bin -maxdepth 0 -exec sh -c ${quoted(command)} \\;`,
  (command) => `echo ${quoted(command)} | sh`,
  (command) => `bash <<< ${quoted(command)}`,
  (command) => `sh <<'E'\n${command}\nE`,
  (command) => `trap ${quoted(command)} EXIT`,
  (command) => `x=${quoted(command)}; eval "$x"`,
  (command) => `x=${quoted(command)}; bash -c "$x"`,
  (command) => `. <(echo ${quoted(command)})`,
  (command) => `echo "\${undefined:-$(${command}\n)}"`,
  (command) => `echo $(( $(${command}\n echo 1) + 1 ))`,
  (command) => `a=(1); : $((a[$(${command}\n echo 0)]))`,
  (command) => `[[ -n $(${command}\n) ]]`,
  (command) => `coproc ${command}\nwait`,
  (command) => `${command} >/dev/null &\nwait`,
  (command) => `shopt -s expand_aliases\nalias z=${quoted(command)}\nz`,
  (command) => `printf -v y %s ${quoted(command)}; eval "$y"`,
  (command) => `mapfile -c 1 -C ${quoted(`${command};:`)} l <<< a`,
  (command) => `PS4='$(${command.includes("'") ? "forbidden" : command} >&2)'; set -x; true`,
  (command) => `x='$(${command.includes("'") ? "forbidden" : command})'; echo "\${x@P}"`,
  (command) => `x='a[$(${command.includes("'") ? "forbidden" : command})]'; echo $((x))`,
  (command) => `test -v 'a[$(${command.includes("'") ? "forbidden" : command})]'`,
);

const commandLine = fc
  .tuple(name, fc.constantFrom("", " x", " -a 'b c'"), fc.array(wrapping, { maxLength: 3 }))
  .map(([program, args, wrappings]) => wrappings.reduce((command, wrap) => wrap(command), program + args));

const denied = [parseRule("Bash(forbidden:*)")].flatMap((rule) => rule ?? []);
const allowed = [
  "echo",
  "cat",
  "true",
  "sh",
  "bash",
  "env",
  "xargs",
  "find",
  "timeout",
  "nohup",
  "test",
  "nice",
  "git",
  "sed",
  "awk",
  "declare",
  "command",
  "exec",
].flatMap((program) => parseRule(`Bash(${program}:*)`) ?? []);

test("no command line that makes bash run a denied program passes the rules", { timeout: 120_000 }, async () => {
  let ran = 0;
  const property = fc.asyncProperty(commandLine, async (command) => {
    const analysis = analyzeCommand(command);
    const passes = matchingRule(analysis, denied) === undefined;
    const isAllowed = whyNotAllowed(analysis, allowed) === undefined;
    const isRun = await runsForbidden(command);
    if (isRun) ran += 1;
    expect(isRun && (passes || isAllowed), command).toBe(false);
  });
  await fc.assert(property, { numRuns: runs });
  // Or the search would show nothing.
  expect(ran).toBeGreaterThan(runs / 3);
});
