import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyIndex } from "./base.ts";
import type { BytePath } from "./byte-path.ts";
import { readCommit } from "./commit-object.ts";
import { RepositoryError } from "./errors.ts";
import { cameHere } from "./head-log.ts";
import { type IndexEntry, IndexFile } from "./index-file.ts";
import { type LinkedWorktree, openLinkedWorktree, replaceIndex } from "./linked-worktree.ts";
import type { ObjectStore } from "./object-store.ts";
import { isMissing } from "./own-folder.ts";
import { planFiles } from "./plan-files.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import { recoverSwitches } from "./recover-switch.ts";
import type { Repository } from "./repository.ts";
import { admit, type Scan, type ScanContext, type ScannedFile, scan, scanContext, scanPaths } from "./scan.ts";
import { removeStaleLocks } from "./stale-locks.ts";
import { notToldBefore } from "./told-once.ts";
import { readTreeChanges, type TreeChange } from "./tree-changes.ts";
import { bringOtherFiles, findOtherFiles } from "./worktree-include.ts";
import { type WrittenFiles, writeFiles } from "./write-files.ts";

/** Where a session's files are opened from. */
export interface CheckoutSource {
  readonly repository: Repository;
  readonly gitDir: PrivateGitDir;
  readonly objects: ObjectStore;
  readonly branch: string;
  readonly tip: string;
  /** The commit that the files were left at, where somebody else moved the branch since. */
  readonly leftAt: string | undefined;
  /** Whether the process that had it open before was killed. */
  readonly afterCrash: boolean;
}

/**
 * The files of a session: its linked worktree, and an index of our own in the private git dir that says what was
 * last committed of them. The worktree's own index is kept equal to it, so that `git status` there is right.
 */
export class Checkout {
  readonly linked: LinkedWorktree;
  /** The commit whose files it was opened with: not the tip where the branch was moved and the files were not. */
  readonly at: string;
  /** What a person should know of a worktree that was just made, a sentence each. */
  readonly notices: readonly string[];
  /** What became of files that a killed process was switching, a line each. */
  readonly recovered: readonly string[];
  readonly #gitDir: PrivateGitDir;
  readonly #context: ScanContext;
  #index: IndexFile;
  /** The worktree's own index as we left it. */
  #left: string | undefined;

