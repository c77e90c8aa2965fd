import { readablePath, toBytePath } from "./byte-path.ts";
import type { Checkout } from "./checkout.ts";
import { readCommit, writeCommit } from "./commit-object.ts";
import { cameHere } from "./head-log.ts";
import type { LeftOut } from "./left-out.ts";
import type { BranchMove, OpenBranch } from "./open-branch.ts";
import type { Identity } from "./repository.ts";
import type { Scan } from "./scan.ts";
import type { StepRecord } from "./step-record.ts";
import { Trees } from "./tree.ts";

/** A commit that was made on the session's branch. */
export interface MadeCommit {
  readonly commit: string;
  readonly subject: string;
  /** Paths that changed with it, as a person reads them. */
  readonly files: readonly string[];
}

/** A commit of files that were scanned. */
export interface NewCommit {
  readonly message: string;
  readonly author: Identity;
  /** Records that no commit holds then. */
  readonly unsaved: readonly StepRecord[];
}

/** A session's branch and its files, which move together. */
export class BranchWithFiles {
  readonly branch: OpenBranch;
  readonly checkout: Checkout;
  /** What was not committed so far, by its path. */
  readonly leftOut: Map<string, LeftOut>;
  readonly #trees: Trees;

  constructor(branch: OpenBranch, checkout: Checkout, leftOut: Map<string, LeftOut>) {
    this.branch = branch;
    this.checkout = checkout;
    this.leftOut = leftOut;
    this.#trees = new Trees(branch.reading.objects);
  }

  /** Looks for changes everywhere, or at the given paths, once the branch is where commands in the worktree moved it. */
  async scan(changes: "scan" | readonly string[]): Promise<Scan> {
    await this.checkout.restore(this.branch.repository);
    await this.#takeAlong();
    const scanned =
      changes === "scan" ? await this.checkout.scan() : await this.checkout.scanPaths(changes.map(toBytePath));
    for (const item of scanned.leftOut) this.leftOut.set(item.path, item);
    return scanned;
  }

  /** The tip's tree with what was found changed. */
  async treeWith({ files }: Pick<Scan, "files">): Promise<string> {
    const changed = this.checkout.changed(files);
    const { tree } = await readCommit(this.branch.reading.objects, this.branch.tip);
    return changed.size === 0 ? tree : this.#trees.apply(tree, changed);
  }

  /** Commits what was found changed, or an empty commit when nothing was. */
  async commit({ files }: Pick<Scan, "files">, { message, author, unsaved }: NewCommit): Promise<MadeCommit> {
    const { repository, reading, tip } = this.branch;
    const changed = this.checkout.changed(files);
    const parent = await readCommit(reading.objects, tip);
    const tree = await this.treeWith({ files });
    const commit = await writeCommit(reading.objects, {
      tree,
      parents: [tip],
      author,
      committer: repository.identity,
      committedAt: Math.max(Math.floor(Date.now() / 1000), parent.committedAt),
      message,
    });
    await this.branch.moveTo({ tip: commit, unsaved }, async () => ({
      undo: files.size === 0 ? async () => {} : await this.checkout.update(files),
    }));
    const subject = message.slice(0, message.indexOf("\n"));
    return { commit, subject, files: [...changed.keys()].map(readablePath).sort() };
  }

  /** Moves on to a commit that was written with files of its own, which come into the worktree. */
  async switchTo({ tree, ...move }: BranchMove & { readonly tree: string }): Promise<void> {
    const before = await readCommit(this.branch.reading.objects, this.branch.tip);
    const switched = await this.branch.moveTo(move, () =>
      this.checkout.switchTree(this.branch.repository, { from: before.tree, to: tree }),
    );
    await switched.keep();
  }

  /** Goes on from where somebody else moved the branch. */
  async follow(tip: string): Promise<void> {
    if (await cameHere(this.checkout.linked.gitDir, tip)) {
      await this.checkout.follow((await readCommit(this.branch.reading.objects, tip)).tree);
    } else {
      await this.bringFiles({ from: this.branch.tip, to: tip });
    }
    this.branch.follow(tip);
  }

  /** Has the files follow a branch that was moved from elsewhere; what was changed by hand stays as it is. */
  async bringFiles({ from, to }: { from: string; to: string }): Promise<void> {
    const { repository, reading } = this.branch;
    const before = await readCommit(reading.objects, from);
    const after = await readCommit(reading.objects, to);
    const changed = this.checkout.changed((await this.checkout.scan()).files);
    const withChanges = (tree: string) => (changed.size === 0 ? tree : this.#trees.apply(tree, changed));
    const trees = { from: await withChanges(before.tree), to: await withChanges(after.tree) };
    await (await this.checkout.switchTree(repository, trees)).keep();
    await this.checkout.follow(after.tree);
  }

  /** Goes on from what was committed on top of the session's last commit, as by a command that ran in the worktree. */
  async #takeAlong(): Promise<void> {
    const { repository, reading, branch, tip } = this.branch;
    const now = await repository.branchTip(branch);
    if (now === undefined || now === tip) return;
    const { exitCode } = await reading.gitDir.git(["merge-base", "--is-ancestor", tip, now], { accept: [1] });
    // Moved to somewhere else, it is told of when the branch is to move on.
    if (exitCode === 0) await this.follow(now);
  }
}
