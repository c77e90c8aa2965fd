import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BytePath } from "./byte-path.ts";
import { copyIndex } from "./base.ts";
import { Conversions } from "./conversions.ts";
import { IndexFile } from "./index-file.ts";
import { type LinkedWorktree, openLinkedWorktree, replaceIndex } from "./linked-worktree.ts";
import type { ObjectStore } from "./object-store.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import type { Repository } from "./repository.ts";
import { type Scan, type ScanContext, type ScannedFile, scan, scanPaths } from "./scan.ts";

/**
 * The files of a session: its linked worktree, and an index of our own in the private git dir that says what was
 * last committed of them. The worktree's own index is kept equal to it, so that `git status` there is right.
 */
export class Checkout {
  readonly linked: LinkedWorktree;
  /** Whether the worktree had to be made, so that nobody can have changed anything in it yet. */
  readonly isNew: boolean;
  readonly #gitDir: PrivateGitDir;
  readonly #context: ScanContext;
  readonly #index: IndexFile;
  /** The worktree's own index as we left it. */
  #left: string | undefined;

  private constructor(
    linked: LinkedWorktree & { isNew: boolean },
    gitDir: PrivateGitDir,
    context: Omit<ScanContext, "trackedMode">,
    index: IndexFile,
  ) {
    this.linked = linked;
    this.isNew = linked.isNew;
    this.#gitDir = gitDir;
    this.#index = index;
    this.#context = { ...context, trackedMode: (path) => index.mode(path) };
  }

  /** Opens the worktree on a branch whose tip has the given tree, making it and its files where they are missing. */
  static async open({
    repository,
    gitDir,
    objects,
    branch,
    tree,
  }: {
    repository: Repository;
    gitDir: PrivateGitDir;
    objects: ObjectStore;
    branch: string;
    tree: string;
  }): Promise<Checkout> {
    const linked = await openLinkedWorktree(repository, gitDir.workTree, branch);
    if (linked.isNew) {
      await gitDir.git(["read-tree", "-m", "-u", tree]).catch((error: unknown) => {
        throw new Error(`Cannot put the session's files into ${linked.path}.`, { cause: error });
      });
    } else {
      if ((await stat(gitDir.index).catch(() => undefined)) === undefined) await copyIndex(join(linked.gitDir, "index"), gitDir.index);
      // Whatever the index said before, from here on it says what the tip holds; the files stay as they are.
      await gitDir.git(["read-tree", "-m", tree]).catch(() => gitDir.git(["read-tree", tree]));
    }
    const index = IndexFile.parse(await readFile(gitDir.index), repository.format);
    const context = {
      gitDir,
      objects,
      conversions: new Conversions(gitDir, repository.config),
      trustsFileMode: repository.config.boolean("core.filemode") !== false,
    };
    const checkout = new Checkout(linked, gitDir, context, index);
    if (linked.isNew) await checkout.#replace(await readFile(gitDir.index));
    return checkout;
  }

  /** Finds all that changed since the last commit. */
  scan(): Promise<Scan> {
    return scan(this.#context);
  }

  /** Looks at the given paths only. */
  scanPaths(paths: readonly BytePath[]): Promise<Scan> {
    return scanPaths(this.#context, paths);
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
   * Brings both indexes up to date. It is done before the branch moves: after a crash in between, the worktree
   * shows the change as staged and not committed, which is true.
   */
  async update(files: Scan["files"]): Promise<void> {
    const free = await this.#isAsLeft();
    const entries = [...files].map(
      ([path, file]) =>
        [path, file === undefined ? undefined : { mode: Number.parseInt(file.mode, 8), id: file.id, stat: file.stat }] as const,
    );
    this.#index.apply(new Map(entries));
    const content = this.#index.format();
    const temporary = `${this.#gitDir.index}.new`;
    await writeFile(temporary, content);
    await rename(temporary, this.#gitDir.index);
    if (free) await this.#replace(content);
  }

  async #replace(content: Buffer): Promise<void> {
    await mkdir(this.linked.gitDir, { recursive: true });
    if (await replaceIndex(this.linked.gitDir, content)) this.#left = await fingerprint(this.linked.gitDir);
  }

  /** Somebody may have staged in the worktree: then its index is theirs. A mere refresh by `git status` is not that. */
  async #isAsLeft(): Promise<boolean> {
    const now = await fingerprint(this.linked.gitDir);
    if (now === this.#left || now === "") return true;
    try {
      const theirs = IndexFile.parse(await readFile(join(this.linked.gitDir, "index")), this.#context.objects.format);
      return theirs.sameContent(this.#index);
    } catch {
      return false;
    }
  }
}

async function fingerprint(gitDir: string): Promise<string> {
  const found = await stat(join(gitDir, "index"), { bigint: true }).catch(() => undefined);
  return found === undefined ? "" : `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
}
