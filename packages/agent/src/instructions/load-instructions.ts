import { realpath } from "node:fs/promises";
import { basename, dirname, posix, relative } from "node:path";
import { looksLikeCredential } from "@bough/gitstate";
import { hidingRules } from "../permissions/hidden-files.ts";
import type { Rules } from "../permissions/rule.ts";
import { openMasker } from "../secrets/open-masker.ts";
import { checkoutOf, homeFolder, userFolder, userFolderName } from "../settings/places.ts";
import { reasonOf, type SourceFile, SourceFolder } from "../sources/source-folder.ts";
import { decodeFile } from "../tools/text-file.ts";
import { findImports } from "./find-imports.ts";
import { firstLines } from "./first-lines.ts";

/** In each folder the first of these that is there. */
const NAMES = ["AGENTS.md", "CLAUDE.md", "GEMINI.md"];

/** The most bytes of a file, and of all files of the user's or of a repository. */
const MOST_BYTES = 32 * 1024;
const MOST_BYTES_OF_ALL = 64 * 1024;
const MOST_FILES = 50;
const DEEPEST_IMPORT = 5;

/** What a file says to the agent. */
export interface Instructions {
  /** The file: relative to the repository, or below `~`. */
  readonly name: string;
  /** Its text, without the secrets in it. */
  readonly text: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Whether the text is just its beginning. */
  readonly isCut: boolean;
  /** The file that imports it. */
  readonly importedBy?: string;
}

/** Where instructions are read. */
export interface InstructionsOptions {
  /** The folder the user is in. */
  readonly cwd: string;
  /** What may not be read is not imported either. */
  readonly rules?: Rules;
  /** Says where the user's files are, and what is secret; the process's variables unless given. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Instructions as they were found: the user's own, then from the repository's root to the folder the user is in. */
export interface LoadedInstructions {
  readonly instructions: readonly Instructions[];
  /** What was not read, or not whole, and why. */
  readonly warnings: readonly string[];
}

/** Reads AGENTS.md and its kin, from the user's checkout and their own folder; text that needs no trust. */
export async function loadInstructions({
  cwd,
  rules,
  env = process.env,
}: InstructionsOptions): Promise<LoadedInstructions> {
  const root = await checkoutOf(cwd);
  const [own, repository] = await Promise.all([
    readOwn(env),
    root === undefined ? [] : [await readCheckout(root, cwd, rules)],
  ]);
  const readings = [...own, ...repository];
  const found = readings.flatMap((reading) => reading.bounded());
  const warnings = readings.flatMap((reading) => reading.warnings);
  if (found.length === 0) return { instructions: [], warnings };
  const masker = await openMasker({ environment: env, folders: root === undefined ? [] : [root] });
  return { instructions: found.map((each) => ({ ...each, text: masker.mask(each.text) })), warnings };
}

async function readOwn(env: NodeJS.ProcessEnv): Promise<Reading[]> {
  // The file itself may be a link to where the user keeps it; what it imports is beside it there.
  const file = await realpath(posix.join(userFolder(env), "AGENTS.md")).catch(() => undefined);
  if (file === undefined) return [];
  const reading = new Reading(SourceFolder.ofUser(dirname(file), userFolderName(env)));
  await reading.add(basename(file), { depth: 0 });
  return [reading];
}

async function readCheckout(root: string, cwd: string, rules: Rules | undefined): Promise<Reading> {
  const hidden =
    rules && hidingRules("Read", [], { mode: "default", rules, root, checkout: root, home: homeFolder(process.env) });
  const reading = new Reading(
    SourceFolder.ofRepository(root),
    (path) => hidden?.hides(posix.join(root, path)) ?? false,
  );
  for (const folder of foldersTo(relative(root, await realpath(cwd)))) {
    for (const name of NAMES) {
      if (await reading.add(posix.join(folder, name), { depth: 0 })) break;
    }
  }
  return reading;
}

/** A folder and those it is in, the outermost first. */
function foldersTo(folder: string): string[] {
  const names = folder.split("/").filter((name) => name !== "");
  return ["", ...names.map((_, index) => names.slice(0, index + 1).join("/"))];
}

/** How a file comes to be read. */
interface Origin {
  /** How many imports led to it. */
  readonly depth: number;
  readonly importedBy?: string;
}

/** The files of one place, read one after the other. */
class Reading {
  readonly warnings: string[] = [];
  readonly #place: SourceFolder;
  readonly #hides: (path: string) => boolean;
  readonly #found: Instructions[] = [];
  readonly #seen = new Set<string>();

