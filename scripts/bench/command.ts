// What a command of a session costs in the sandbox, and what a plain spawn of the same shell does.
import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { detectSandbox, ShellSession } from "../../packages/sandbox/src/index.ts";
import { interleave } from "./interleave.ts";
import { table } from "./table.ts";

const ROUNDS = 51;

const support = await detectSandbox();
const worktree = realpathSync(mkdtempSync(join(tmpdir(), "bough-bench-command-")));
const rows: (string | number)[][] = [];
const kinds = {
  "without a sandbox": { kind: "none", reason: "not-installed", message: "" } as const,
  confined: support,
};
for (const [name, given] of Object.entries(kinds)) {
  const shell = new ShellSession({ worktree, support: given });
  rows.push([name, ...(await beside(shell))]);
  const job = await shell.start({ command: "sleep 1000", onOutput: () => {} });
  rows.push([`${name}, beside a job`, ...(await beside(shell))]);
  job.stop();
  await job.ended;
  await shell.close();
}

/** The medians of a command of the session and of a plain spawn, and how far they are apart. */
async function beside(shell: ShellSession): Promise<number[]> {
  const { ours, baseline } = await interleave(
    {
      ours: { run: () => shell.run({ command: "true" }) },
      baseline: { run: () => spawnSync("bash", ["-c", "true"], { cwd: worktree }) },
    },
    ROUNDS,
  );
  return [ours, baseline, ours - baseline];
}

rmSync(worktree, { recursive: true });
if (support.kind === "none") console.log(`${support.message}\n`);
console.log(`Command: \`true\`, ${ROUNDS} runs, ms, medians (aim: less than 10 more than a plain spawn)\n`);
console.log(table(["", "bough", "plain spawn", "difference"], rows));
