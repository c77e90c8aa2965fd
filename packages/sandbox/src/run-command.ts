import { statSync } from "node:fs";
import { bubblewrapInvocation, DotGitReplaced } from "./bubblewrap.ts";
import { confinedEnvironment } from "./confined-environment.ts";
import { errorCode } from "./file-errors.ts";
import { OutputWindow } from "./output-window.ts";
import { type ProcessEnd, ProcessGroup, type ProcessGroupOptions } from "./process-group.ts";
import { ownPlaces, type SandboxOptions } from "./sandbox-options.ts";
import { seatbeltInvocation } from "./seatbelt.ts";
import { shellInvocation } from "./shell.ts";

/** The command, where it runs, and what ends it early. */
export interface RunCommandOptions {
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What the command is confined to; without it, it can do all that bough itself can. */
  readonly sandbox?: SandboxOptions;
  /** In milliseconds, from start to end; without it the command may take as long as it likes. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Called with all that the command prints, as it prints it. */
  readonly onOutput?: (text: string) => void;
}

/** How a command ended: by itself, by a signal, or because we stopped it. */
export type CommandEnd = ProcessEnd | { readonly status: "timed-out" } | { readonly status: "interrupted" };

/** How a command ended and what it printed. */
export type CommandResult = CommandEnd & {
  /** What was printed: whole, or its first and last 15,000 bytes with the number of those between. */
  readonly output: string;
};

/** Thrown when a command could not even be started. */
export class CommandNotStarted extends Error {
  override readonly name = "CommandNotStarted";
}

/** A command that was started and may still run. */
export interface RunningCommand {
  /** Resolves when it has ended, what it printed has arrived and the rest of its process group is killed. */
  readonly ended: Promise<ProcessEnd>;
  /** The process that was started, with the command in it or below it. */
  readonly pid: number | undefined;
  /** Asks it and all it started to end, and makes them when two seconds have passed. */
  stop(): void;
}

/** Starts a shell command with standard input closed; what ends it early is the caller's to do. */
export async function startCommand(
  options: Omit<RunCommandOptions, "timeout" | "signal"> & Required<Pick<RunCommandOptions, "onOutput">>,
): Promise<RunningCommand> {
  try {
    const group = await startGroup(options, { onOutput: options.onOutput });
    const ended = group.ended.catch((error: unknown) => {
      throw notStarted(options, error);
    });
    return { ended, pid: group.pid, stop: () => group.stop() };
  } catch (error) {
    throw notStarted(options, error);
  }
}

/**
 * Runs a shell command with standard input closed and resolves to how it ended and what it printed, both streams in
 * one. What it leaves running in its process group is killed.
 */
export async function runCommand(options: RunCommandOptions): Promise<CommandResult> {
  if (options.signal?.aborted) return { status: "interrupted", output: "" };
  const window = new OutputWindow();
  try {
    const group = await startGroup(options, {
      onOutput: (text) => {
        window.append(text);
        options.onOutput?.(text);
      },
    });
    return { ...(await endOf(group, options)), output: window.text() };
  } catch (error) {
    throw notStarted(options, error);
  }
}

/** Waits for a command to end, and stops it when its time is over or it is interrupted. */
export async function endOf(group: ProcessGroup, { timeout, signal }: RunCommandOptions): Promise<CommandEnd> {
  let stopped: CommandEnd | undefined;
  const stop = (why: CommandEnd) => {
    stopped ??= why;
    group.stop();
  };
  const interrupt = () => stop({ status: "interrupted" });
  const timer = timeout === undefined ? undefined : setTimeout(() => stop({ status: "timed-out" }), timeout);
  signal?.addEventListener("abort", interrupt, { once: true });
  if (signal?.aborted) interrupt();
  try {
    const end = await group.ended;
    return stopped ?? end;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", interrupt);
  }
}

/** Starts a shell command with the streams it is given, confined where the options say so. */
export async function startGroup(
  { command, cwd, env, sandbox }: RunCommandOptions,
  streams: Pick<ProcessGroupOptions, "input" | "onOutput" | "onError">,
): Promise<ProcessGroup> {
  const shell = shellInvocation(command, env.PATH);
  if (sandbox === undefined) return ProcessGroup.start({ ...shell, cwd, env, ...streams });
  const { confinement, worktree, mostProcesses } = sandbox;
  const confined = { ...streams, env: confinedEnvironment(env, ownPlaces(sandbox)), mostProcesses };
  switch (confinement.kind) {
    case "bubblewrap": {
      const { bubblewrap } = confinement;
      const invocation = bubblewrapInvocation(shell, { bubblewrap, cwd, options: sandbox });
      return ProcessGroup.start({ ...invocation, ...confined, cwd: worktree, isSandbox: true });
    }
    case "seatbelt":
      return ProcessGroup.start({ ...(await seatbeltInvocation(command, shell.program, sandbox)), ...confined, cwd });
    default:
      return confinement satisfies never;
  }
}

/** Says why a command could not be started. */
export function notStarted({ command, cwd }: RunCommandOptions, cause: unknown): CommandNotStarted {
  if (cause instanceof DotGitReplaced) {
    return new CommandNotStarted(`Cannot run the command: ${cause.message}. Remove it first.`, { cause });
  }
  if (!isFolder(cwd)) return new CommandNotStarted(`Cannot run the command: there is no folder ${cwd}.`, { cause });
  if (errorCode(cause) === "E2BIG") {
    const size = Buffer.byteLength(command).toLocaleString("en");
    return new CommandNotStarted(
      `Cannot run the command: its ${size} bytes are more than the system takes. Write a script file and run that.`,
      { cause },
    );
  }
  return new CommandNotStarted(`Cannot run the command: ${cause instanceof Error ? cause.message : cause}.`, { cause });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
