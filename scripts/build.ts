// npm run build: everything that is published. `node scripts/build.ts program` builds just the program.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildProgram } from "./build-program.ts";

const root = join(import.meta.dirname, "..");

if (process.argv[2] === "program") {
  await buildProgram(root);
} else {
  buildLibraries();
  await buildProgram(root, { publish: true });
}

function buildLibraries(): void {
  const packages = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
  // Without the former output tsc would rest on its own record of it, and a deleted module would be published.
  for (const folder of packages) rmSync(join(folder, "dist"), { recursive: true, force: true });
  const projects = packages.map((folder) => join(folder, "tsconfig.build.json"));
  const tsc = spawnSync(join(root, "node_modules/.bin/tsc"), ["--build", "--force", ...projects], { stdio: "inherit" });
  if (tsc.status !== 0) process.exit(1);
}
