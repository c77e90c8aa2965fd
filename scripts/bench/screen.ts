// The screen: from exec to the first picture, and what it costs while one of ten long tabs streams, and while nothing happens.
import { spawn } from "node:child_process";
import { KeyMap } from "../../apps/tui/src/keys/key-map.ts";
import { Program } from "../../apps/tui/src/program/program.ts";
import { Layout } from "../../apps/tui/src/screen/layout.ts";
import { Screen } from "../../apps/tui/src/screen/screen.ts";
import { Theme } from "../../apps/tui/src/screen/theme.ts";
import { scriptedModel } from "../../packages/models/src/scripted.ts";
import { buildProgram } from "../build-program.ts";
import { median } from "./interleave.ts";
import { bundle, node } from "./program.ts";
import { table } from "./table.ts";
import { type Throwaway, throwawayRepository } from "./throwaway.ts";

const STARTS = 7;
const TABS = 10;
const LINES = 100_000;
const SECONDS = 6;
const TOKENS_A_SECOND = 500;

await buildProgram(process.cwd());
using repository = throwawayRepository(100);

const paints: number[] = [];
for (let round = 0; round <= STARTS; round++) {
  const paint = await firstPaint(repository);
  // The first round fills the compile cache and is not counted.
  if (round > 0) paints.push(paint);
}
const { frame, share, keys, idle } = await streaming();
const at = (times: readonly number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * share)];
console.log(
  `Screen: ${STARTS} starts; then ${TABS} tabs of ${LINES} lines in all, ${TOKENS_A_SECOND} tokens a second in one\n`,
);
console.log(
  table(
    ["what", "measured", "aim"],
    [
      ["exec to first picture, median, ms", median(paints), "200"],
      ["processor time for each picture, ms", frame, "5"],
      ["share of a core, %", share, "15"],
      ["key to picture, median, ms", at(keys, 0.5) ?? Number.NaN, ""],
      ["key to picture, p99, ms", at(keys, 0.99) ?? Number.NaN, "50"],
      ["share of a core when nothing happens, %", idle, "0"],
    ],
  ),
);

/** Starts the built program on a terminal that `script` makes, and ends it once it has drawn. */
async function firstPaint({ path, env }: Throwaway): Promise<number> {
  const started = performance.now();
  const command = `stty rows 50 cols 120; exec ${node} ${bundle} -m ollama/none`;
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: path,
    env: { ...env, TERM: "xterm-256color" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let written = "";
  const painted = await new Promise<number>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      const before = written;
      written += chunk.toString();
      // A terminal says what it is.
      if (written.includes("\x1b[c") && !before.includes("\x1b[c")) child.stdin.write("\x1b[?62c");
      if (written.includes("\x1b[?2026h")) resolve(performance.now() - started);
    });
    child.on("close", () => resolve(Number.NaN));
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.stdin.write("\x04");
  await ended;
  return painted;
}

async function streaming() {
  let pictures = 0;
  let waiting: { since: number } | undefined;
  const keys: number[] = [];
  let screen: Screen | undefined;
  const program = new Program({
    agent: { cwd: repository.path, model: scriptedModel([]) },
    onChange: () => screen?.changed(),
  });
  while (program.tabs.length < TABS) program.newTab();
  for (const { transcript } of program.tabs) {
    for (let line = 0; line < LINES / TABS / 5; line++) {
      transcript.add({
        type: "answer",
        text: `Line ${line} of **what** was said, \`with code\`.\n\n- one\n- two`,
        isOpen: false,
      });
    }
  }
  using layout = await Layout.open();
  using drawn = new Screen({
    program,
    layout,
    keys: new KeyMap(),
    theme: new Theme({ background: "dark", depth: "truecolor" }),
    display: {
      rows: 50,
      columns: 120,
      write(_text, done) {
        pictures += 1;
        if (waiting !== undefined) keys.push(performance.now() - waiting.since);
        waiting = undefined;
        setImmediate(done);
      },
      setMouse() {},
      suspend() {},
    },
    onQuit() {},
  });
  screen = drawn;
  await pause(1000);
  const branch = "bough/streaming";
  const { transcript } = program.active;
  const words = [
    "words ",
    "that ",
    "`stream` ",
    "into ",
    "a **paragraph**.\n\n",
    "Then:\n\n",
    "- an item\n",
    "\n",
  ].concat(["And\n\n", "```ts\n", "let a = 1;\n", "```\n\n"]);
  const [before, began] = [process.cpuUsage(), performance.now()];
  const counted = pictures;
  let sent = 0;
  const type = new TextEncoder().encode("x");
  while (performance.now() - began < SECONDS * 1000) {
    for (const due = ((performance.now() - began) / 1000) * TOKENS_A_SECOND; sent < due; sent++) {
      transcript.take({ type: "text-delta", branch, text: words[sent % words.length] ?? "" }, 0);
      drawn.changed();
    }
    if (sent % 50 < 5 && waiting === undefined) {
      waiting = { since: performance.now() };
      drawn.take(type);
    }
    await pause(2);
  }
  const used = milliseconds(process.cpuUsage(before));
  const frame = used / (pictures - counted);
  const share = (used / (performance.now() - began)) * 100;
  await pause(500);
  const [still, rested] = [process.cpuUsage(), performance.now()];
  await pause(2000);
  const idle = (milliseconds(process.cpuUsage(still)) / (performance.now() - rested)) * 100;
  await program[Symbol.asyncDispose]();
  return { frame, share, keys, idle };
}

function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}