  constructor(place: SourceFolder, hides: (path: string) => boolean = () => false) {
    this.#place = place;
    this.#hides = hides;
  }

  /** Reads a file and what it imports; resolves to whether it is there. */
  async add(path: string, origin: Origin): Promise<boolean> {
    const name = this.#place.nameOf(path);
    let file: SourceFile | undefined;
    try {
      file = await this.#place.readStart(path, MOST_BYTES);
    } catch (error) {
      this.#warn(`${name} is not read: ${reasonOf(error)}`, origin);
      return true;
    }
    if (file === undefined) return false;
    // The same by another name, or by a circle of imports.
    if (this.#seen.has(file.path)) return true;
    this.#seen.add(file.path);
    const refusal = this.#refusal(file);
    if (refusal === undefined) await this.#take(path, file, origin);
    else this.#warn(`${name} is not read: ${refusal}`, origin);
    return true;
  }

  #refusal({ path, bytes }: SourceFile): string | undefined {
    if (this.#found.length >= MOST_FILES) return `there are more than ${MOST_FILES} files`;
    if (looksLikeCredential(path)) return "it looks like a credential";
    if (this.#hides(path)) return "the rules do not let the agent read it";
    return decodeFile(bytes).encoding === "binary" ? "it is no text" : undefined;
  }

  async #take(path: string, { bytes, size }: SourceFile, { depth, importedBy }: Origin): Promise<void> {
    const text = textOf(bytes, { isWhole: bytes.length >= size });
    const name = this.#place.nameOf(path);
    this.#found.push({
      name,
      text,
      size,
      isCut: bytes.length < size,
      ...(importedBy === undefined ? {} : { importedBy }),
    });
    for (const imported of findImports(text)) await this.#import(imported, { path, depth: depth + 1 });
  }

  async #import(imported: string, from: { readonly path: string; readonly depth: number }): Promise<void> {
    const origin = { depth: from.depth, importedBy: this.#place.nameOf(from.path) };
    const path = imported.startsWith("/") ? imported : posix.join(posix.dirname(from.path), imported);
    if (/^(?:\/|~|\.\.(?:\/|$))/.test(imported.startsWith("~") ? imported : path)) {
      const where = this.#place.isRepository ? "the repository" : "its folder";
      this.#warn(`@${imported} is not read: it is outside ${where}`, origin);
    } else if (from.depth > DEEPEST_IMPORT) {
      this.#warn(`@${imported} is not read: it is more than ${DEEPEST_IMPORT} imports deep`, origin);
    } else if (!(await this.add(path, origin)) && /^\.{1,2}\/|\.md$/.test(imported)) {
      // Anything else that begins like that may be a person, a package or a decorator.
      this.#warn(`@${imported} is not read: there is no such file`, origin);
    }
  }

  /** What was read, within the bound of all: the nearest file is cut last, and an import before the files themselves. */
  bounded(): Instructions[] {
    let left = MOST_BYTES_OF_ALL;
    const byWeight = this.#found.toReversed().sort((one, other) => weight(one) - weight(other));
    const bounded = new Map(
      byWeight.map((each): [Instructions, Instructions] => {
        const text = firstLines(each.text, left);
        left -= Buffer.byteLength(text);
        return [each, text === each.text ? each : { ...each, text, isCut: true }];
      }),
    );
    const inOrder = this.#found.flatMap((each) => bounded.get(each) ?? []);
    for (const { name, size, isCut, text } of inOrder) {
      if (isCut)
        this.warnings.push(`${name} is cut: the agent is told ${Buffer.byteLength(text)} of its ${size} bytes`);
    }
    return inOrder;
  }

  #warn(what: string, { importedBy }: Origin): void {
    this.warnings.push(importedBy === undefined ? what : `${importedBy}: ${what}`);
  }
}

function weight({ importedBy }: Instructions): number {
  return importedBy === undefined ? 0 : 1;
}

function textOf(bytes: Uint8Array, { isWhole }: { isWhole: boolean }): string {
  // A character, or a secret, that is cut in two is none any more.
  const content = decodeFile(isWhole ? bytes : bytes.subarray(0, bytes.lastIndexOf(10) + 1));
  return content.encoding === "binary" ? "" : content.text.replace(/^\ufeff/, "");
}
