import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { setTimeout as delay, setImmediate } from "node:timers/promises";
import { descendants } from "./descendants.ts";
import { inheritedDescriptors } from "./inherited-descriptors.ts";
import { openInputFile } from "./input-file.ts";
import { type OutputPipe, openOutputPipe } from "./output-pipe.ts";
import { watchProcesses } from "./process-limit.ts";
import type { Invocation } from "./shell.ts";

/** How long a group has to end by itself after it was asked to. */
const graceMs = 2_000;
/** How long what was printed last may take to arrive; a grandchild can hold the pipe for ever. */
const drainMs = 100;

/** The program to start, and who is told what it prints. */
export interface ProcessGroupOptions extends Invocation {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput: (text: string) => void;
  /** Is told what it prints on standard error; without it, `onOutput` is. */
  readonly onError?: (text: string) => void;
  /** What it can read from standard input, which is closed otherwise. */
  readonly input?: string;
  /** Whether the program is a sandbox that takes all it runs with it when it is killed, but asks none of it to end. */
  readonly isSandbox?: boolean;
  /** How many processes may live in it at once: when there are more, all are killed and `onOutput` is told. */
  readonly mostProcesses?: number;
}

interface Streams {
  readonly output: OutputPipe;
  readonly errors: OutputPipe | undefined;
  readonly input: number | undefined;
}

/** How a program ended by itself or by a signal that came from elsewhere. */
export type ProcessEnd =
  | { readonly status: "exited"; readonly code: number }
  | { readonly status: "killed"; readonly signal: NodeJS.Signals };

/** A program with all it starts, unless that leaves the group; nothing of the group outlives the program. */
export class ProcessGroup {
  /** Resolves when the program has ended, what it printed has arrived and the rest of the group is killed. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #outputs: readonly OutputPipe["reader"][];
  readonly #isSandbox: boolean;
  #stopping = false;
  #killed = false;

  /** Starts the program; a failure to start is thrown or rejects `ended`. */
  static async start(options: ProcessGroupOptions): Promise<ProcessGroup> {
    const [output, errors, input] = await Promise.all([
      openOutputPipe(),
      options.onError === undefined ? undefined : openOutputPipe(),
      options.input === undefined ? undefined : openInputFile(options.input),
    ]);
    try {
      return new ProcessGroup(options, { output, errors, input });
    } catch (error) {
      output.reader.destroy();
      errors?.reader.destroy();
      throw error;
    } finally {
      for (const descriptor of [output.writer, errors?.writer, input]) {
        if (descriptor !== undefined) closeSync(descriptor);
      }
    }
  }

  private constructor(options: ProcessGroupOptions, { output, errors, input }: Streams) {
    const { cwd, env, onOutput, onError = onOutput, isSandbox = false } = options;
    const { program, args } = isSandbox ? options : underGuard(options);
    this.#isSandbox = isSandbox;
    const stdio = [input ?? "ignore", output.writer, (errors ?? output).writer] as const;
    const lifeline = isSandbox ? [] : (["pipe"] as const);
    this.#child = spawnWithOnly([...stdio, ...lifeline], (streams) =>
      spawn(program, args, { cwd, env, detached: true, stdio: streams }),
    );
    this.#outputs = [output.reader, ...(errors === undefined ? [] : [errors.reader])];
    decode(output.reader, onOutput);
    if (errors !== undefined) decode(errors.reader, onError);
    this.ended = this.#watch();
    killOnExit(this, () => this.#signal("SIGKILL"));
    this.#limitProcesses(options);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks the whole group to end, and makes it when two seconds have passed. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#askToEnd();
    const timer = setTimeout(() => {
      this.#killed = true;
      this.#signal("SIGKILL");
    }, graceMs);
    const forget = () => clearTimeout(timer);
    this.ended.then(forget, forget);
  }

  #limitProcesses({ mostProcesses, onOutput }: ProcessGroupOptions): void {
    const { pid } = this;
    if (pid === undefined || mostProcesses === undefined) return;
    const forget = watchProcesses(pid, mostProcesses, () => {
      this.#killed = true;
      this.#signal("SIGKILL");
      onOutput(`\n[Killed: it had more than ${mostProcesses.toLocaleString("en")} processes at once.]\n`);
    });
    this.ended.then(forget, forget);
  }

  async #watch(): Promise<ProcessEnd> {
    const drained = Promise.all(this.#outputs.map((output) => once(output, "close")));
    try {
      await once(this.#child, "exit");
      // Those who clean up after they were asked to end are left the time to.
      await firstOf(drained, this.#stopping && !this.#killed ? graceMs : drainMs);
      this.#signal("SIGKILL");
    } finally {
      for (const output of this.#outputs) output.destroy();
      this.#child.stdio[3]?.destroy();
    }
    await drained;
    const { exitCode, signalCode } = this.#child;
    return signalCode === null ? { status: "exited", code: exitCode ?? 0 } : { status: "killed", signal: signalCode };
  }

  #askToEnd(): void {
    const { pid } = this.#child;
    if (!this.#isSandbox || pid === undefined) this.#signal("SIGTERM");
    else for (const each of descendants(pid)) send(each, "SIGTERM");
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.pid !== undefined) send(-this.#child.pid, signal);
  }
}

type Stream = "ignore" | "pipe" | number;

/** Starts a program with these streams, and nothing in the place of what else bough itself was handed. */
function spawnWithOnly(streams: readonly Stream[], start: (streams: Stream[]) => ChildProcess): ChildProcess {
  const inherited = new Set(inheritedDescriptors());
  const nothing = openSync("/dev/null", "r");
  try {
    const length = Math.max(streams.length, ...inherited.values().map((descriptor) => descriptor + 1));
    const place = (_: unknown, at: number) => streams[at] ?? (inherited.has(at) ? nothing : "ignore");
    return start(Array.from({ length }, place));
  } finally {
    closeSync(nothing);
  }
}

/**
 * Starts a program beside a guard that kills their group when the pipe it reads from closes: when bough has ended, also by
 * a SIGKILL. The program takes the place of the shell, so the process is its own.
 */
function underGuard({ program, args }: Invocation): Invocation {
  const script = `(read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 & exec "$0" "$@" 3<&-`;
  return { program: "/bin/sh", args: ["-c", script, program, ...args] };
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Nobody is left, or nobody who may be told.
  }
}

const live = new Set<() => void>();

function killAll(): void {
  for (const kill of live) kill();
}

/** A group of its own outlives a program that exits without waiting for it. */
function killOnExit({ ended }: ProcessGroup, kill: () => void): void {
  if (live.size === 0) process.on("exit", killAll);
  live.add(kill);
  const forget = () => {
    live.delete(kill);
    if (live.size === 0) process.off("exit", killAll);
  };
  ended.then(forget, forget);
}

async function firstOf(event: Promise<unknown>, ms: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([event, delay(ms, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
  // A late timer fires before what has arrived meanwhile is read.
  await setImmediate();
}

function decode(stream: OutputPipe["reader"], onOutput: (text: string) => void): void {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const pass = (text: string) => {
    if (text !== "") onOutput(text);
  };
  stream.on("data", (bytes: Buffer) => pass(decoder.decode(bytes, { stream: true })));
  stream.on("close", () => pass(decoder.decode()));
}
