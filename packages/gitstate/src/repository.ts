import { mkdtemp, readFile, realpath, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { cleanIdentity } from "./commit-object.ts";
import { EffectiveConfig } from "./effective-config.ts";
import { GitError, RepositoryError } from "./errors.ts";
import { type Folders, foldersOf } from "./folders.ts";
import { type GitOptions, type GitOutput, git, gitEnvironment, RUN_NOTHING } from "./git.ts";
import { makeFolder } from "./make-folder.ts";
import { type ObjectFormat, ObjectStore } from "./object-store.ts";
import { isMissing } from "./own-folder.ts";
import { PrivateGitDir } from "./private-git-dir.ts";
import type { Reading } from "./reading.ts";
import { RefUpdates } from "./ref-updates.ts";

/** How the names begin of folders that a process makes for itself in the cache. */
export const TEMPORARY = "TEMPORARY-";

/** Who a commit is by. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** Where a user stands in their repository. */
export interface Head {
  /** Undefined before their first commit. */
  readonly commit: string | undefined;
  /** Undefined on a detached HEAD. */
  readonly branch: string | undefined;
}

interface Layout {
  readonly root: string;
  /** The folder the user stands in, relative to the root; empty at the root. */
  readonly prefix: string;
  readonly gitDir: string;
  readonly commonDir: string;
  readonly format: ObjectFormat;
}

/** The user's repository, as it was found from a folder. It is read, and refs of bough's own are added to it. */
export class Repository {
  readonly root: string;
  readonly prefix: string;
  readonly gitDir: string;
  readonly commonDir: string;
  readonly format: ObjectFormat;
  readonly config: EffectiveConfig;
  readonly folders: Folders;
  #reading: Promise<Reading> | undefined;
  #readers = 0;

  private constructor(layout: Layout, config: EffectiveConfig) {
    this.root = layout.root;
    this.prefix = layout.prefix;
    this.gitDir = layout.gitDir;
    this.commonDir = layout.commonDir;
    this.format = layout.format;
    this.config = config;
    this.folders = foldersOf(layout.commonDir);
  }

  /** Finds the repository a folder belongs to; throws a {@link RepositoryError} when there is none to work in. */
  static async open(cwd: string): Promise<Repository> {
    const [layout, config] = await Promise.all([
      findLayout(cwd),
      // Whatever is wrong with the repository, finding its layout says so better.
      EffectiveConfig.read(cwd).catch(() => new EffectiveConfig([])),
    ]);
    return new Repository(layout, config);
  }

  /** Runs git in the user's repository, with everything in its configuration that runs programs turned off. */
  git(args: readonly string[], options: Pick<GitOptions, "input" | "accept"> = {}): Promise<GitOutput> {
    const command = [...RUN_NOTHING, "--git-dir", this.commonDir, ...args];
    return git(command, { cwd: this.commonDir, env: { ...gitEnvironment(), ...this.identityVariables() }, ...options });
  }

  /** The person whose repository it is, as git would name them; bough where they have given no name. */
  get identity(): Identity {
    const name = process.env["GIT_COMMITTER_NAME"] || this.config.get("committer.name") || this.config.get("user.name");
    const email =
      process.env["GIT_COMMITTER_EMAIL"] || this.config.get("committer.email") || this.config.get("user.email");
    return name === undefined || email === undefined
      ? { name: "bough", email: "bough@localhost" }
      : cleanIdentity({ name, email });
  }

  /** The identity for a git that writes reflogs. */
  identityVariables(): NodeJS.ProcessEnv {
    const { name, email } = this.identity;
    return { GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email };
  }

  /** Starts moving refs, with no worktree in mind. */
  refUpdates(): RefUpdates {
    return new RefUpdates({ gitDir: this.commonDir, cwd: this.commonDir, identity: this.identityVariables() });
  }

  /** Looks where the user stands now. */
  async head(): Promise<Head> {
    const content = await readFile(join(this.gitDir, "HEAD"), "utf8");
    const branch = /^ref: refs\/heads\/(.+)\n$/.exec(content)?.[1];
    const loose = branch === undefined ? undefined : await readLooseRef(this.commonDir, `refs/heads/${branch}`);
    return { branch, commit: loose ?? (await resolveHead(this.root)) };
  }

  /** Looks where a branch stands now. */
  branchTip(branch: string): Promise<string | undefined> {
    return this.refTip(`refs/heads/${branch}`);
  }

  /** Looks where a ref stands now. */
  async refTip(ref: string): Promise<string | undefined> {
    const loose = await readLooseRef(this.commonDir, ref);
    if (loose !== undefined) return loose;
    const { stdout } = await this.git(["for-each-ref", "--format=%(objectname)", ref]);
    return stdout.toString().trim() || undefined;
  }

  /** Lends the way to read this repository's objects; all who borrow it share one long-lived git. */
  async retain(): Promise<Reading> {
    this.#readers++;
    this.#reading ??= this.#openReading();
    const reading = await this.#reading;
    await this.restoreGitDir(reading.gitDir);
    return reading;
  }

  /** Gives back what {@link retain} lent; after the last one the long-lived git ends. */
  async release(): Promise<void> {
    if (--this.#readers > 0) return;
    const reading = this.#reading;
    this.#reading = undefined;
    await (await reading)?.objects.close();
  }

  async #openReading(): Promise<Reading> {
    // A session's name has no capitals, so this can be none of theirs.
    const path = await makeFolder(join(this.folders.cache, "READING"));
    const gitDir = await this.privateGitDir(path, { workTree: this.commonDir, indexDir: this.gitDir });
    const folder = join(this.commonDir, "objects");
    return { gitDir, objects: new ObjectStore({ folder, format: this.format, gitDir }) };
  }

  /** Lends a private git dir that looks at a work tree and goes when the work with it is done. */
  async withGitDir<Result>(
    work: (gitDir: PrivateGitDir) => Promise<Result>,
    workTree: string,
    indexDir: string = this.gitDir,
  ): Promise<Result> {
    await makeFolder(this.folders.cache);
    const path = await mkdtemp(join(this.folders.cache, TEMPORARY));
    try {
      return await work(await this.privateGitDir(path, { workTree, indexDir }));
    } finally {
      await rm(path, { recursive: true, force: true });
    }
  }

  /** Makes a private git dir anew, but for its index, where somebody deleted it meanwhile: it is a cache. */
  async restoreGitDir({ path, workTree }: PrivateGitDir): Promise<void> {
    if (!(await isMissing(join(path, "config")))) return;
    await this.privateGitDir(await makeFolder(path), { workTree, indexDir: this.gitDir });
  }

  /** Makes or renews a private git dir on this repository's objects. */
  privateGitDir(path: string, { workTree, indexDir }: { workTree: string; indexDir: string }): Promise<PrivateGitDir> {
    return PrivateGitDir.create(path, workTree, {
      commonDir: this.commonDir,
      indexDir,
      format: this.format,
      config: this.config,
    });
  }
}

async function findLayout(cwd: string): Promise<Layout> {
  const questions = ["--is-bare-repository", "--show-object-format", "--absolute-git-dir", "--git-common-dir"];
  const args = ["rev-parse", "--path-format=absolute", ...questions, "--show-prefix", "--show-toplevel"];
  const { stdout } = await git(args, { cwd, env: gitEnvironment() }).catch((error: unknown) => refuse(cwd, error));
  const [, format, gitDir = "", commonDir = "", prefix = "", root = "", ...rest] = stdout.toString().split("\n");
  // Part of a folder's name would be taken for the path of another repository.
  if (rest.length !== 1) {
    throw new RepositoryError(
      "unusable",
      `${JSON.stringify(cwd)} has a line break in its path, with which it cannot be told from another. Rename the folder.`,
    );
  }
  return {
    root: await realpath(root),
    prefix: prefix.replace(/\/$/, ""),
    gitDir: await realpath(gitDir),
    commonDir: await realpath(commonDir),
    format: format === "sha256" ? "sha256" : "sha1",
  };
}

async function refuse(cwd: string, error: unknown): Promise<never> {
  if ((await stat(cwd).catch(() => undefined))?.isDirectory() !== true) {
    throw new RepositoryError("not-a-repository", `There is no folder ${cwd}.`, { cause: error });
  }
  if (!(error instanceof GitError) || error.exitCode === undefined) throw error;
  if (/not a git repository/.test(error.stderr)) {
    throw new RepositoryError(
      "not-a-repository",
      `${cwd} is not in a git repository, and bough keeps all it does in one. Run "git init" there, then try again.`,
      { cause: error },
    );
  }
  if (/must be run in a work tree/.test(error.stderr)) {
    throw new RepositoryError(
      "bare",
      `${cwd} is a bare repository: it has no files to work on. Clone it, or "git worktree add" a checkout, and start there.`,
      { cause: error },
    );
  }
  throw new RepositoryError("unusable", `Cannot open the repository at ${cwd}: ${error.stderr.trim()}`, {
    cause: error,
  });
}

/** A ref that was moved lately stands in a file of its own, which spares starting git to ask. */
async function readLooseRef(commonDir: string, ref: string): Promise<string | undefined> {
  const content = await readFile(join(commonDir, ref), "utf8").catch(() => "");
  return /^([0-9a-f]{40,64})\n$/.exec(content)?.[1];
}

async function resolveHead(cwd: string): Promise<string | undefined> {
  const args = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"];
  const { stdout, exitCode } = await git(args, { cwd, env: gitEnvironment(), accept: [1] });
  return exitCode === 0 ? stdout.toString().trim() : undefined;
}
