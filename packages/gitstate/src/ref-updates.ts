import { GitError } from "./errors.ts";
import { RUN_NOTHING, gitEnvironment, startGit } from "./git.ts";
import { setAlive } from "./long-lived.ts";

/** A ref's move from one commit to another; `undefined` for not being there. */
export interface RefUpdate {
  readonly ref: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

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

  /** Resolves when the refs have moved; throws a {@link GitError} when one was not where it should be. */
  apply(updates: readonly RefUpdate[]): Promise<void> {
    const applied = this.#last.then(() => this.#transaction(updates));
    this.#last = applied.catch(() => {});
    return applied;
  }

  async close(): Promise<void> {
    await this.#last;
    this.#child?.stdin.end();
    this.#child = undefined;
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
      await answers(child, ["start: ok", "prepare: ok", "commit: ok"]);
    } catch (error) {
      // After a transaction that failed the helper has ended, or is of no more use.
      this.#child = undefined;
      child.stdin.end();
      throw error;
    } finally {
      if (this.#child !== undefined) setAlive(child, false);
    }
  }

  #start(): ReturnType<typeof startGit> {
    if (this.#child !== undefined) return this.#child;
    const args = [...RUN_NOTHING, "--git-dir", this.#gitDir, "update-ref", "-m", "bough", "--create-reflog", "--stdin", "-z"];
    const child = startGit(args, { cwd: this.#cwd, env: { ...gitEnvironment(), ...this.#identity } });
    child.stdin.on("error", () => {});
    this.#child = child;
    return child;
  }
}

function answers(child: ReturnType<typeof startGit>, expected: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    const settle = (error?: Error) => {
      child.stdout.off("data", onStdout);
      child.stderr.off("data", onStderr);
      child.off("close", onClose);
      child.off("error", settle);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onStdout = (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.split("\n").length > expected.length) settle();
    };
    const onStderr = (chunk: Buffer) => {
      stderr += chunk.toString();
    };
    const onClose = (exitCode: number | null) => {
      settle(new GitError({ args: ["update-ref"], exitCode: exitCode ?? undefined, stderr }));
    };
    child.stdout.on("data", onStdout);
    child.stderr.on("data", onStderr);
    child.on("close", onClose);
    child.on("error", settle);
  });
}
