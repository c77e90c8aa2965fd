import { constants, type Dirent } from "node:fs";
import { open, opendir, realpath, stat } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { asBytePath, type BytePath, pathBytes, readablePath } from "./byte-path.ts";
import { RepositoryError } from "./errors.ts";

/** Files that git, and a search that heeds its rules, opens by itself in the folders it comes through. */
const READ_UNASKED = new Set([".gitignore", ".gitattributes", ".gitmodules", ".mailmap"]);
/** How long a pipe is opened again and again before others are looked for. */
const ROUND_MS = 2_000;
const BREATH_MS = 5;

/** How long is waited, in milliseconds. */
export interface AwaitedPipesOptions {
  /** Before pipes are looked for at all; a second unless given. */
  readonly patienceMs?: number;
  /** After pipes were found and until the program is to be ended; ten seconds unless given. */
  readonly limitMs?: number;
}

/**
 * Lets a program that reads a folder come past pipes in it, as long as it is not disposed of. Whoever opens a pipe waits
 * until somebody else does too, so one named `.gitignore` would hold git up for ever. When the program takes long, such
 * pipes are looked for, and opened and closed, which makes empty files of them.
 */
export class AwaitedPipes implements Disposable {
  readonly #folder: string;
  readonly #patienceMs: number;
  readonly #limitMs: number;
  readonly #over = new AbortController();
  readonly #held = new AbortController();
  #found: readonly BytePath[] = [];

  /** Begins to wait; `folder` is what the program reads. */
  constructor(folder: string, { patienceMs = 1_000, limitMs = 10_000 }: AwaitedPipesOptions = {}) {
    this.#folder = folder;
    this.#patienceMs = patienceMs;
    this.#limitMs = limitMs;
    void this.#watch();
  }

  /** The pipes that are there; none as long as the program was quick enough for nobody to look. */
  get found(): readonly BytePath[] {
    return this.#found;
  }

  /** Aborted with a {@link RepositoryError} when a pipe holds the program up for good and it has to be ended. */
  get signal(): AbortSignal {
    return this.#held.signal;
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }

  async #watch(): Promise<void> {
    let limit = Number.POSITIVE_INFINITY;
    let restMs = this.#patienceMs;
    while (await this.#rest(restMs)) {
      this.#found = await pipesBelow(this.#folder, this.#over.signal);
      // In a large folder the program may be slow by itself: it is looked through ever less often.
      restMs = this.#found.length === 0 ? restMs * 2 : 0;
      if (this.#found.length === 0) continue;
      limit = Math.min(limit, performance.now() + this.#limitMs);
      await this.#letPast(Math.min(limit, performance.now() + ROUND_MS));
      if (performance.now() >= limit) return this.#giveUp();
    }
  }

  async #letPast(until: number): Promise<void> {
    while (performance.now() < until && (await this.#rest(BREATH_MS))) {
      for (const pipe of this.#found) {
        // The program needs a moment to come to the next one, which as a rule is the next one here.
        if (await endReading(absolute(this.#folder, pipe))) await this.#rest(1);
      }
    }
  }

  #giveUp(): void {
    if (this.#over.signal.aborted) return;
    const [first = asBytePath("")] = this.#found;
    const others = this.#found.length > 1 ? ` or one of ${this.#found.length - 1} more` : "";
    const message = `Cannot read the files of ${this.#folder}: ${readablePath(first)}${others} is a pipe that somebody holds open, and reading it would never end. Remove it and try again.`;
    this.#held.abort(new RepositoryError("unreadable", message));
  }

  /** Resolves to whether the program still runs then. */
  #rest(ms: number): Promise<boolean> {
    return setTimeout(ms, true, { ref: false, signal: this.#over.signal }).catch(() => false);
  }
}

/** Makes a program that waits for the pipe see its end; false where none waits, as the pipe cannot be opened like this then. */
async function endReading(pipe: Buffer): Promise<boolean> {
  const opened = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
  await opened?.close();
  return opened !== undefined;
}

/** In the order in which the folders hold them, which is the order in which git comes to them. */
async function pipesBelow(root: string, signal: AbortSignal): Promise<BytePath[]> {
  const realRoot = await realpath(root).catch(() => root);
  const pipes: BytePath[] = [];
  const folders = [""];
  for (const folder of folders) {
    if (signal.aborted) break;
    for (const entry of await entriesOf(absolute(root, asBytePath(folder)))) {
      const path = asBytePath(folder + entry.name);
      const name = entry.name.toLowerCase();
      if (entry.isDirectory()) {
        if (name !== ".git") folders.push(`${path}/`);
      } else if (READ_UNASKED.has(name)) {
        if (entry.isFIFO() || (entry.isSymbolicLink() && (await leadsToPipe(realRoot, path)))) pipes.push(path);
      }
    }
  }
  return pipes;
}

/** Unsorted; the names are bytes. */
async function entriesOf(folder: Buffer): Promise<readonly Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder, { encoding: "latin1", bufferSize: 1_000 })) entries.push(entry);
  } catch {
    // It is gone or may not be read, and so it is for git.
  }
  return entries;
}

/** git does not follow links from these names, a search does; pipes elsewhere are somebody else's. */
async function leadsToPipe(root: string, link: BytePath): Promise<boolean> {
  try {
    const target = await realpath(absolute(root, link), "buffer");
    const inside = Buffer.from(`${root}/`);
    return target.subarray(0, inside.length).equals(inside) && (await stat(target)).isFIFO();
  } catch {
    return false;
  }
}

function absolute(root: string, path: BytePath): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), pathBytes(path)]);
}
