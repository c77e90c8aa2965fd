import { chmod, copyFile, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { LockedError } from "./errors.ts";

/** The lock git takes on a checkout's index: while it stands, no other git stages or commits there. */
export class IndexLock {
  readonly #index: string;

  private constructor(index: string) {
    this.#index = index;
  }

  /** Takes the lock; throws a {@link LockedError} when another git holds it. */
  static async take(gitDir: string): Promise<IndexLock> {
    const lock = new IndexLock(join(gitDir, "index"));
    try {
      await (await open(lock.#path, "wx")).close();
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      throw new LockedError(lock.#path, { cause: error });
    }
    return lock;
  }

  /** Puts a file in the place of the index and lets go of the lock. */
  async replace(content: string): Promise<void> {
    const mode = await stat(this.#index).then(
      (found) => found.mode & 0o777,
      () => undefined,
    );
    await copyFile(content, this.#path);
    if (mode !== undefined) await chmod(this.#path, mode);
    await rename(this.#path, this.#index);
  }

  /** Lets go of the lock and leaves the index as it is. */
  async release(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  get #path(): string {
    return `${this.#index}.lock`;
  }
}
