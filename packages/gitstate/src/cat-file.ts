import { GitError } from "./errors.ts";
import { startGit } from "./git.ts";
import { setAlive } from "./long-lived.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";

type Answer = { type: string; content: Buffer };
interface Waiting {
  readonly id: string;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** One long-lived `git cat-file --batch`, started with the first question. */
export class CatFile {
  readonly #gitDir: PrivateGitDir;
  #child: ReturnType<typeof startGit> | undefined;
  #waiting: Waiting[] = [];
  #chunks: Buffer[] = [];
  #length = 0;
  /** How many bytes must have come before the answer at the head of the queue can be read on. */
  #needed = 0;

  constructor(gitDir: PrivateGitDir) {
    this.#gitDir = gitDir;
  }

  /** Reads an object; many may be asked for at once. */
  read(id: string): Promise<Answer> {
    const child = this.#start();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, resolve, reject });
      setAlive(child, true);
      child.stdin.write(`${id}\n`);
    });
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.stdin.end();
    child.kill();
  }

  #start(): ReturnType<typeof startGit> {
    if (this.#child !== undefined) return this.#child;
    const { args, cwd, env } = this.#gitDir.command(["cat-file", "--batch"]);
    const child = startGit(args, { cwd, env });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdin.on("error", () => {});
    child.stdout.on("data", (chunk: Buffer) => this.#receive(chunk));
    const fail = (reason: string) => {
      if (this.#child === child) this.#child = undefined;
      const error = new GitError({ args: ["cat-file"], exitCode: child.exitCode ?? undefined, stderr: stderr || reason });
      this.#chunks = [];
      this.#length = this.#needed = 0;
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    };
    child.on("error", (error) => fail(error.message));
    child.on("close", () => fail("it ended"));
    setAlive(child, false);
    this.#child = child;
    return child;
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return;
    let buffer: Buffer = Buffer.concat(this.#chunks);
    for (;;) {
      const rest = this.#answer(buffer);
      if (rest === undefined) break;
      buffer = rest;
    }
    this.#chunks = [buffer];
    this.#length = buffer.length;
    if (this.#waiting.length === 0 && this.#child !== undefined) setAlive(this.#child, false);
  }

  /** Takes one answer off the buffer and returns what follows it, or undefined when it has not all come yet. */
  #answer(buffer: Buffer): Buffer | undefined {
    const lineEnd = buffer.indexOf(10);
    if (lineEnd === -1) {
      this.#needed = 0;
      return undefined;
    }
    const [, type = "", size] = buffer.toString("latin1", 0, lineEnd).split(" ");
    const end = size === undefined ? lineEnd : lineEnd + 1 + Number(size);
    if (buffer.length <= end) {
      this.#needed = end + 1;
      return undefined;
    }
    this.#needed = 0;
    const waiting = this.#waiting.shift();
    if (size !== undefined) waiting?.resolve({ type, content: Buffer.from(buffer.subarray(lineEnd + 1, end)) });
    else waiting?.reject(new GitError({ args: ["cat-file"], exitCode: undefined, stderr: `object ${waiting.id} is ${type}` }));
    return size === undefined ? buffer.subarray(lineEnd + 1) : buffer.subarray(end + 1);
  }
}
