import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { commandEnvironment } from "./command-environment.ts";
import { confinedEnvironment } from "./confined-environment.ts";
import { detectSandbox, type SandboxSupport } from "./detect-sandbox.ts";
import { isListenedOn } from "./listening-port.ts";
import { makeOwnFolder, removeOwnFolder } from "./own-folder.ts";
import type { ProcessEnd } from "./process-group.ts";
import {
  type CommandEnd,
  type CommandResult,
  type RunCommandOptions,
  runCommand,
  startCommand,
} from "./run-command.ts";
import { type RunWithInputOptions, runWithInput, type SeparateOutput } from "./run-with-input.ts";
import { ownPlaces, type ReplacedFolder, type SandboxOptions } from "./sandbox-options.ts";
import { SharedNetwork } from "./shared-network.ts";
import {
  exportLines,
  freshState,
  readWrittenState,
  type ShellState,
  stateAfter,
  statePrelude,
  type WrittenState,
} from "./shell-state.ts";

/** A build with a process for each file stays far below. */
const defaultMostProcesses = 4096;

/** Where commands run, and what they can reach. */
export interface ShellSessionOptions {
  /** Absolute path of the worktree; it need not exist yet. */
  readonly worktree: string;
  /** Absolute paths that commands can read besides: the repository that the worktree belongs to. */
  readonly readable?: readonly string[];
  /** Which files and folders at the root of the worktree confined commands can only read, if they are there at the start. */
  readonly isReadOnly?: (name: string) => boolean;
  /** What commands are confined with; what this machine has unless given. */
  readonly support?: SandboxSupport;
  /** How many processes a confined command may have at once; 4,096 unless given. */
  readonly mostProcesses?: number;
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

/** A command that is not waited for. */
export type StartedCommand = Required<Pick<SessionCommand, "command" | "onOutput">> &
  Pick<SessionCommand, "cwd" | "network">;

/** A command that runs beside others. */
export interface BackgroundCommand {
  /** Resolves when it has ended and what it printed has arrived; nothing that it started is left then. */
  readonly ended: Promise<ProcessEnd>;
  /** Asks it and all it started to end, and makes them when two seconds have passed. */
  stop(): void;
  /** Whether something in its network listens on a TCP port. */
  listensOn(port: number): boolean;
}

interface PreparedCommand {
  readonly how: Pick<RunCommandOptions, "cwd" | "env" | "sandbox">;
  /** The variables that the command starts with, but for what the state changes. */
  readonly given: Readonly<Record<string, string>>;
  readState(): WrittenState | undefined;
  remove(): void;
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
  #readOnly: readonly string[] | undefined;
  #sharedNetwork: Promise<SharedNetwork | undefined> | undefined;

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
    const prepared = await this.#prepare(cwd, network);
    try {
      const result = await runCommand({ ...options, ...prepared.how });
      const after = prepared.readState();
      if (after !== undefined) this.#state = stateAfter(after, prepared.given);
      return prepared.how.sandbox === undefined ? result : { ...withSignal(result, after), output: result.output };
    } finally {
      prepared.remove();
    }
  }

  /**
   * Starts a command where the one before ended, and does not wait for it. Others run beside it, and nothing of its folder
   * and its exports is theirs. What is not stopped when the session is closed goes on.
   */
  async start({ command, cwd, network = false, onOutput }: StartedCommand): Promise<BackgroundCommand> {
    // From now on there is somebody for other commands to talk to.
    await this.#shareNetwork();
    const prepared = await this.#prepare(cwd, network);
    try {
      const running = await startCommand({ command, onOutput, ...prepared.how });
      const ended = async () => {
        try {
          const end = await running.ended;
          return prepared.how.sandbox === undefined ? end : withSignal(end, prepared.readState());
        } finally {
          prepared.remove();
        }
      };
      return {
        ended: ended(),
        stop: () => running.stop(),
        listensOn: (port) => running.pid !== undefined && isListenedOn(port, running.pid),
      };
    } catch (error) {
      prepared.remove();
      throw error;
    }
  }

  /** Writes down what a command's shell reads first, and says how the command is to be started. */
  async #prepare(cwd: string | undefined, network: boolean): Promise<PreparedCommand> {
    const { worktree, environment } = this.#options;
    const sandbox = await this.#sandbox(network);
    const folder = join(this.#ownFolder(), "shell");
    const env = commandEnvironment(environment);
    this.#runs += 1;
    const [prelude, written] = [`prelude-${this.#runs}`, `state-${this.#runs}`];
    const own = sandbox === undefined ? undefined : ownPlaces(sandbox);
    const seenFolder = own?.shell ?? folder;
    const state = { ...this.#state, folder: this.#state.folder ?? cwd };
    const lines = statePrelude(state, join(seenFolder, written), sandbox?.mostProcesses);
    writeFileSync(join(folder, prelude), lines, { flag: "wx" });
    return {
      how: { cwd: worktree, env: { ...env, BASH_ENV: join(seenFolder, prelude) }, sandbox },
      given: own === undefined ? env : confinedEnvironment(env, own),
      readState: () => readWrittenState(join(folder, written)),
      remove: () => {
        for (const name of [prelude, written]) rmSync(join(folder, name), { recursive: true, force: true });
      },
    };
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
    const network = this.#sharedNetwork;
    this.#sharedNetwork = undefined;
    (await network)?.close();
    const folder = this.#folder;
    if (folder === undefined) return;
    this.#folder = undefined;
    await removeOwnFolder(folder);
  }

  async #sandbox(network: boolean): Promise<SandboxOptions | undefined> {
    const confinement = await this.support();
    if (confinement.kind === "none") return undefined;
    const { worktree, readable = [], isReadOnly = () => false, mostProcesses = defaultMostProcesses } = this.#options;
    const [folder, sharedNetwork] = [this.#ownFolder(), await this.#sharedNetwork];
    // Only what no command can have made: what one puts in its place while another starts would be shown to that.
    this.#readOnly ??= readdirSync(worktree).filter((name) => name !== ".git" && isReadOnly(name));
    const readOnly = this.#readOnly;
    return { confinement, worktree, readOnly, readable, folder, network, sharedNetwork, mostProcesses };
  }

  async #shareNetwork(): Promise<void> {
    const support = await this.support();
    if (support.kind === "bubblewrap") this.#sharedNetwork ??= SharedNetwork.open(support.bubblewrap);
  }

  #ownFolder(): string {
    this.#folder ??= makeOwnFolder();
    return this.#folder;
  }
}

/** bubblewrap tells a signal as an exit code; a shell that ended by itself has written the same code down. */
function withSignal<End extends CommandEnd>(end: End, written: WrittenState | undefined): End | ProcessEnd {
  if (end.status !== "exited" || end.code <= 128 || end.code === written?.code) return end;
  const { code } = end;
  const signal = signalNames.find((name) => constants.signals[name] === code - 128);
  return signal === undefined ? end : { status: "killed", signal };
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
