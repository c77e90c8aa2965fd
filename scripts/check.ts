// npm run check: all that has to hold before a change goes in, quickest first. It stops at the first that fails.
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";

const steps = [
  { name: "format", command: "biome", args: ["check", "--linter-enabled=false"] },
  { name: "lint", command: "biome", args: ["lint", "--error-on-warnings"] },
  { name: "types", command: "tsc", args: ["-p", "."] },
  { name: "unused code", command: "knip", args: [] },
  { name: "tests", command: "vitest", args: ["run"] },
];

const root = join(import.meta.dirname, "..");
const PATH = [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter);

// For who runs the tests by themselves.
const wanted = process.argv.includes("--without-tests") ? steps.filter(({ name }) => name !== "tests") : steps;

for (const { name, command, args } of wanted) {
  process.stdout.write(`\n── ${name}\n`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, PATH } });
  if (status !== 0) {
    process.stderr.write(`\ncheck failed: ${name}\n`);
    process.exit(1);
  }
}
