import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { confinedEnvironment, insideShell, type ReplacedFolder, type SandboxOptions } from "./bubblewrap.ts";
import { commandEnvironment } from "./command-environment.ts";
import { detectSandbox, type SandboxSupport } from "./detect-sandbox.ts";
import { type CommandResult, type RunCommandOptions, runCommand } from "./run-command.ts";
import { type RunWithInputOptions, runWithInput, type SeparateOutput } from "./run-with-input.ts";
import {
  exportLines,
  freshState,
  readWrittenState,
  type ShellState,
  stateAfter,
  statePrelude,
  type WrittenState,
} from "./shell-state.ts";

/** Where commands run, and what they can reach. */
export interface ShellSessionOptions {
  /** Absolute path of the worktree; it need not exist yet. */
  readonly worktree: string;
  /** Absolute paths that commands can read besides: the repository that the worktree belongs to. */
  readonly readable?: readonly string[];
  /** What commands are confined with; what this machine has unless given. */
  readonly support?: SandboxSupport;
  /** What commands may see of it is decided by `commandEnvironment`. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Variables that all commands see, as if the first one had exported them. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** A command of a session, and what ends it early. */
export interface SessionCommand extends Pick<RunCommandOptions, "command" | "timeout" | "signal" | "onOutput"> {
  /** The folder that the first command starts in; the worktree unless given. */
  readonly cwd?: string;
  /** Whether it reaches the network. */
  readonly network?: boolean;
}

/** A command that is run apart from those of the session. */
export interface SeparateCommand extends Pick<RunWithInputOptions, "command" | "input" | "timeout" | "signal"> {
  readonly variables?: Readonly<Record<string, string>>;
  /** Folders of the worktree in whose place it finds others, where it is confined. */
  readonly replaced?: readonly ReplacedFolder[];
  readonly network?: boolean;
}

/**
 * Runs commands one after the other: each starts in the folder and with the exported variables that the one before
 * ended with, and all share a home and a folder for temporary files. It is confined for all its life or not at all, so
 * nothing that a confined command left is used outside.
 */
export class ShellSession {
  readonly #options: ShellSessionOptions;
  #state: ShellState;
  #folder: string | undefined;
  #runs = 0;

  constructor(options: ShellSessionOptions) {
    this.#options = options;
    this.#state = freshState(options.variables);
  }

  /** What commands are confined with, or why they are not. */
  support(): Promise<SandboxSupport> {
    return this.#options.support === undefined ? detectSandbox() : Promise.resolve(this.#options.support);
  }

  /** Runs a command where the one before ended; its folder and its exports are the next one's. */
  async run({ cwd, network = false, ...options }: SessionCommand): Promise<CommandResult> {
    const { worktree, environment } = this.#options;
    const sandbox = await this.#sandbox(network);
    const folder = join(this.#ownFolder(), "shell");
    const env = commandEnvironment(environment);
    this.#runs += 1;
    const [prelude, written] = [`prelude-${this.#runs}`, `state-${this.#runs}`];
    const seenFolder = sandbox === undefined ? folder : insideShell;
    const state = { ...this.#state, folder: this.#state.folder ?? cwd };
    writeFileSync(join(folder, prelude), statePrelude(state, join(seenFolder, written)), { flag: "wx" });
    try {
      const result = await runCommand({
        ...options,
        cwd: worktree,
        env: { ...env, BASH_ENV: join(seenFolder, prelude) },
        sandbox,
      });
      const after = await readWrittenState(join(folder, written));
      if (after !== undefined) this.#state = stateAfter(after, sandbox === undefined ? env : confinedEnvironment(env));
      return sandbox === undefined ? result : withSignal(result, after);
    } finally {
      for (const name of [prelude, written]) await rm(join(folder, name), { recursive: true, force: true });
    }
  }

  /**
   * Runs a command that is given a text to read, apart from the others: it starts in the worktree, and neither sees nor
   * changes what they leave to each other, but for files.
   */
  async runWithInput({
    variables = {},
    replaced,
    network = false,
    ...options
  }: SeparateCommand): Promise<SeparateOutput> {
    const { worktree, environment } = this.#options;
    const sandbox = await this.#sandbox(network);
    return runWithInput({
      ...options,
      // In the shell, since the sandbox's own program must not see them.
      command: `${exportLines(Object.entries(variables))}${options.command}`,
      cwd: worktree,
      env: commandEnvironment(environment),
      sandbox: sandbox === undefined ? undefined : { ...sandbox, replaced },
    });
  }

  /** Removes what the commands kept for themselves. */
  async close(): Promise<void> {
    const folder = this.#folder;
    if (folder === undefined) return;
    this.#folder = undefined;
    folders.delete(folder);
    if (folders.size === 0) process.off("exit", removeFolders);
    // What a command made unremovable is left to the system, which empties the folder for temporary files.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }

  async #sandbox(network: boolean): Promise<SandboxOptions | undefined> {
    const support = await this.support();
    if (support.kind === "none") return undefined;
    const { worktree, readable = [] } = this.#options;
    return { bubblewrap: support.bubblewrap, worktree, readable, folder: this.#ownFolder(), network };
  }

  #ownFolder(): string {
    if (this.#folder !== undefined) return this.#folder;
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "bough-shell-")));
    for (const name of ["home", "tmp", "shell"]) mkdirSync(join(folder, name));
    this.#folder = folder;
    if (folders.size === 0) process.once("exit", removeFolders);
    folders.add(folder);
    return folder;
  }
}

/** What sessions that nobody closed have kept. */
const folders = new Set<string>();

function removeFolders(): void {
  for (const folder of folders) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // As in `close`.
    }
  }
}

/** bubblewrap tells a signal as an exit code; a shell that ended by itself has written the same code down. */
function withSignal(result: CommandResult, written: WrittenState | undefined): CommandResult {
  if (result.status !== "exited" || result.code <= 128 || result.code === written?.code) return result;
  const signal = signalNames.find((name) => constants.signals[name] === result.code - 128);
  return signal === undefined ? result : { status: "killed", signal, output: result.output };
}

const signalNames: readonly NodeJS.Signals[] = [
  ...([
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
  ] as const),
  ...(["SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGXCPU", "SIGXFSZ", "SIGSYS"] as const),
];
