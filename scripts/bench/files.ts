// What the file tools cost beside the plain calls: each as a turn calls it, with its checks, its diff and its result.
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { NO_PAST } from "../../packages/agent/src/context/past.ts";
import { Jobs } from "../../packages/agent/src/jobs/jobs.ts";
import { editTool } from "../../packages/agent/src/tools/edit.ts";
import { findTool } from "../../packages/agent/src/tools/find.ts";
import { grepTool } from "../../packages/agent/src/tools/grep.ts";
import { readTool } from "../../packages/agent/src/tools/read.ts";
import { ShellSession, WorktreeFiles } from "../../packages/sandbox/src/index.ts";
import { ripgrepPath } from "../../packages/sandbox/src/ripgrep.ts";
import { interleave } from "./interleave.ts";
import { table } from "./table.ts";
import { throwawayRepository } from "./throwaway.ts";

const FILES = 20_000;
const ROUNDS = 100;
const SEARCH_ROUNDS = 10;

using repository = throwawayRepository(FILES);
const root = repository.path;
mkdirSync(join(root, "src"));
const lines = Array.from({ length: 500 }, (_, i) => `export const value${i} = compute(${i});\n`).join("");
const [ours, theirs] = ["src/ours.ts", "src/theirs.ts"];
for (const path of [ours, theirs]) await writeFile(join(root, path), lines);

const shell = new ShellSession({ worktree: root });
const { signal } = new AbortController();
const may = { jobs: new Jobs(), past: NO_PAST, hasNetwork: false, mayRead: () => true, hiddenBy: [] };
const context = { ...may, files: new WorktreeFiles({ root }), shell, signal, onOutput: () => {} };
const rg = await ripgrepPath();
const run = promisify(execFile);
// Without a path it would wait for its standard input.
const search = (...args: string[]) => run(rg, [...args, "./"], { cwd: root, maxBuffer: 2 ** 26 });

/** Two words in turns: what is to be replaced, and by what. */
function swapping(): () => { old_string: string; new_string: string } {
  let [next, then] = ["compute(250)", "compute(2500)"];
  return () => {
    [next, then] = [then, next];
    return { old_string: then, new_string: next };
  };
}
const [ourSwap, theirSwap] = [swapping(), swapping()];

async function editPlainly(): Promise<void> {
  const { old_string, new_string } = theirSwap();
  const text = await readFile(join(root, theirs), "utf8");
  await writeFile(join(root, theirs), text.replace(old_string, new_string));
}

const rows = [
  await row("Read, 500 lines", "fs.readFile", ROUNDS, {
    ours: () => readTool.execute({ file_path: ours }, context),
    baseline: () => readFile(join(root, theirs), "utf8"),
  }),
  await row("Edit, 500 lines", "fs.readFile, replace, fs.writeFile", ROUNDS, {
    ours: () => editTool.execute({ file_path: ours, edits: [ourSwap()] }, context),
    baseline: editPlainly,
  }),
  await row("Grep, one file matches", "rg", SEARCH_ROUNDS, {
    ours: () => grepTool.execute({ pattern: "compute\\(250\\)|file 19999\\." }, context),
    baseline: () => search("--hidden", "compute\\(250\\)|file 19999\\."),
  }),
  await row("Grep, all files match", "rg --max-count=1", SEARCH_ROUNDS, {
    ours: () => grepTool.execute({ pattern: "This is file" }, context),
    baseline: () => search("--hidden", "--max-count=1", "This is file"),
  }),
  await row("Find by name", "rg --files --glob", SEARCH_ROUNDS, {
    ours: () => findTool.execute({ pattern: "file-1999?.txt" }, context),
    baseline: () => search("--hidden", "--files", "--glob=file-1999?.txt"),
  }),
];
await shell.close();

console.log(`File tools: a repository of ${FILES.toLocaleString("en")} files, medians in turns\n`);
console.log(table(["tool", "median, ms", "plain", "its median, ms", "ratio"], rows));

async function row(what: string, plain: string, rounds: number, sides: Record<"ours" | "baseline", () => unknown>) {
  const compared = { ours: { run: sides.ours }, baseline: { run: sides.baseline } };
  const { ours, baseline, ratio } = await interleave(compared, rounds);
  // Most take a fraction of a millisecond.
  return [what, ours.toFixed(2), plain, baseline.toFixed(2), ratio.toFixed(1)];
}
