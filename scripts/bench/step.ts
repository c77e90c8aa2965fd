// What a step costs that writes a file: the whole program with a model that answers at once, and plain git.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildProgram } from "../build-program.ts";
import { median, time } from "./interleave.ts";
import { runProgram } from "./program.ts";
import { table } from "./table.ts";
import { throwawayRepository } from "./throwaway.ts";

const STEPS = 50;
const ROUNDS = 3;

await buildProgram(process.cwd());

const answers = [
  ...Array.from({ length: STEPS }, (_, i) => ({
    text: `I write file ${i}.`,
    calls: [{ name: "Write", input: { file_path: `written/file-${i}.txt`, content: `${i}\n`.repeat(50) } }],
  })),
  { text: "Done." },
];

const rows: (string | number)[][] = [];
for (const fileCount of [100, 20_000]) {
  const ours: number[] = [];
  const plain: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    using repository = throwawayRepository(fileCount);
    for (let i = 0; i < STEPS; i++) plain.push(await time(() => commitPlainly(repository, i)));
    const { arrivals, peakMemory } = await runProgram(repository, "openai-compatible/local", answers);
    // The first step waits for the checkout, which has a benchmark of its own.
    const gaps = arrivals.slice(2).map((arrival, i) => arrival - (arrivals[i + 1] ?? arrival));
    ours.push(...gaps);
    memory.push(peakMemory ?? Number.NaN);
  }
  rows.push([
    fileCount,
    median(ours),
    median(plain),
    Number((median(ours) / median(plain)).toFixed(2)),
    median(memory),
  ]);
}
console.log(`Step: ${STEPS} steps that write a file, ${ROUNDS} runs, ms (aim: 15 a step; memory 110 MB)\n`);
console.log(
  table(
    ["files", "bough: request to request, median", "git add -A && git commit, median", "ratio", "peak memory, MB"],
    rows,
  ),
);

function commitPlainly(repository: ReturnType<typeof throwawayRepository>, i: number): void {
  writeFileSync(join(repository.path, `plain-${i}.txt`), `${i}\n`.repeat(50));
  repository.git("add", "--all");
  repository.git("commit", "--quiet", `--message=Step ${i}`);
}
