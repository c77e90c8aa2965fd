// What it costs to project a conversation for the model and to search it, step by step; and what of it survives.

import { roomFor } from "../../packages/agent/src/context/context-settings.ts";
import { Projection } from "../../packages/agent/src/context/projection.ts";
import { survivalOf, tiers } from "../../packages/agent/src/context/twenty-facts.ts";
import type { NewStep } from "../../packages/gitstate/src/index.ts";
import { searchSteps } from "../../packages/gitstate/src/index.ts";
import { commitTurn, openThrowaway, startReady } from "./sessions.ts";
import { table } from "./table.ts";
import { throwawayRepository } from "./throwaway.ts";

const result = Array.from({ length: 80 }, (_, at) => `${at}\tconst value${at} = compute(${at});`).join("\n");

/** A step whose result has some 3 KB; once in a hundred steps the earlier ones are summarized. */
function stepOf(step: number): NewStep {
  const summary = { type: "summary" as const, text: "We went on.", extra: { from: 1, to: step - 5 } };
  return {
    step,
    turn: 1,
    blocks: [
      ...(step % 100 === 0 ? [summary] : []),
      { type: "assistant", text: "I look at the next one." },
      { type: "call", name: "Read", id: `call-${step}`, text: `{"file_path":"src/file-${step}.ts"}` },
      { type: "result", name: "Read", id: `call-${step}`, text: result },
    ],
  };
}

const length = 2_000;
const times: number[][] = Array.from({ length }, () => []);
const whole: number[] = [];
for (let run = 0; run < 15; run++) {
  const projection = new Projection({ room: roomFor({ window: 128_000 }), fixed: 4_000 });
  const began = performance.now();
  for (let step = 1; step <= length; step++) {
    const record = stepOf(step);
    const started = performance.now();
    projection.messages({ ...record, blocks: record.blocks.filter(({ type }) => type === "summary") });
    projection.add(record);
    times[step - 1]?.push((performance.now() - started) * 1_000);
  }
  whole.push(performance.now() - began);
}
const perStep = times.map(median);
const rows = [10, 100, 500, 1_000, 2_000].map((step) => [step, median(perStep.slice(Math.max(0, step - 100), step))]);
console.log("Projecting a conversation for one more request, 3 KB a step, window 128,000; µs, medians of 15 runs\n");
console.log(table(["up to step", "µs"], rows));
console.log(`All ${length} steps from the beginning, as a resume does: ${median(whole).toFixed(0)} ms\n`);

{
  using throwaway = throwawayRepository(100);
  const repository = await openThrowaway(throwaway);
  const session = await startReady(repository, "bench");
  const searches: (string | number)[][] = [];
  for (let turn = 1; turn <= 1_000; turn++) {
    await commitTurn(session, { path: "a.txt", content: `${turn}\n`, said: `${result}\nnumber ${turn}` });
    if (![10, 100, 1_000].includes(turn)) continue;
    const words = ["number", "7"];
    const runs: number[] = [];
    for (let run = 0; run < 9; run++) {
      const started = performance.now();
      await searchSteps(repository, { session: session.id, words, limit: 10 });
      runs.push(performance.now() - started);
    }
    searches.push([turn, median(runs)]);
  }
  await session.close();
  console.log("Searching a session's whole history, ms, medians of 9 runs\n");
  console.log(table(["steps", "ms"], searches));
}

const survived: (string | number)[][] = [];
for (const [tier, options] of Object.entries(tiers)) {
  using throwaway = throwawayRepository(1);
  Object.assign(process.env, throwaway.env);
  const { sent, withRecall, summaries } = await survivalOf({ ...options, cwd: throwaway.path, branch: "docks" });
  survived.push([tier, sent, withRecall, summaries]);
}
console.log("Of twenty facts told in the first half of a session of 64 steps\n");
console.log(table(["", "in the request", "with Recall", "summaries"], survived));

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
