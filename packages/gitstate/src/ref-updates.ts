import { GitError, LockedError, RefMovedError } from "./errors.ts";
import { git, gitEnvironment, RUN_NOTHING, startGit } from "./git.ts";
import { readUntil, setAlive } from "./long-lived.ts";

/** A ref's move from one commit to another; `undefined` for not being there. */
export interface RefUpdate {
  readonly ref: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Milliseconds git waits for a lock that another git holds; they hold one for a few. */
const LOCK_TIMEOUT = 1000;

/**
 * Moves refs, several at once or none, and only when each still is where it was last seen: one long-lived
 * `git update-ref --stdin`. In a linked worktree's git dir it writes the reflogs of the branch and of HEAD.
 */
export class RefUpdates {
  readonly #gitDir: string;
  readonly #cwd: string;
  readonly #identity: NodeJS.ProcessEnv;
  #child: ReturnType<typeof startGit> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ gitDir, cwd, identity }: { gitDir: string; cwd: string; identity: NodeJS.ProcessEnv }) {
    this.#gitDir = gitDir;
    this.#cwd = cwd;
    this.#identity = identity;
  }

  /**
   * Resolves when the refs have moved. Throws a {@link RefMovedError} when one was not where it should be and a
   * {@link LockedError} when another git held one for too long; none has moved then.
   */
  apply(updates: readonly RefUpdate[]): Promise<void> {
    const applied = this.#last.then(() => this.#applyOrExplain(updates));
    this.#last = applied.catch(() => {});
    return applied;
  }

  async close(): Promise<void> {
    await this.#last;
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    setAlive(child, true);
    const closed = new Promise((resolve) => child.on("close", resolve));
    child.stdin.end();
    await closed;
  }

  /** git says the same of a ref that moved and of one it cannot lock, so it is looked up where they are now. */
  async #applyOrExplain(updates: readonly RefUpdate[], again = false): Promise<void> {
    try {
      await this.#transaction(updates);
    } catch (error) {
      const now = await this.#read(updates);
      // The process may have ended between moving them and saying so.
      if (updates.every(({ ref, to }) => now.get(ref) === to)) return;
      const moved = updates.find(({ ref, from }) => now.get(ref) !== from);
      if (moved !== undefined) throw new RefMovedError(moved.ref, { cause: error });
      if (!(error instanceof GitError)) throw error;
      const lock = /Unable to create '(.+\.lock)': File exists/.exec(error.stderr)?.[1];
      if (lock !== undefined) throw new LockedError(lock, { cause: error });
      if (again || error.stderr !== "") throw error;
      // It was killed before it did anything.
      await this.#applyOrExplain(updates, true);
    }
  }

  async #transaction(updates: readonly RefUpdate[]): Promise<void> {
    const none = "0".repeat((updates[0]?.to ?? updates[0]?.from ?? "").length || 40);
    const lines = updates.map(({ ref, from, to }) =>
      to === undefined ? `delete ${ref}\0${from ?? none}\0` : `update ${ref}\0${to}\0${from ?? none}\0`,
    );
    const child = this.#start();
    setAlive(child, true);
    try {
      child.stdin.write(`start\0${lines.join("")}prepare\0commit\0`);
      // It answers a line each to start, prepare and commit.
      await readUntil(child, { command: "update-ref", byte: 10, times: 3 });
      setAlive(child, false);
    } catch (error) {
      // After a transaction that failed it has ended, or is of no more use.
      if (this.#child === child) this.#child = undefined;
      child.stdin.end();
      throw error;
    }
  }

  async #read(updates: readonly RefUpdate[]): Promise<Map<string, string>> {
    const args = ["for-each-ref", "--format=%(objectname) %(refname)", ...updates.map(({ ref }) => ref)];
    const { stdout } = await git([...this.#settings(), ...args], { cwd: this.#cwd, env: this.#env() });
    const lines = stdout
      .toString()
      .split("\n")
      .filter((line) => line !== "");
    return new Map(lines.map((line) => [line.slice(line.indexOf(" ") + 1), line.slice(0, line.indexOf(" "))]));
  }

  #start(): ReturnType<typeof startGit> {
    if (this.#child !== undefined) return this.#child;
    const args = [...this.#settings(), "update-ref", "-m", "bough", "--create-reflog", "--stdin", "-z"];
    const child = startGit(args, { cwd: this.#cwd, env: this.#env() });
    child.stdin.on("error", () => {});
    child.on("error", () => {});
    child.on("close", () => {
      if (this.#child === child) this.#child = undefined;
    });
    this.#child = child;
    return child;
  }

  #settings(): string[] {
    const timeouts = [`core.filesRefLockTimeout=${LOCK_TIMEOUT}`, `core.packedRefsTimeout=${LOCK_TIMEOUT}`];
    return [...RUN_NOTHING, ...timeouts.flatMap((setting) => ["-c", setting]), "--git-dir", this.#gitDir];
  }

  #env(): NodeJS.ProcessEnv {
    return { ...gitEnvironment(), ...this.#identity };
  }
}
