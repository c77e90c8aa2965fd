import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { thirdPartyLicenses } from "./third-party-licenses.ts";

const day = 24 * 60 * 60 * 1000;

/**
 * Bundles apps/tui into apps/tui/dist: `bough.js`, and chunks named after their content that load when used. Builds
 * may overlap, and a bough that is running keeps the chunks it was built with; `publish` leaves the new ones only.
 */
export async function buildProgram(root: string, options: { publish?: boolean } = {}): Promise<void> {
  const app = join(root, "apps", "tui");
  const dist = join(app, "dist");
  mkdirSync(dist, { recursive: true });
  const startedAt = fileTime(dist);

  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(app, "src", "bough.ts")],
    outdir: dist,
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    // These find files beside themselves, load their parts by names of their making, or are there only where they are
    // needed: they stay packages of their own.
    external: ["@vscode/ripgrep", "blessed", "@anthropic-ai/sandbox-runtime"],
    // Its CommonJS build asks for its parts by names that a bundler cannot follow.
    alias: { "jsonc-parser": join(root, "packages/agent/node_modules/jsonc-parser/lib/esm/main.js") },
    // A bundled CommonJS package calls require() for Node's own modules.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);',
    },
    // Stack traces stay readable because nothing is minified, so no source map is needed.
    minify: false,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });

  const outputs = outputFiles.map(({ path, contents }) => ({ name: path.slice(dist.length + 1), contents }));
  // The entry comes last: whoever reads it finds all that it leads to.
  outputs.sort((a, b) => Number(a.name === "bough.js") - Number(b.name === "bough.js"));
  for (const { name, contents } of outputs) {
    replaceFile(join(dist, name), contents, name === "bough.js" ? { mode: 0o755, modified: startedAt } : {});
  }
  if (options.publish) {
    replaceFile(join(dist, "THIRD-PARTY-LICENSES.txt"), thirdPartyLicenses(root, metafile));
  }
  const kept = new Set([...outputs.map(({ name }) => name), "THIRD-PARTY-LICENSES.txt"]);
  sweep(dist, kept, options.publish ? 0 : day);
}

/** Writes beside `path` and renames, so that a reader sees the old file or the new one, whole. */
function replaceFile(path: string, contents: Uint8Array | string, options: { mode?: number; modified?: number } = {}) {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, contents, { mode: options.mode ?? 0o644 });
  if (options.modified !== undefined) utimesSync(draft, options.modified, options.modified);
  renameSync(draft, path);
}

/**
 * The present time in seconds as the file system tells it, rounded down. The build bears the time it began, so that
 * a source that changes while it runs is newer; the clock of files lags behind the system's by some milliseconds.
 */
function fileTime(folder: string): number {
  const probe = join(folder, `clock.${process.pid}.tmp`);
  writeFileSync(probe, "");
  const { mtimeMs } = statSync(probe);
  rmSync(probe);
  return Math.floor(mtimeMs) / 1000;
}

/** Removes the files in `folder` that are not `kept` and were last written longer ago than `age` milliseconds. */
function sweep(folder: string, kept: ReadonlySet<string>, age: number): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!kept.has(name) && Date.now() - statSync(path).mtimeMs >= age) rmSync(path, { recursive: true, force: true });
  }
}
