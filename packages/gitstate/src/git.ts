import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { delimiter, isAbsolute } from "node:path";
import { AwaitedPipes } from "./awaited-pipes.ts";
import type { BytePath } from "./byte-path.ts";
import { GitError, RepositoryError } from "./errors.ts";

export interface GitOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string | Uint8Array;
  /** Exit codes that are answers, beside 0. */
  readonly accept?: readonly number[];
  /** Is told the number of the process, and waited for before it gets its input. */
  readonly started?: ((pid: number) => Promise<void>) | undefined;
  /** Interrupts it, as Ctrl-C would; whether it did what it was to do is then for the caller to find out. */
  readonly signal?: AbortSignal | undefined;
  /** What it reads the files of; a pipe among them is to it as an empty file, where it would wait for ever. */
  readonly workTree?: string;
}

export interface GitOutput {
  readonly stdout: Buffer;
  readonly exitCode: number;
  /** Pipes in the work tree that were found because it took long. */
  readonly pipes: readonly BytePath[];
}

/** Variables of git that say where configuration is or who the user is; every other one could redirect us. */
const KEPT = new Set([
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_SYSTEM",
  "GIT_CONFIG_NOSYSTEM",
  "GIT_AUTHOR_NAME",
  "GIT_AUTHOR_EMAIL",
  "GIT_COMMITTER_NAME",
  "GIT_COMMITTER_EMAIL",
]);

/** The environment git is started in: without what would redirect it, make it ask, or make it speak another language. */
export function gitEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith("GIT_") || KEPT.has(name));
  return {
    ...Object.fromEntries(kept),
    PATH: absoluteFolders(env["PATH"]),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    // Looking for an object that a partial clone lacks would run what the repository names as the remote's program.
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_ADVICE: "0",
  };
}

/** Or a `git` in the repository would be run for git. */
function absoluteFolders(path = ""): string {
  return path.split(delimiter).filter(isAbsolute).join(delimiter);
}

/** For git in the user's repository, whose configuration is not to be trusted: nothing in it is run. */
export const RUN_NOTHING = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "commit.gpgSign=false",
  "log.showSignature=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "core.sshCommand=false",
  "protocol.ext.allow=never",
].flatMap((setting) => ["-c", setting]);

/** Starts git with pipes on all three streams; the process does not keep the program alive by itself. */
export function startGit(args: readonly string[], { cwd, env }: Pick<GitOptions, "cwd" | "env">) {
  return spawn("git", args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
}

/** Runs git and resolves to what it printed; throws a {@link GitError} on an exit code that is no answer. */
export async function git(args: readonly string[], options: GitOptions): Promise<GitOutput> {
  const child = startGit(args, options);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  // git may end without having read all of its input; its exit code tells.
  child.stdin.on("error", () => {});
  using _interruptible = endOn(options.signal, child, "SIGINT");
  using pipes = options.workTree === undefined ? undefined : new AwaitedPipes(options.workTree);
  using _stoppable = endOn(pipes?.signal, child, "SIGKILL");
  const end = ended(child, args, options.cwd);
  if (options.started !== undefined && child.pid !== undefined) {
    end.catch(() => {});
    await options.started(child.pid).catch((error: unknown) => {
      child.stdin.end();
      throw error;
    });
  }
  child.stdin.end(options.input);
  const { exitCode, signal } = await end;
  if (exitCode === 0 || (exitCode !== null && options.accept?.includes(exitCode))) {
    return { stdout: Buffer.concat(stdout), exitCode, pipes: pipes?.found ?? [] };
  }
  pipes?.signal.throwIfAborted();
  const message = Buffer.concat(stderr).toString() || (signal === null ? "" : `killed by ${signal}`);
  throw new GitError({ args: withoutSettings(args), exitCode: exitCode ?? undefined, stderr: message });
}

function endOn(
  signal: AbortSignal | undefined,
  child: ReturnType<typeof startGit>,
  how: "SIGINT" | "SIGKILL",
): Disposable {
  const end = () => {
    // What git started may hold its output open, and outlive it.
    child.once("exit", () => {
      child.stdout.destroy();
      child.stderr.destroy();
    });
    child.kill(how);
  };
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end, { once: true });
  return { [Symbol.dispose]: () => signal?.removeEventListener("abort", end) };
}

async function ended(child: ChildProcess, args: readonly string[], cwd: string) {
  try {
    const [exitCode, signal]: (number | string | null)[] = await once(child, "close");
    return {
      exitCode: typeof exitCode === "number" ? exitCode : null,
      signal: typeof signal === "string" ? signal : null,
    };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT" && existsSync(cwd)) throw noGit(error);
    throw new GitError({ args: withoutSettings(args), exitCode: undefined, stderr: String(error) }, { cause: error });
  }
}

function noGit(cause: unknown): RepositoryError {
  const message = "There is no git on the PATH. Install git 2.38 or later: bough keeps all it does in it.";
  return new RepositoryError("no-git", message, { cause });
}

/** The arguments from the subcommand on. */
function withoutSettings(args: readonly string[]): readonly string[] {
  let at = 0;
  while (args[at]?.startsWith("-")) at += args[at] === "-c" || args[at] === "--git-dir" ? 2 : 1;
  return args.slice(at);
}
