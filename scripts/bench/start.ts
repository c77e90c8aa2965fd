// From exec to the first model request, beside a Node that does nothing.
import { execFileSync } from "node:child_process";
import { buildProgram } from "../build-program.ts";
import { median, time } from "./interleave.ts";
import { node, runProgram } from "./program.ts";
import { table } from "./table.ts";
import { throwawayRepository } from "./throwaway.ts";

const ROUNDS = 11;
const MODELS = ["anthropic/claude-sonnet-4-5", "openai/gpt-5", "google/gemini-2.5-flash", "openai-compatible/local"];

await buildProgram(process.cwd());
using repository = throwawayRepository(100);

const rows: (string | number)[][] = [];
for (const model of MODELS) {
  const ours: number[] = [];
  const baseline: number[] = [];
  const memory: number[] = [];
  // The first round fills the compile cache and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    const bare = await time(() => execFileSync(node, ["-e", "0"]));
    const run = await runProgram(repository, model, [{ text: "Done." }]);
    if (round === 0) continue;
    baseline.push(bare);
    ours.push(run.arrivals[0] ?? Number.NaN);
    memory.push(run.peakMemory ?? Number.NaN);
  }
  const [first, bare] = [median(ours), median(baseline)];
  rows.push([model, first, Math.min(...ours), bare, first - bare, median(memory)]);
}
console.log(`Start: exec to first model request, ${ROUNDS} runs, ms (aim: 150 on a quiet machine; memory 110 MB)\n`);
console.log(
  table(["model", "first request, median", "fastest", "node -e 0, median", "difference", "peak memory, MB"], rows),
);
