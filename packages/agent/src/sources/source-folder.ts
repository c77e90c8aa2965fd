import { realpath } from "node:fs/promises";
import { posix } from "node:path";
import { FileMissing, WorktreeFiles } from "@bough/sandbox";

/** A file of which the beginning was read. */
export interface SourceFile {
  /** Where it is in its folder, links followed. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The size of the whole file. */
  readonly size: number;
}

/** A name in a folder; a link may be either. */
export interface SourceEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
}

/**
 * A folder that texts for the agent are read from: the user's checkout, or one of their own. Nothing outside of it is
 * reached, whatever its links say.
 */
export class SourceFolder {
  /** Absolute, without a link in it. */
  readonly root: string;
  readonly isRepository: boolean;
  readonly #files: WorktreeFiles;
  readonly #shown: string;

  private constructor(root: string, shown: string, isRepository: boolean) {
    this.root = root;
    this.isRepository = isRepository;
    this.#files = new WorktreeFiles({ root });
    this.#shown = shown;
  }

  /** The checkout of a repository, given by its real path; what is in it is named relative to it. */
  static repository(root: string): SourceFolder {
    return new SourceFolder(root, "", true);
  }

  /** A folder of the user's own, which may be a link; what is in it is named below `shown`. Undefined when there is none. */
  static async own(path: string, shown: string): Promise<SourceFolder | undefined> {
    const root = await realpath(path).catch(() => undefined);
    return root === undefined ? undefined : new SourceFolder(root, shown, false);
  }

  /** What a path in the folder is called in messages and prompts: never by a path of the machine. */
  nameOf(path: string): string {
    return posix.join(this.#shown, path);
  }

  /** Reads the beginning of a file; undefined when there is none. Throws when it is no file, or leads out of the folder. */
  async readStart(path: string, mostBytes: number): Promise<SourceFile | undefined> {
    try {
      return await this.#files.readStart(path, mostBytes);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Lists a folder; empty when there is none. Throws when it leads out. */
  async list(path: string): Promise<readonly SourceEntry[]> {
    try {
      return await this.#files.list(path);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** What is at a path; undefined when nothing is. Throws when it leads out. */
  async kindOf(path: string): Promise<SourceEntry["kind"] | undefined> {
    return (await this.#files.stat(path))?.kind;
  }
}

/** Why something is not read, as the end of a sentence. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "reason" in error && typeof error.reason === "string" ? error.reason : error.message.replace(/\.$/, "");
}

function isMissing(error: unknown): boolean {
  return error instanceof FileMissing || (error instanceof Error && "code" in error && error.code === "ENOENT");
}
