import { setTimeout as delay } from "node:timers/promises";
import { type BackgroundCommand, OutputWindow } from "@bough/sandbox";
import { holdsPattern } from "./match-pattern.ts";
import { runningTime } from "./running-time.ts";

const lookEveryMs = 50;
const mostSearched = 64 * 1024;

/** How a job ended, or why it never began. */
export type JobEnd = Awaited<BackgroundCommand["ended"]> | { readonly status: "not-started"; readonly reason: string };

/** What somebody waits for, and for how long. */
export interface WaitOptions {
  /** What is looked for in all that was printed since the last wait or the last look at the log. */
  readonly pattern?: RegExp;
  /** A TCP port that something is to listen on, where the job runs. */
  readonly port?: number;
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** What a job is made of. */
export interface JobParts extends Pick<Job, "id" | "command" | "hasNetwork"> {
  readonly background: BackgroundCommand;
  readonly log: JobLog;
}

/** A command that runs in the background, and what it prints. */
export class Job {
  readonly id: string;
  readonly command: string;
  /** Whether it was started in the network of the machine, as far as it is confined at all. */
  readonly hasNetwork: boolean;
  /** Resolves when the command has ended and all it printed is in the log. */
  readonly ended: Promise<JobEnd>;
  readonly #background: BackgroundCommand;
  readonly #log: JobLog;
  readonly #started = performance.now();
  #end: JobEnd | undefined;
  /** Whether the model knows that it ended. */
  #isToldOf = false;

  constructor({ id, command, hasNetwork, background, log }: JobParts) {
    this.id = id;
    this.command = command;
    this.hasNetwork = hasNetwork;
    this.#log = log;
    this.#background = background;
    this.ended = background.ended.catch(notStarted).then((end) => {
      this.#end = end;
      return end;
    });
  }

  get isRunning(): boolean {
    return this.#end === undefined;
  }

  /** Whether it ended otherwise than with the code 0. */
  get hasFailed(): boolean {
    return this.#end !== undefined && !(this.#end.status === "exited" && this.#end.code === 0);
  }

  /** Whether it ended and the model was not told so. */
  get isNews(): boolean {
    return !this.isRunning && !this.#isToldOf;
  }

  /** Says how it stands, and takes it that the model is told. */
  tell(): string {
    if (this.#end === undefined) return `job ${this.id} is running${runningTime(performance.now() - this.#started)}`;
    this.#isToldOf = true;
    return `job ${this.id} ended: ${describe(this.#end)}`;
  }

  /** What was printed since it was read last: whole, or both ends of it. */
  readLog(): string {
    return this.#log.read();
  }

  /** What was printed first; a wait still looks at it. */
  readStart(): string {
    return this.#log.readStart();
  }

  /** Asks the command and all it started to end, makes them, and resolves when they have. */
  async kill(): Promise<void> {
    this.#background.stop();
    await this.ended;
  }

  /** Resolves to what came first: what was waited for, the end of the job, or of the time. */
  async wait({ pattern, port, timeout, signal }: WaitOptions): Promise<"found" | "ended" | "timed-out"> {
    const deadline = performance.now() + timeout;
    let searched: number | undefined;
    for (;;) {
      // Asked before the log is looked at, which is complete once a job has ended.
      const isOver = !this.isRunning;
      if (pattern !== undefined && searched !== this.#log.version && this.#log.holds(pattern)) return "found";
      searched = this.#log.version;
      if (port !== undefined && !isOver && this.#background.listensOn(port)) return "found";
      if (isOver) return "ended";
      const left = deadline - performance.now();
      if (left <= 0) return "timed-out";
      await this.#pause(Math.min(left, lookEveryMs), signal);
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const timer = new AbortController();
    try {
      await Promise.race([delay(ms, undefined, { signal: AbortSignal.any([signal, timer.signal]) }), this.ended]);
      signal.throwIfAborted();
    } finally {
      timer.abort();
    }
  }
}

/** What a job printed and nobody read yet, in memory of one size. */
export class JobLog {
  #unread = new OutputWindow();
  /** What a pattern is looked for in: the last that was printed since the log was read, but for the start. */
  #searched = "";
  #version = 0;

  /** Another one after everything that was printed. */
  get version(): number {
    return this.#version;
  }

  append(text: string): void {
    this.#unread.append(text);
    this.#searched = (this.#searched + text).slice(-mostSearched);
    this.#version += 1;
  }

  read(): string {
    this.#searched = "";
    return this.readStart();
  }

  readStart(): string {
    const text = this.#unread.text();
    this.#unread = new OutputWindow();
    return text;
  }

  holds(pattern: RegExp): boolean {
    return holdsPattern(this.#searched, pattern);
  }
}

function notStarted(error: unknown): JobEnd {
  return { status: "not-started", reason: error instanceof Error ? error.message : String(error) };
}

function describe(end: JobEnd): string {
  switch (end.status) {
    case "exited":
      return `exit code ${end.code}`;
    case "killed":
      return `killed by ${end.signal}`;
    case "not-started":
      return end.reason;
    default:
      return end satisfies never;
  }
}
