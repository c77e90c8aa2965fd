import { hash } from "node:crypto";
import { posix } from "node:path";
import { checkoutOf, homeFolder, userFolder, userFolderName } from "../settings/places.ts";
import { decodeFile } from "../tools/text-file.ts";
import { type FrontMatter, readFrontMatter } from "./front-matter.ts";
import { FrontMatterError } from "./front-matter-error.ts";
import { reasonOf, SourceFolder } from "./source-folder.ts";

const MOST_BYTES = 256 * 1024;
const MOST_FILES = 500;

/** A Markdown file that defines something: a command, a kind of agent, a skill. */
export interface Definition extends FrontMatter {
  /** The file, as people are told of it. */
  readonly file: string;
  /** Its path in its folder, without `.md`. */
  readonly path: string;
  readonly isRepository: boolean;
  /** Of the file as it is now, for whoever may have trusted it. */
  readonly digest: string;
}

/** Where definitions are looked for. */
export interface DefinitionOptions {
  /** The folder the user is in. */
  readonly cwd: string;
  /** Says where the user's files are; the process's variables unless given. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The folders of a name, that of the repository first: `.bough/<name>`, `.claude/<name>`, and the user's own. */
export async function foldersOf(
  name: "agents" | "commands",
  { cwd, env = process.env }: DefinitionOptions,
): Promise<readonly SourceFolder[]> {
  const root = await checkoutOf(cwd);
  const repository = root === undefined ? [] : [".bough", ".claude"].map((place) => posix.join(place, name));
  return [
    ...repository.map((base) => SourceFolder.ofRepository(root ?? "/", base)),
    SourceFolder.ofUser(posix.join(userFolder(env), name), posix.join(userFolderName(env), name)),
    SourceFolder.ofUser(posix.join(homeFolder(env), ".claude", name), posix.join("~/.claude", name)),
  ];
}

/** Reads what the Markdown files of a folder define; what is wrong with one goes to `warn`, and it is left out. */
export async function readDefinitions<Defined>(
  folder: SourceFolder,
  define: (definition: Definition) => Defined,
  { deepest, warn }: { readonly deepest: number; readonly warn: (warning: string) => void },
): Promise<Defined[]> {
  const paths = await quietly(() => markdownFiles(folder, "", deepest), { file: folder.nameOf(""), warn });
  const defined: Defined[] = [];
  for (const path of (paths ?? []).slice(0, MOST_FILES)) {
    const one = await quietly(async () => define(await readDefinition(folder, path)), {
      file: folder.nameOf(path),
      warn,
    });
    if (one !== undefined) defined.push(one);
  }
  if (paths !== undefined && paths.length > MOST_FILES) {
    warn(`${folder.nameOf("")} has more than ${MOST_FILES} files; only the first are read`);
  }
  return defined;
}

/** Reads a Markdown file with its front matter; throws what is wrong with it. */
export async function readDefinition(folder: SourceFolder, path: string): Promise<Definition> {
  const found = await folder.readStart(path, MOST_BYTES);
  if (found === undefined) throw new Error("there is no such file");
  if (found.size > found.bytes.length) throw new Error(`it has more than ${MOST_BYTES / 1024} KB`);
  const content = decodeFile(found.bytes);
  if (content.encoding === "binary") throw new Error("it is no text");
  const matter = await readFrontMatter(content.text.replace(/^\ufeff/, ""));
  const digest = `sha256:${hash("sha256", found.bytes)}`;
  const { isRepository } = folder;
  return { ...matter, file: folder.nameOf(path), path: path.replace(/\.md$/, ""), isRepository, digest };
}

/** Resolves to undefined when it fails, and says why. */
export async function quietly<Result>(
  work: () => Promise<Result>,
  { file, warn }: { readonly file: string; readonly warn: (warning: string) => void },
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    const line = error instanceof FrontMatterError ? `:${error.line}` : "";
    warn(`${file}${line} is not used: ${reasonOf(error)}`);
    return undefined;
  }
}

async function markdownFiles(folder: SourceFolder, path: string, deepest: number): Promise<string[]> {
  const found: string[] = [];
  for (const { name, kind } of await folder.list(path)) {
    if (found.length > MOST_FILES) break;
    const inside = posix.join(path, name);
    if (kind === "folder" && deepest > 0) found.push(...(await markdownFiles(folder, inside, deepest - 1)));
    if (kind === "file" && name.endsWith(".md")) found.push(inside);
  }
  return found;
}
