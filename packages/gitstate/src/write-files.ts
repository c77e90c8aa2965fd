import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { asBytePath, type BytePath, pathBytes } from "./byte-path.ts";
import { CheckoutWriteError } from "./errors.ts";
import { discardFolder, FILES_FOLDER, type JournalOwner, keepOldFiles, writeJournal } from "./files-journal.ts";
import { makeHeldFolder } from "./held-folder.ts";
import { withReading } from "./reading.ts";
import { type Replacement, replaceFiles } from "./replace-files.ts";
import type { Repository } from "./repository.ts";
import { Trees } from "./tree.ts";

/** Files that were written into a work tree, and can still be taken back. */
export interface WrittenFiles {
  /** Puts the old files back; throws a {@link CheckoutWriteError} that names those that could not be. */
  undo(): Promise<void>;
  /** Lets go of the old files. */
  keep(): Promise<void>;
}

/** Where files are written, and as part of what. */
export interface WorkTree extends JournalOwner {
  readonly root: string;
  /** Takes the old files and the new on their way: on the file system of the files, as a rule, and out of sight. */
  readonly gitDir: string;
}

/**
 * Writes files of a tree into a work tree, all of them or none. Until they are kept or taken back a journal beside the
 * old files says how to take them back after a kill; see `undoFiles`.
 */
export async function writeFiles(
  repository: Repository,
  tree: string,
  replacements: readonly Replacement[],
  { root, gitDir, ...owner }: WorkTree = { root: repository.root, gitDir: repository.gitDir },
): Promise<WrittenFiles> {
  const folder = await makeHeldFolder(gitDir, FILES_FOLDER);
  const [newFiles, oldFiles] = [join(folder, "new"), join(folder, "old")];
  const keep = () => discardFolder(folder);
  const keepUnlessLost = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      const isLost = error instanceof CheckoutWriteError && error.lost.length > 0;
      await (isLost ? keepOldFiles(folder) : keep());
      throw error;
    }
  };
  let undo = async () => {};
  await keepUnlessLost(async () => {
    await Promise.all([mkdir(newFiles), mkdir(oldFiles)]);
    const paths = replacements.filter(({ replaced }) => replaced).map(({ path }) => path);
    await checkOut(repository, tree, paths, newFiles);
    await writeJournal(folder, { root, replacements, owner });
    undo = await replaceFiles(replacements, { root, newFiles, oldFiles });
  });
  return {
    keep,
    undo: async () => {
      await keepUnlessLost(undo);
      await keep();
    },
  };
}

/** Writes files of a tree as the checkout would have them: with the line endings and filters that the tree asks for. */
async function checkOut(
  repository: Repository,
  tree: string,
  paths: readonly BytePath[],
  folder: string,
): Promise<void> {
  const entries = await indexEntries(repository, tree, paths);
  await repository.withGitDir(async (gitDir) => {
    await gitDir.git(["update-index", "-z", "--index-info"], { input: entries });
    const input = Buffer.concat(paths.flatMap((path) => [pathBytes(path), Buffer.from([0])]));
    await gitDir.git(["checkout-index", "--force", "-z", "--stdin"], { input });
  }, folder);
}

/** What the index has to hold for it: the files, and what says how they and those beside them are written. */
async function indexEntries(repository: Repository, tree: string, paths: readonly BytePath[]): Promise<Buffer> {
  const needed = new Set(paths.flatMap((path) => [path, ...attributeFiles(path)]));
  return withReading(repository, async ({ objects }) => {
    const trees = new Trees(objects);
    const lines: Buffer[] = [];
    for (const path of needed) {
      const entry = await trees.entry(tree, path);
      if (entry === undefined || entry.mode === "40000") continue;
      lines.push(Buffer.from(`${entry.mode} ${entry.id}\t`), pathBytes(path), Buffer.from([0]));
    }
    return Buffer.concat(lines);
  });
}

/** The attributes of a file stand in its folder and in those above. */
function attributeFiles(path: BytePath): BytePath[] {
  const folders = path.split("/").slice(0, -1);
  return [0, ...folders.keys().map((i) => i + 1)].map((depth) =>
    asBytePath([...folders.slice(0, depth), ".gitattributes"].join("/")),
  );
}
