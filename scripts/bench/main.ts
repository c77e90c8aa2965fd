// npm run bench -- <names…>: runs the benchmarks of this folder that are named; without a name it lists them.
import { readdirSync } from "node:fs";
import { join } from "node:path";

// What the benchmarks are made with, and this file.
const parts = [
  "beside-git",
  "fact-survival",
  "interleave",
  "main",
  "program",
  "quick-model",
  "sessions",
  "table",
  "throwaway",
];

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => file.slice(0, -".ts".length))
  .filter((name) => !parts.includes(name))
  .sort();

const wanted = process.argv.slice(2).filter((argument) => argument !== "--help" && argument !== "-h");
const unknown = wanted.filter((name) => !names.includes(name));

if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(", ")}. There are: ${names.join(", ")}`);
  process.exitCode = 2;
} else if (wanted.length < process.argv.length - 2 || wanted.length === 0) {
  console.log(`npm run bench -- <names…>\n\nBenchmarks:\n${names.map((name) => `  ${name}\n`).join("")}`);
} else {
  // One after the other: they would disturb each other's times. Each prints as it is loaded.
  for (const name of wanted) await import(join(import.meta.dirname, `${name}.ts`));
}
