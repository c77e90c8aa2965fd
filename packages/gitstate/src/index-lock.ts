import { constants } from "node:fs";
import { chmod, copyFile, link, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { LockedError } from "./errors.ts";
import { codeOf } from "./place-file.ts";

/** The lock git takes on a checkout's index: while it stands, no other git stages or commits there. */
export class IndexLock {
  readonly #index: string;
  #isHeld = true;

  private constructor(index: string) {
    this.#index = index;
  }

  /**
   * Takes the lock; throws a {@link LockedError} when another git holds it. It is a second name of a file that says who
   * takes it, so that whose it is can be told after a kill: then its taker has it already.
   */
  static async take(gitDir: string, holder: string): Promise<IndexLock> {
    const lock = new IndexLock(join(gitDir, "index"));
    try {
      await link(holder, lock.#path).catch(async (error: unknown) => {
        // A file system without hard links.
        if (codeOf(error) === "EEXIST") throw error;
        await copyFile(holder, lock.#path, constants.COPYFILE_EXCL);
      });
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
      if (!(await lock.#isOf(holder))) throw new LockedError(lock.#path, { cause: error });
    }
    return lock;
  }

  /** Removes the lock that a killed process left, if it is that one's. */
  static async removeLeft(gitDir: string, holder: string): Promise<void> {
    const lock = new IndexLock(join(gitDir, "index"));
    if (await lock.#isOf(holder)) await lock.release();
  }

  /** Puts a file in the place of the index and lets go of the lock. The file is gone then. */
  async replace(content: string): Promise<void> {
    const found = await stat(this.#index).catch(() => undefined);
    if (found !== undefined) await chmod(content, found.mode & 0o777);
    await rename(content, this.#index);
    await this.release();
  }

  /** Lets go of the lock and leaves the index as it is. */
  async release(): Promise<void> {
    if (this.#isHeld) await rm(this.#path, { force: true });
    this.#isHeld = false;
  }

  async #isOf(holder: string): Promise<boolean> {
    const [lock, own] = await Promise.all([this.#path, holder].map((path) => readFile(path).catch(() => undefined)));
    return lock !== undefined && own !== undefined && own.length > 0 && lock.equals(own);
  }

  get #path(): string {
    return `${this.#index}.lock`;
  }
}