  private constructor(
    linked: LinkedWorktree,
    { config }: Repository,
    means: Pick<CheckoutSource, "gitDir" | "objects"> &
      Pick<Checkout, "at" | "notices" | "recovered"> & { readonly index: IndexFile },
  ) {
    const { gitDir, objects } = means;
    const tracked = { mode: (path: BytePath) => this.#index.mode(path), gitlinks: () => this.#index.gitlinks() };
    this.linked = linked;
    this.at = means.at;
    this.notices = means.notices;
    this.recovered = means.recovered;
    this.#gitDir = gitDir;
    this.#index = means.index;
    this.#context = scanContext(config, { gitDir, objects, tracked });
  }

  /** Opens the worktree of a branch, making it and its files where they are missing. */
  static async open(source: CheckoutSource): Promise<Checkout> {
    const { repository, gitDir, objects, branch, tip, leftAt, afterCrash } = source;
    if (afterCrash) await removeStaleLocks([`${gitDir.index}.lock`]);
    const linked = await openLinkedWorktree(repository, gitDir.workTree, branch);
    if (afterCrash) await removeLocksOf(linked, gitDir);
    // It stands while files are being put there: a checkout that was cut short must not look like deletions.
    const unfinished = join(linked.gitDir, "bough-checkout");
    const isNew = linked.isNew || (await exists(unfinished)) || (await holdsNothingYet(linked));
    const stayed = leftAt !== undefined && !isNew && !(await cameHere(linked.gitDir, tip));
    const at = stayed ? leftAt : tip;
    const { tree } = await readCommit(objects, at);
    const { told: recovered, unswitched } = await recoverSwitches({ gitDir, objects }, { linked, tip: at, isNew });
    let notices: string[] = [];
    if (isNew) {
      await writeFile(unfinished, "");
      await rm(gitDir.index, { force: true });
      const [others] = await Promise.all([
        findOtherFiles(repository),
        gitDir.git(["read-tree", "--reset", "-u", tree]),
      ]);
      const lacking = await bringOtherFiles(repository, others, gitDir);
      notices = await notToldBefore(join(gitDir.path, "told"), lacking, (line) => line);
    } else {
      await readTip(gitDir, linked, tree);
    }
    const index = await parseIndex(gitDir, tree, repository.format);
    const checkout = new Checkout(linked, repository, { gitDir, objects, index, at, notices, recovered });
    if (isNew) {
      await checkout.#write(undefined);
      await rm(unfinished);
    }
    for (const changes of unswitched) await checkout.#unstage(changes);
    return checkout;
  }

  /** Ends the helper processes. */
  async close(): Promise<void> {
    await Promise.all([this.#context.ignoreRules.close(), this.#context.conversions.close()]);
  }

  /**
   * Makes the private git dir anew where somebody deleted it, which is no loss. A worktree that somebody deleted is one
   * that a process may be at work in: a {@link RepositoryError} says how to have it again.
   */
  async restore(repository: Repository): Promise<void> {
    const { workTree, index } = this.#gitDir;
    if (await isMissing(workTree)) {
      throw new RepositoryError(
        "worktree-gone",
        `The session's worktree is gone: somebody deleted ${workTree}. All that was committed is on the branch; close the session and resume it to have the files again.`,
      );
    }
    await repository.restoreGitDir(this.#gitDir);
    if (await isMissing(index)) await this.#writeOwn();
  }

  /** Takes a tree for what was last committed, when somebody else made that commit; the files stay as they are. */
  async follow(tree: string): Promise<void> {
    await readTip(this.#gitDir, this.linked, tree);
    this.#index = await parseIndex(this.#gitDir, tree, this.#context.objects.format);
  }

  /** Finds all that changed since the last commit. */
  scan(): Promise<Scan> {
    return scan(this.#context);
  }

  /** Looks at the given paths only; what a scan of everything would leave out is left out here too. */
  async scanPaths(paths: readonly BytePath[]): Promise<Scan> {
    // What was written in place of a folder, or removed with it, stood below.
    const all = [...new Set(paths.flatMap((path) => [path, ...this.#index.below(path)]))];
    const { kept, leftOut } = await admit(this.#context, all);
    const scanned = await scanPaths(this.#context, kept);
    return { files: scanned.files, leftOut: [...leftOut, ...scanned.leftOut] };
  }

  /** Tells which of the scanned files really differ from what was committed. */
  changed(files: Scan["files"]): Map<BytePath, ScannedFile> {
    return new Map(
      [...files].filter(([path, file]) =>
        file === undefined
          ? this.#index.has(path)
          : file.id !== this.#index.id(path) || Number.parseInt(file.mode, 8) !== this.#index.mode(path),
      ),
    );
  }

  /**
   * Brings both indexes up to date, and resolves to how to take that back. It is done before the branch moves: after a
   * crash in between, the worktree shows the change as staged and not committed, which is true.
   */
  async update(files: Scan["files"]): Promise<() => Promise<void>> {
    const entries = new Map(
      [...files].map(([path, file]): [BytePath, IndexEntry | undefined] => [
        path,
        file === undefined ? undefined : { mode: Number.parseInt(file.mode, 8), id: file.id, stat: file.stat },
      ]),
    );
    const staged = await this.#readStaged();
    // What they staged otherwise than it was committed stays staged.
    const undoTheirs = staged?.apply(new Map([...entries].filter(([path]) => staged.agrees(this.#index, path))));
    const undoOurs = this.#index.apply(entries);
    await this.#write(staged);
    return async () => {
      undoTheirs?.();
      undoOurs();
      await this.#write(staged);
    };
  }

  /**
   * Brings the files, which are as the first tree has them, and both indexes to the second, and resolves to how to take
   * that back. Files that no commit holds are not overwritten: a `RepositoryError` names them.
   */
  async switchTree(repository: Repository, { from, to }: { from: string; to: string }): Promise<WrittenFiles> {
    const changes = await readTreeChanges(this.#gitDir, from, to);
    const root = this.#gitDir.workTree;
    const replacements = await planFiles(root, { tree: from, context: this.#context }, to);
    const journal = { gitDir: this.linked.gitDir, trees: { from, to } };
    const written = await writeFiles(repository, to, replacements, { root, ...journal });
    try {
      const { files } = await scanPaths(
        this.#context,
        changes.map(({ path }) => path),
      );
      const entries = new Map(
        changes.map(({ path, after }): [BytePath, ScannedFile] => {
          const found = files.get(path);
          // What a filter or another program made of it since is not what the tree holds.
          return [path, after && { ...after, stat: found?.id === after.id ? found.stat : undefined }];
        }),
      );
      const undoIndexes = await this.update(entries);
      return {
        keep: () => written.keep(),
        undo: async () => {
          await undoIndexes();
          await written.undo();
        },
      };
    } catch (error) {
      await written.undo();
      throw error;
    }
  }

  /** Throws what {@link switchTree} would throw for files that no commit holds. */
  async checkSwitch({ from, to }: { from: string; to: string }): Promise<void> {
    await planFiles(this.#gitDir.workTree, { tree: from, context: this.#context }, to);
  }

  /** Or what a switch that was taken back left in the worktree's own index would look as if somebody had staged it. */
  async #unstage(changes: readonly TreeChange[]): Promise<void> {
    const staged = await this.#readStaged();
    if (staged === undefined) return;
    const switched = changes.filter(({ path, after }) => staged.holds(path, after));
    staged.apply(new Map(switched.map(({ path }) => [path, this.#index.get(path)])));
    await this.#write(staged.sameContent(this.#index) ? undefined : staged);
  }

  /** Writes our index, and the worktree's: a copy of it, or what somebody staged there. */
  async #write(staged: IndexFile | undefined): Promise<void> {
    const content = await this.#writeOwn();
    if (staged !== undefined) await replaceIndex(this.linked.gitDir, staged.format());
    else if (await replaceIndex(this.linked.gitDir, content)) this.#left = await fingerprint(this.linked.gitDir);
  }

  async #writeOwn(): Promise<Buffer> {
    const content = this.#index.format();
    const temporary = `${this.#gitDir.index}.new`;
    await writeFile(temporary, content);
    await rename(temporary, this.#gitDir.index);
    return content;
  }

  /**
   * Somebody may have staged in the worktree; then its index is theirs. A mere refresh by `git status` is not that, and
   * what git wrote in a form that we do not read is made anew.
   */
  async #readStaged(): Promise<IndexFile | undefined> {
    const now = await fingerprint(this.linked.gitDir);
    if (now === this.#left || now === "") return undefined;
    const theirs = parseOrNothing(await readFile(join(this.linked.gitDir, "index")), this.#context.objects.format);
    return theirs === undefined || theirs.sameContent(this.#index) ? undefined : theirs;
  }
}

/** Whatever the index said before, from here on it says what the tip holds; the files stay as they are. */
async function readTip(gitDir: PrivateGitDir, linked: LinkedWorktree, tree: string): Promise<void> {
  if (!(await exists(gitDir.index))) await copyIndex(join(linked.gitDir, "index"), gitDir.index);
  // With -m it keeps what is known of the files; an index that cannot be read is made anew.
  await gitDir.git(["read-tree", "-m", tree]).catch(() => gitDir.git(["read-tree", tree]));
}

async function parseIndex(gitDir: PrivateGitDir, tree: string, format: ObjectStore["format"]): Promise<IndexFile> {
  const index = parseOrNothing(await readFile(gitDir.index), format);
  if (index !== undefined) return index;
  // Copied from the worktree, it may be of a version that git was told to write there.
  await rm(gitDir.index);
  await gitDir.git(["read-tree", tree]);
  return IndexFile.parse(await readFile(gitDir.index), format);
}

function parseOrNothing(content: Buffer, format: ObjectStore["format"]): IndexFile | undefined {
  try {
    return IndexFile.parse(content, format);
  } catch {
    return undefined;
  }
}

/** The index that is put into the worktree is a copy of ours, which was in place before; a person's git writes another. */
async function removeLocksOf(linked: LinkedWorktree, gitDir: PrivateGitDir): Promise<void> {
  const ours = await readFile(gitDir.index).catch(() => Buffer.alloc(0));
  await Promise.all([
    removeStaleLocks([join(linked.gitDir, "HEAD.lock")]),
    removeStaleLocks([join(linked.gitDir, "index.lock")], (content) =>
      ours.subarray(0, content.length).equals(content),
    ),
  ]);
}

/** A process that was killed between adding a worktree and beginning to fill it left nothing in it but the pointer. */
async function holdsNothingYet({ path, gitDir }: LinkedWorktree): Promise<boolean> {
  return (await readdir(path)).join() === ".git" && !(await exists(join(gitDir, "index")));
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function fingerprint(gitDir: string): Promise<string> {
  const found = await stat(join(gitDir, "index"), { bigint: true }).catch(() => undefined);
  return found === undefined ? "" : `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
}
