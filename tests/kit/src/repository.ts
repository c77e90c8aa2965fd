import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type SimpleGit, simpleGit } from "simple-git";

export interface TemporaryRepositoryOptions {
  /** Contents by path, committed when `head` is `main` and only written when it is `unborn`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Whether there is a commit on `main` (the default), or none yet. */
  readonly head?: "main" | "unborn";
  readonly bare?: boolean;
  readonly objectFormat?: "sha1" | "sha256";
  /** Whether this process takes on its environment until it is removed, for code under test that reads its own. */
  readonly enter?: boolean;
}

/** A repository that nothing of this machine's configuration reaches; `await using` removes it with all around it. */
export interface TemporaryRepository extends AsyncDisposable {
  readonly path: string;
  /** The folder all of it is in: the repository, a home folder, and what is kept for it elsewhere. */
  readonly folder: string;
  /** The environment a program is started with to work here. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs git in the repository and resolves to what it printed, without the line end. */
  git(...args: string[]): Promise<string>;
  /** Writes files by path; `undefined` removes one. */
  write(files: Readonly<Record<string, string | Uint8Array | undefined>>): Promise<void>;
  read(path: string): Promise<string>;
  /** Commits all there is and resolves to the commit. */
  commitAll(message: string): Promise<string>;
  /** Draws the commits of all branches, newest first. */
  graph(): Promise<string>;
  /** Digests what is the user's: files, index, HEAD, refs outside bough's, stash, configuration and hooks. */
  fingerprint(): Promise<string>;
}

/** The names bough's own refs begin with; all others are the user's. */
const OWN_REFS = ["refs/heads/bough/", "refs/bough/"];

/** Makes a throwaway repository under the system's temporary folder. */
export async function temporaryRepository(options: TemporaryRepositoryOptions = {}): Promise<TemporaryRepository> {
  const { files = {}, head = "main", bare = false, objectFormat = "sha1", enter = false } = options;
  const folder = await realpath(await mkdtemp(join(tmpdir(), "bough-test-")));
  const path = join(folder, "repository");
  const env = await isolatedEnvironment(folder);
  await mkdir(path);
  const repository = new ThrowawayRepository({ path, folder, env }, enter ? enterEnvironment(env) : undefined);
  // simple-git waits another 50 ms for a command that prints nothing, so none of these is quiet.
  await repository.git("init", `--object-format=${objectFormat}`, ...(bare ? ["--bare"] : []));
  if (!bare) await repository.write(files);
  if (!bare && head === "main") await repository.commitAll("First commit");
  return repository;
}

async function isolatedEnvironment(folder: string): Promise<Record<string, string>> {
  const home = join(folder, "home");
  await mkdir(home);
  const settings = ["[user]", "name = Ada", "email = ada@example.com", "[init]", "defaultBranch = main"];
  await writeFile(join(home, ".gitconfig"), `${settings.join("\n")}\n`);
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    XDG_STATE_HOME: join(home, ".local/state"),
    XDG_CACHE_HOME: join(home, ".cache"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: join(home, ".gitconfig"),
    GIT_AUTHOR_DATE: "2026-01-02T03:04:05Z",
    GIT_COMMITTER_DATE: "2026-01-02T03:04:05Z",
    TZ: "UTC",
    LC_ALL: "C",
  };
}

/** Sets the process's variables; what it returns sets them back. */
function enterEnvironment(env: Readonly<Record<string, string>>): () => void {
  const before = { ...process.env };
  Object.assign(process.env, env);
  return () => {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
  };
}

class ThrowawayRepository implements TemporaryRepository {
  readonly path: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly #simpleGit: SimpleGit;
  readonly #leaveEnvironment: (() => void) | undefined;

  constructor(
    { path, folder, env }: { path: string; folder: string; env: Readonly<Record<string, string>> },
    leaveEnvironment: (() => void) | undefined,
  ) {
    this.#leaveEnvironment = leaveEnvironment;
    this.path = path;
    this.folder = folder;
    this.env = env;
    this.#simpleGit = simpleGit({
      baseDir: path,
      // simple-git drops or refuses every git variable that is not listed.
      allowEnvironment: Object.keys(env).filter((name) => name.startsWith("GIT_")),
      // Tests plant what a hostile repository would hold.
      unsafe: {
        allowUnsafeConfigPaths: true,
        allowUnsafeDiffExternal: true,
        allowUnsafeDiffTextConv: true,
        allowUnsafeFilter: true,
        allowUnsafeFsMonitor: true,
        allowUnsafeHooksPath: true,
        allowUnsafeMergeDriver: true,
        allowUnsafeProtocolOverride: true,
      },
    }).env({ ...env });
  }

  async git(...args: string[]): Promise<string> {
    return (await this.#simpleGit.raw(args)).replace(/\n$/, "");
  }

  async write(files: Readonly<Record<string, string | Uint8Array | undefined>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.path, name);
      if (content === undefined) {
        await rm(path, { recursive: true });
        continue;
      }
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
  }

  read(path: string): Promise<string> {
    return readFile(join(this.path, path), "utf8");
  }

  async commitAll(message: string): Promise<string> {
    await this.git("add", "--all", "--verbose");
    await this.git("commit", "--allow-empty", "--message", message);
    return this.git("rev-parse", "HEAD");
  }

  graph(): Promise<string> {
    return this.git("log", "--graph", "--branches", "--format=%s%d", "--decorate-refs=refs/heads");
  }

  async fingerprint(): Promise<string> {
    const gitDir = await this.git("rev-parse", "--absolute-git-dir");
    const digest = createHash("sha256");
    for (const line of await describeFolder(this.path, (path) => path === gitDir)) digest.update(`${line}\n`);
    for (const name of ["index", "HEAD", "config", "config.worktree", "logs/HEAD", "logs/refs/stash", "info/exclude"]) {
      digest.update(`${name} ${(await describeIfThere(join(gitDir, name))) ?? "none"}\n`);
    }
    for (const line of await describeFolder(join(gitDir, "hooks"))) digest.update(`hook ${line}\n`);
    const refs = await this.git("for-each-ref", "--format=%(refname) %(objectname) %(symref)");
    for (const line of refs.split("\n")) {
      if (line !== "" && !OWN_REFS.some((start) => line.startsWith(start))) digest.update(`ref ${line}\n`);
    }
    return digest.digest("hex");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaveEnvironment?.();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One line for each file and folder below, in an order that does not change. */
async function describeFolder(folder: string, skip: (path: string) => boolean = () => false): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const described = await Promise.all(
    names.toSorted().map(async (name) => {
      const path = join(folder, name);
      if (skip(path)) return [];
      const stats = await lstat(path);
      const own = `${path} ${stats.mode.toString(8)} ${await describe(path, stats)}`;
      return stats.isDirectory() ? [own, ...(await describeFolder(path, skip))] : [own];
    }),
  );
  return described.flat();
}

async function describeIfThere(path: string): Promise<string | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  return stats === undefined ? undefined : describe(path, stats);
}

async function describe(path: string, stats: Stats): Promise<string> {
  if (stats.isSymbolicLink()) return `link to ${await readlink(path)}`;
  if (!stats.isFile()) return "folder or other";
  return `${stats.mtimeMs} ${createHash("sha256")
    .update(await readFile(path))
    .digest("hex")}`;
}
