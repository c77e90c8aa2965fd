import { lstat, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { asBytePath, type BytePath } from "./byte-path.ts";
import { describeFile } from "./describe-file.ts";
import { wasLeft } from "./held-folder.ts";
import { absolutePath, foldersAbove } from "./in-folder.ts";
import type { Replacement } from "./replace-files.ts";

/** What the names of folders begin with in which files wait on their way into a work tree and out of it. */
export const FILES_FOLDER = "bough-apply-";

const journalSchema = z.object({
  root: z.string(),
  /** The folder of the landing that it is part of; its outcome decides. */
  landing: z.string().optional(),
  /** The trees between which a session's files are switched; the branch decides. */
  trees: z.object({ from: z.string(), to: z.string() }).optional(),
  files: z.array(
    z.object({
      path: z.string().transform(asBytePath),
      /** How the file looks that stood there, as far as can be told without reading it. */
      old: z.string().optional(),
      /** What the file is that takes its place. */
      placed: z.string().optional(),
    }),
  ),
  folders: z.array(
    z.object({
      path: z.string().transform(asBytePath),
      /** Its mode; undefined when there was none. */
      mode: z.number().optional(),
    }),
  ),
});

/** What stood in a work tree before files of it were replaced, and what was to stand there. */
export type FilesJournal = z.output<typeof journalSchema>;

/** To what a replacement of files belongs. */
export type JournalOwner = Pick<FilesJournal, "landing" | "trees">;

/** Writes down what is about to be replaced, from which moment on a kill is recovered from. */
export async function writeJournal(
  folder: string,
  { root, replacements, owner }: { root: string; replacements: readonly Replacement[]; owner: JournalOwner },
): Promise<void> {
  const files = replacements.map(async ({ path, seen, replaced }) => ({
    path,
    old: seen === undefined ? undefined : describeStat(seen),
    placed: replaced ? await describeFile(absolutePath(join(folder, "new"), path)) : undefined,
  }));
  const paths = new Set(replacements.flatMap(({ path }) => foldersAbove(path)));
  const folders = [...paths].map(async (path) => ({ path, mode: await folderMode(root, path) }));
  const journal: FilesJournal = {
    root,
    ...owner,
    files: await Promise.all(files),
    folders: await Promise.all(folders),
  };
  await writeFile(join(folder, "draft"), JSON.stringify(journal));
  await rename(join(folder, "draft"), join(folder, "journal"));
}

/** How a file looks without being read. */
export function describeStat({ size, mtimeNs, mode }: { size: bigint; mtimeNs: bigint; mode: bigint }): string {
  return `${size} ${mtimeNs} ${mode}`;
}

async function folderMode(root: string, path: BytePath): Promise<number | undefined> {
  const found = await lstat(absolutePath(root, path)).catch(() => undefined);
  return found?.isDirectory() ? found.mode & 0o7777 : undefined;
}

/** Lets go of the old files and of all else in the folder. */
export async function discardFolder(folder: string): Promise<void> {
  // From here on what is in it is of no use; a kill while it is removed must not look like one before.
  await rename(join(folder, "journal"), join(folder, "done")).catch(() => {});
  await rm(join(folder, "old"), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}

/** Keeps the old files for the person, and forgets how they came there. */
export async function keepOldFiles(folder: string): Promise<void> {
  await rm(join(folder, "journal"), { force: true });
}

/** A folder of files whose process was killed while it replaced them. */
export interface CutShort {
  readonly folder: string;
  readonly journal: FilesJournal;
}

/** Finds what killed processes left in a git dir, and removes of it what nobody needs. */
export async function findCutShort(gitDir: string): Promise<CutShort[]> {
  const names = (await readdir(gitDir)).filter((name) => name.startsWith(FILES_FOLDER));
  const found = await Promise.all(names.map((name) => readCutShort(join(gitDir, name))));
  return found.flatMap((cutShort) => cutShort ?? []);
}

async function readCutShort(folder: string): Promise<CutShort | undefined> {
  if (await exists(join(folder, "done"))) {
    await discardFolder(folder);
    return undefined;
  }
  if (!(await wasLeft(folder))) return undefined;
  const text = await readFile(join(folder, "journal"), "utf8").catch(() => undefined);
  if (text !== undefined) return { folder, journal: journalSchema.parse(JSON.parse(text)) };
  // Without a journal nothing was replaced, or what could not be put back is kept for the person.
  const kept = await readdir(join(folder, "old")).catch(() => []);
  if (kept.length === 0) await discardFolder(folder);
  return undefined;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
