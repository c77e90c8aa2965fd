// A long session's steps, its memory, taking it up again, many sub-agents at once, and what of it is not forgotten.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { buildProgram } from "../build-program.ts";
import { printFactSurvival } from "./fact-survival.ts";
import { median } from "./interleave.ts";
import { bundle, node } from "./program.ts";
import { type QuickModel, startQuickModel } from "./quick-model.ts";
import { commitTurn, openThrowaway, startReady } from "./sessions.ts";
import { table } from "./table.ts";
import { type Throwaway, throwawayRepository } from "./throwaway.ts";

const [STEPS, FILES, LONG, CHILDREN, SLOW] = [1_000, 1_000, 2_000, 12, 2_000];
const lines = "const value = compute(index, options);\n".repeat(50);

await buildProgram(process.cwd());

const steps = await longTurn();
const resumed = await resume();
const [one, many] = [await parallel(1), await parallel(CHILDREN)];
console.log("Agent: the whole program, with a model that answers at once unless told\n");
console.log(
  table(
    ["", "measured", "aim"],
    [
      [`a step, of the first hundred of ${STEPS}, median ms`, steps.first, ""],
      ["a step, of the last hundred, median ms", steps.last, ""],
      ["ratio", ratio(steps.last, steps.first), "1.3"],
      ["memory at the last step, MB", steps.memory, "120"],
      ["the most memory until then, MB", steps.peak, ""],
      [`from exec to the request, resuming ${LONG} steps, median ms`, resumed, "1000"],
      [`one sub-agent, replies of ${SLOW / 1000} s, ms`, one, ""],
      [`${CHILDREN} sub-agents at once, ms`, many, ""],
      ["ratio", ratio(many, one), "1.5"],
    ],
  ),
);
await printFactSurvival();

function ratio(a: number, b: number): string {
  return (a / b).toFixed(2);
}

/** One turn of a thousand steps, each of which writes a file and reads one. */
async function longTurn() {
  using repository = throwawayRepository(FILES);
  let memory: Memory | undefined;
  let program: ChildProcess | undefined;
  await using model = await startQuickModel((_, number) => {
    if (number > STEPS) {
      memory = readMemory(program?.pid);
      return { text: "Done." };
    }
    const write = { file_path: `written/file-${number % 100}.txt`, content: `${number}\n${lines}` };
    return {
      text: `I write file ${number}.`,
      calls: [
        { name: "Write", input: write },
        { name: "Read", input: { file_path: `folder-0/file-${number % 100}.txt` } },
      ],
    };
  });
  program = start(repository, model, ["-p", "Write the files"]);
  await ended(program);
  // Own time: from the answer to the next request. The first step waits for the checkout, which is measured elsewhere.
  const own = model.times.slice(2).map(({ arrived }, i) => arrived - (model.times[i + 1]?.answered ?? Number.NaN));
  return {
    first: median(own.slice(0, 100)),
    last: median(own.slice(-100)),
    memory: memory?.now ?? Number.NaN,
    peak: memory?.peak ?? Number.NaN,
  };
}

async function resume(): Promise<number> {
  using repository = throwawayRepository(FILES);
  const session = await startReady(await openThrowaway(repository), "long");
  for (let turn = 1; turn <= LONG; turn++) {
    await commitTurn(session, { path: `${turn % 100}.txt`, content: `${turn}\n`, said: lines });
  }
  await session.close();
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    await using model = await startQuickModel(() => ({ text: "Done." }));
    const began = performance.now();
    await ended(start(repository, model, ["-p", "Go on", "-r", "long"]));
    times.push((model.times[0]?.arrived ?? Number.NaN) - began);
  }
  return median(times);
}

/** How long a turn takes that has so many sub-agents write a file each, all at once. */
async function parallel(children: number): Promise<number> {
  using repository = throwawayRepository(FILES);
  const calls = Array.from({ length: children }, (_, i) => ({ name: "Agent", input: { task: `Do part ${i}` } }));
  await using model = await startQuickModel(
    ({ prompt, replies }) => {
      if (replies > 0) return { text: "Done." };
      const part = /^Do part (\d+)/.exec(prompt)?.[1];
      if (part === undefined) return { calls };
      return { calls: [{ name: "Write", input: { file_path: `part-${part}.txt`, content: `${part}\n` } }] };
    },
    { latency: SLOW },
  );
  const began = performance.now();
  await ended(start(repository, model, ["-p", "Do all parts"]));
  const time = performance.now() - began;
  const written = repository.git("ls-tree", "--name-only", "bough/do-all-parts").match(/^part-\d+\.txt$/gm) ?? [];
  if (written.length !== children) throw new Error(`${written.length} of ${children} sub-agents were merged.`);
  return time;
}

function start(repository: Throwaway, model: QuickModel, args: readonly string[]): ChildProcess {
  const given = [...args, "-m", "openai-compatible/quick", "--base-url", model.url, "--permission-mode", "acceptEdits"];
  return spawn(node, [bundle, ...given], {
    cwd: repository.path,
    env: { ...repository.env, OPENAI_API_KEY: "key" },
    stdio: ["ignore", "ignore", "pipe"],
  });
}

async function ended(program: ChildProcess): Promise<void> {
  let stderr = "";
  program.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  await once(program, "close");
  if (program.exitCode !== 0) throw new Error(`bough ended with ${program.exitCode}: ${stderr}`);
}

/** In MB. */
interface Memory {
  readonly now: number;
  readonly peak: number;
}

/** What a process holds; undefined where the system does not tell. */
function readMemory(pid: number | undefined): Memory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
    return { now: read("VmRSS"), peak: read("VmHWM") };
  } catch {
    return undefined;
  }
}
