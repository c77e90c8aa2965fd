import type { ShellSession } from "@bough/sandbox";
import type { Happening } from "../events.ts";
import { Job, JobLog } from "./job.ts";

const mostRunning = 16;
const mostEnded = 32;

/** A job to start, and where. */
export interface JobOptions {
  readonly shell: ShellSession;
  readonly command: string;
  readonly cwd: string;
  readonly network: boolean;
  /** In milliseconds; without it the job runs for as long as the agent. */
  readonly timeout?: number;
}

/** What an agent runs in the background: from turn to turn, and no longer than the agent lives. */
export class Jobs {
  readonly #jobs: Job[] = [];
  #started = 0;
  /** Whether one ended since it was last asked what jobs may have changed. */
  #haveEnded = false;
  #emit: ((happening: Happening) => void) | undefined;
  /** What happened while there was nobody to tell. */
  #untold: Happening[] = [];

  /** All that run, and those that ended last, in the order in which they were started. */
  get all(): readonly Job[] {
    return this.#jobs;
  }

  /** Whether one runs in a network that only commands without the machine's are in. */
  get areApart(): boolean {
    return this.#running.some((job) => !job.hasNetwork);
  }

  /** Starts a job; throws when too many run, and what keeps the command from being started. */
  async start({ shell, timeout, ...command }: JobOptions): Promise<Job> {
    if (this.#running.length >= mostRunning) {
      throw new Error(
        `${mostRunning} jobs are running, and more are not allowed. End one first: Jobs with action "kill".`,
      );
    }
    this.#started += 1;
    const id = String(this.#started);
    const log = new JobLog();
    const background = await shell.start({ ...command, onOutput: (text) => log.append(text) });
    const job = new Job({ id, command: command.command, hasNetwork: command.network, background, log });
    this.#jobs.push(job);
    this.#tell({ type: "job-start", id, command: job.command });
    void this.#watch(job, timeout === undefined ? undefined : setTimeout(() => background.stop(), timeout));
    return job;
  }

  async #watch(job: Job, timer: NodeJS.Timeout | undefined): Promise<void> {
    const { status: _, ...how } = await job.ended;
    clearTimeout(timer);
    this.#haveEnded = true;
    this.#tell({ type: "job-end", id: job.id, ...how });
    this.#forgetOldest();
  }

  /** Finds a job by its id, or the only one there is; throws with those there are. */
  find(id: string | undefined): Job {
    const [only, ...others] = this.#jobs;
    const found = id === undefined && others.length === 0 ? only : this.#jobs.find((job) => job.id === id);
    if (found !== undefined) return found;
    const known = this.#jobs.map((job) => job.id).join(", ");
    const missing = id === undefined ? "Say which job, by its id." : `There is no job ${id}.`;
    throw new Error(
      `${missing} ${known === "" ? "None runs: Bash with run_in_background starts one." : `Jobs: ${known}.`}`,
    );
  }

  /** What the model is to be told of jobs that ended, once. */
  takeNews(): string[] {
    return this.#jobs.filter((job) => job.isNews).map((job) => `${job.tell()} (${firstLine(job.command)})`);
  }

  /** Whether a job may have changed files since this was asked last. */
  takeMayHaveChanged(): boolean {
    const may = this.#haveEnded || this.#running.length > 0;
    this.#haveEnded = false;
    return may;
  }

  /** Tells somebody what happens from now on and what they missed; nobody, to keep it for the next. */
  tellTo(emit: ((happening: Happening) => void) | undefined): void {
    this.#emit = emit;
    if (emit === undefined) return;
    for (const happening of this.#untold.splice(0)) emit(happening);
  }

  /** Ends all that run. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running.map((job) => job.kill()));
  }

  get #running(): Job[] {
    return this.#jobs.filter((job) => job.isRunning);
  }

  #tell(happening: Happening): void {
    if (this.#emit === undefined) this.#untold.push(happening);
    else this.#emit(happening);
  }

  #forgetOldest(): void {
    const ended = this.#jobs.filter((job) => !job.isRunning);
    if (ended.length > mostEnded)
      this.#jobs.splice(
        this.#jobs.findIndex((job) => job === ended[0]),
        1,
      );
  }
}

function firstLine(command: string): string {
  const [line = "", ...others] = command.trim().split("\n");
  return others.length === 0 && line.length <= 100 ? line : `${line.slice(0, 100)} …`;
}
