// What masking a tool's result costs, and how often it is wrong: on the sources of this repository and of what it uses.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { findKnownShapes } from "../../packages/agent/src/secrets/known-shapes.ts";
import { Masker } from "../../packages/agent/src/secrets/masker.ts";
import { table } from "./table.ts";

const root = join(import.meta.dirname, "../..");
const sources = /\.(?:[cm]?[jt]sx?|json|md|ya?ml)$/;
const tests = /\.test\.ts$/;

const secrets = Array.from({ length: 30 }, (_, index) => ({
  name: `SECRET_${index}`,
  value: `${index}-q8wd7f6g5h4j3k2`,
}));
const masker = new Masker(secrets, findKnownShapes);

const text = sourcesIn(join(root, "packages"), () => true)
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");
const sizes = [30_000, 1_000_000].map((size) => {
  const sample = text.repeat(Math.ceil(size / text.length)).slice(0, size);
  return [size, median(Array.from({ length: 51 }, () => timeOf(() => masker.mask(sample))))];
});
console.log("Masking: 30 known secrets and all shapes, 51 runs, ms, medians (aim: less than 1 for 30,000)\n");
console.log(table(["characters", "ms"], sizes));

const counts = [
  ["this repository without its tests", sourcesIn(root, (path) => !path.includes("node_modules") && !tests.test(path))],
  [
    "what it uses, but for secretlint",
    sourcesIn(join(root, "node_modules/.pnpm"), (path) => !/@bough|@secretlint/.test(path)),
  ],
] as const;
const alarms: string[] = [];
const rows = counts.map(([name, paths]) => {
  let characters = 0;
  const found = paths.flatMap((path) => {
    const content = readFileSync(path, "utf8");
    characters += content.length;
    return masker
      .find(content)
      .map(({ name, start, end }) => `${name}: ${content.slice(start, Math.min(end, start + 60))}`);
  });
  alarms.push(...found);
  return [name, paths.length, characters / 1e6, found.length];
});
console.log("\nMasks in code that holds no secret\n");
console.log(table(["", "files", "million characters", "masks"], rows));
for (const alarm of new Set(alarms)) console.log(JSON.stringify(alarm));

function sourcesIn(folder: string, isWanted: (path: string) => boolean): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(
      ({ entry, path }) => entry.isFile() && sources.test(entry.name) && isWanted(path) && statSync(path).size < 2e6,
    )
    .map(({ path }) => path);
}

function timeOf(run: () => unknown): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
