// Writes what is known of models and their prices, out of a package that keeps a snapshot of models.dev: npm run models.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRecord } from "../packages/models/src/json.ts";
import type { KnownModel, TokenPrices } from "../packages/models/src/known-model.ts";
import { providers } from "../packages/models/src/providers.ts";

const root = join(import.meta.dirname, "..");
const table = join(root, "packages/models/src/known-models.ts");
/** A newer one is named here by hand, so that a change of prices is a commit that somebody read. */
const source = "@earendil-works/pi-ai@1.5.2";

const folder = mkdtempSync(join(tmpdir(), "bough-models-"));
try {
  const archive = run("npm", "pack", source, "--silent", "--pack-destination", folder).trim();
  run("tar", "-xzf", join(folder, archive), "-C", folder);
  const data = join(folder, "package/dist/providers/data");
  const known = providers.flatMap(({ name }) => {
    const models = modelsOf(readCatalog(join(data, `${name}.json`)));
    return models.length === 0 ? [] : [[name, Object.fromEntries(models)] as const];
  });
  writeFileSync(table, page(Object.fromEntries(known)));
} finally {
  rmSync(folder, { recursive: true });
}
run(join(root, "node_modules/.bin/biome"), "check", "--write", "--linter-enabled=false", table);

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: "utf8" });
}

function page(known: object): string {
  return `// From ${source}, which has it from https://models.dev (both MIT). Not written by hand: npm run models.
import type { KnownModel } from "./known-model.ts";

/** Models by the name of their provider and their id. */
export const knownModels: Readonly<Record<string, Readonly<Record<string, KnownModel>>>> = ${JSON.stringify(known)};
`;
}

/** Not every provider is in the catalog: one may serve whatever its owner has loaded. */
function readCatalog(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
}

/** A catalog holds models by wire and then by kind and id; of these the kind `chat` answers conversations. */
function modelsOf(catalog: unknown): (readonly [string, KnownModel])[] {
  const wires = isRecord(catalog) ? Object.values(catalog).filter(isRecord) : [];
  const models = wires.flatMap((wire) => Object.entries(wire)).filter(([key]) => key.startsWith("chat:"));
  return models
    .map(([key, model]) => [key.slice("chat:".length), readModel(key, model)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function readModel(key: string, model: unknown): KnownModel {
  if (!isRecord(model) || !isRecord(model["cost"])) throw new Error(`${key} has another form than it had.`);
  const { contextWindow, maxTokens, cost } = model;
  const prices = readPrices(key, cost);
  const tiers = Array.isArray(cost["tiers"]) ? cost["tiers"].filter(isRecord) : [];
  const long = tiers
    .map((tier) => ({ over: demandNumber(key, tier["inputTokensAbove"]), ...readPrices(key, tier) }))
    .sort((a, b) => a.over - b.over);
  return {
    context: demandNumber(key, contextWindow),
    output: demandNumber(key, maxTokens),
    // There the catalog has a zero for what is free and for what is not known alike.
    ...(prices.input === 0 && prices.output === 0
      ? {}
      : { price: { ...prices, ...(long.length > 0 ? { long } : {}) } }),
  };
}

function readPrices(key: string, { input, output, cacheRead, cacheWrite }: Record<string, unknown>): TokenPrices {
  const [read, write] = [demandNumber(key, cacheRead), demandNumber(key, cacheWrite)];
  return {
    input: demandNumber(key, input),
    output: demandNumber(key, output),
    ...(read === 0 ? {} : { cacheRead: read }),
    ...(write === 0 ? {} : { cacheWrite: write }),
  };
}

function demandNumber(key: string, value: unknown): number {
  if (typeof value === "number" && value >= 0) return Math.round(value * 1e6) / 1e6;
  throw new Error(`${key} has ${JSON.stringify(value)} where a number was expected.`);
}
