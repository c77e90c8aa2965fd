import { GitError, RepositoryError } from "./errors.ts";
import { startGit } from "./git.ts";
import { setAlive } from "./long-lived.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";

/** An object as git stores it. */
interface StoredObject {
  readonly type: string;
  readonly content: Buffer;
}

interface Question {
  readonly id: string;
  /** Whether a process ended before it could answer. */
  readonly again: boolean;
  resolve(answer: StoredObject): void;
  reject(error: Error): void;
}

/** Reads objects through one long-lived `git cat-file --batch`, started with the first question. */
export class CatFile {
  readonly #gitDir: PrivateGitDir;
  #process: BatchProcess | undefined;

  constructor(gitDir: PrivateGitDir) {
    this.#gitDir = gitDir;
  }

  /** Reads an object; many may be asked for at once. */
  read(id: string): Promise<StoredObject> {
    return new Promise((resolve, reject) => this.#ask({ id, again: false, resolve, reject }));
  }

  /** Ends the process; what was asked for and not answered yet is refused. */
  async close(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    await running?.end();
  }

  #ask(question: Question): void {
    this.#process ??= new BatchProcess(this.#gitDir, (ended, unanswered, error) => {
      const wasKilled = this.#process === ended;
      if (wasKilled) this.#process = undefined;
      for (const question of unanswered) {
        if (question.again || !wasKilled) question.reject(error);
        else this.#ask({ ...question, again: true });
      }
    });
    this.#process.ask(question);
  }
}

type OnEnd = (process: BatchProcess, unanswered: readonly Question[], error: GitError) => void;

/** One process, and the questions it has yet to answer, in order. */
class BatchProcess {
  readonly #child: ReturnType<typeof startGit>;
  readonly #closed: Promise<void>;
  readonly #questions: Question[] = [];
  #unwritten = "";
  #chunks: Buffer[] = [];
  #length = 0;
  /** How many bytes must have come before the first answer can be read. */
  #needed = 0;
  #ending = false;

  constructor(gitDir: PrivateGitDir, onEnd: OnEnd) {
    const { args, cwd, env } = gitDir.command(["cat-file", "--batch"]);
    const child = startGit(args, { cwd, env });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    // A broken pipe is told by the end of the process.
    child.stdin.on("error", () => {});
    child.stdout.on("data", (chunk: Buffer) => this.#receive(chunk));
    child.on("error", (error) => {
      stderr += error.message;
    });
    this.#closed = new Promise((resolve) => {
      child.on("close", () => {
        resolve();
        const reason = stderr || "it ended before it had answered";
        const error = new GitError({ args: ["cat-file"], exitCode: child.exitCode ?? undefined, stderr: reason });
        onEnd(this, this.#questions.splice(0), error);
      });
    });
    setAlive(child, false);
    this.#child = child;
  }

  ask(question: Question): void {
    if (this.#questions.length === 0) setAlive(this.#child, true);
    this.#questions.push(question);
    // All that come of one answer are written at once, which saves most of the time that asking takes.
    if (this.#unwritten === "") setImmediate(() => this.#write());
    this.#unwritten += `${question.id}\n`;
  }

  #write(): void {
    const ids = this.#unwritten;
    this.#unwritten = "";
    if (this.#child.stdin.writable) this.#child.stdin.write(ids);
  }

  async end(): Promise<void> {
    this.#ending = true;
    setAlive(this.#child, true);
    this.#child.stdin.end();
    this.#child.kill();
    await this.#closed;
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return;
    let buffer: Buffer = Buffer.concat(this.#chunks);
    for (let rest = this.#answer(buffer); rest !== undefined; rest = this.#answer(buffer)) buffer = rest;
    this.#chunks = [buffer];
    this.#length = buffer.length;
    // Somebody waits for a process that is being ended, whatever it still answers.
    if (this.#questions.length === 0 && !this.#ending) setAlive(this.#child, false);
  }

  /** Takes one answer off the buffer and returns what follows it, or undefined when it has not all come yet. */
  #answer(buffer: Buffer): Buffer | undefined {
    this.#needed = 0;
    const lineEnd = buffer.indexOf(10);
    if (lineEnd === -1) return undefined;
    const [, type = "", size] = buffer.toString("latin1", 0, lineEnd).split(" ");
    if (size === undefined) {
      const question = this.#questions.shift();
      question?.reject(missing(question.id));
      return buffer.subarray(lineEnd + 1);
    }
    const end = lineEnd + 1 + Number(size);
    if (buffer.length <= end) {
      this.#needed = end + 1;
      return undefined;
    }
    this.#questions.shift()?.resolve({ type, content: buffer.subarray(lineEnd + 1, end) });
    return buffer.subarray(end + 1);
  }
}

function missing(id: string): RepositoryError {
  return new RepositoryError("unusable", `The repository lacks object ${id}. "git fsck" tells what else is missing.`);
}
