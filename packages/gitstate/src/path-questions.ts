import { AwaitedPipes } from "./awaited-pipes.ts";
import { type BytePath, pathBytes, splitNul } from "./byte-path.ts";
import { GitError } from "./errors.ts";
import { startGit } from "./git.ts";
import { readUntil, setAlive } from "./long-lived.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";

/** Asks one long-lived git about paths, as `check-ignore` and `check-attr` let it; it keeps the rules it has read. */
export class PathQuestions {
  readonly #gitDir: PrivateGitDir;
  readonly #args: readonly string[];
  readonly #fields: number;
  #child: ReturnType<typeof startGit> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #pipes = new Set<BytePath>();

  /** `args` make git read paths and print so many fields for each, all ended by NUL. */
  constructor(gitDir: PrivateGitDir, { args, fields }: { args: readonly string[]; fields: number }) {
    this.#gitDir = gitDir;
    this.#args = args;
    this.#fields = fields;
  }

  /** Resolves to the fields of each path, in the order asked. */
  ask(paths: readonly BytePath[]): Promise<BytePath[][]> {
    const answered = this.#last.then(() => this.#ask(paths));
    this.#last = answered.catch(() => {});
    return answered;
  }

  /** Pipes that were met where rules may stand. */
  get pipes(): ReadonlySet<BytePath> {
    return this.#pipes;
  }

  /** Makes the next question read the rules anew; a file of them may have changed. */
  forget(): void {
    this.#pipes.clear();
    this.#child?.stdin.end();
    this.#child = undefined;
  }

  /** Ends the process when all is answered. */
  async close(): Promise<void> {
    await this.#last;
    this.forget();
  }

  async #ask(paths: readonly BytePath[]): Promise<BytePath[][]> {
    if (paths.length === 0) return [];
    const fields = splitNul(await this.#answers(paths));
    return paths.map((_, i) => fields.slice(i * this.#fields, (i + 1) * this.#fields));
  }

  async #answers(paths: readonly BytePath[], again = false): Promise<Buffer> {
    const child = this.#start();
    setAlive(child, true);
    const times = paths.length * this.#fields;
    using pipes = new AwaitedPipes(this.#gitDir.workTree);
    pipes.signal.addEventListener("abort", () => child.kill("SIGKILL"));
    const answers = readUntil(child, { command: this.#args[0] ?? "", byte: 0, times });
    child.stdin.write(Buffer.concat(paths.flatMap((path) => [pathBytes(path), Buffer.from([0])])));
    try {
      return await answers;
    } catch (error) {
      if (this.#child === child) this.#child = undefined;
      pipes.signal.throwIfAborted();
      // It was killed before it could answer.
      if (again || !(error instanceof GitError) || error.stderr !== "") throw error;
      return this.#answers(paths, true);
    } finally {
      for (const pipe of pipes.found) this.#pipes.add(pipe);
      setAlive(child, false);
    }
  }

  #start(): ReturnType<typeof startGit> {
    if (this.#child !== undefined) return this.#child;
    const { args, cwd, env } = this.#gitDir.command(this.#args);
    const child = startGit(args, { cwd, env });
    child.stdin.on("error", () => {});
    child.on("error", () => {});
    child.on("close", () => {
      if (this.#child === child) this.#child = undefined;
    });
    this.#child = child;
    return child;
  }
}
