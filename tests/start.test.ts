import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { program } from "./story.ts";

const dist = dirname(program);

/** The text of a built file and of all that is loaded with it. */
function loadedWith(file: string, seen = new Set<string>()): string {
  if (seen.has(file)) return "";
  seen.add(file);
  const text = readFileSync(join(dist, file), "utf8");
  const imports = [...text.matchAll(/^(?:\} from|import) "\.\/([^"]+)";$/gm)].flatMap(([, name]) => name ?? []);
  return [text, ...imports.map((name) => loadedWith(name, seen))].join("\n");
}

/** The packages whose sources are in a built text. */
function packagesIn(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^\/\/ .*node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\/[^\n]*$/gm)].map(([, name = ""]) => name),
  );
}

/** The chunk that a command is loaded from, by the entry or by what that loads; an older build's may lie beside it. */
function chunkOf(command: string): string {
  return chunkNamed(loadedWith(chunkNamed(readFileSync(program, "utf8"), "main")), command);
}

function chunkNamed(text: string, name: string): string {
  const [, file] = new RegExp(`import\\("\\./(${name}-[A-Z0-9]+\\.js)"\\)`).exec(text) ?? [];
  if (file === undefined) throw new Error(`No chunk ${name} among ${readdirSync(dist).join(", ")}`);
  return file;
}

test("of libraries only the schemas are loaded before it is known which provider, settings and calls there are", () => {
  expect([...packagesIn(loadedWith(chunkOf("print")))]).toEqual(["zod"]);
});

test("a command that asks no model loads no library for it", () => {
  expect([...packagesIn(loadedWith(chunkOf("log")))]).toEqual(["zod"]);
});
