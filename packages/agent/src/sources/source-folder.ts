import { join, posix } from "node:path";
import { FileMissing, WorktreeFiles } from "@bough/sandbox";

/** A file of which the beginning was read. */
export interface SourceFile {
  /** Relative to the checkout, links followed; of the user's own files, to the root of the file system. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The size of the whole file. */
  readonly size: number;
}

/** A name in a folder. */
export interface SourceEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "other";
}

/** A folder that texts for the agent are read from: one of the user's checkout, or one of their own. */
export class SourceFolder {
  /** Whether a repository brings it. Then its links lead nowhere outside of the checkout. */
  readonly isRepository: boolean;
  readonly #files: WorktreeFiles;
  readonly #base: string;
  readonly #shown: string;

  private constructor(files: WorktreeFiles, { base, shown }: { readonly base: string; readonly shown?: string }) {
    this.#files = files;
    this.#base = base;
    this.#shown = shown ?? base;
    this.isRepository = shown === undefined;
  }

  /** A folder of a checkout, whose root is given by its real path; named relative to that. */
  static ofRepository(root: string, base = ""): SourceFolder {
    return new SourceFolder(new WorktreeFiles({ root }), { base });
  }

  /** A folder of the user's own, whose links may lead to wherever they keep things; what is in it is named below `shown`. */
  static ofUser(path: string, shown: string): SourceFolder {
    return new SourceFolder(new WorktreeFiles({ root: "/" }), { base: path, shown });
  }

  /** What a path in the folder is called in messages and prompts: never by a path of the machine. */
  nameOf(path: string): string {
    return posix.join(this.#shown, path);
  }

  /** The absolute path of what is there, without a link in it; undefined when nothing is. */
  async realPath(path: string): Promise<string | undefined> {
    const found = await this.#files.stat(posix.join(this.#base, path));
    return found && join(this.#files.root, found.path);
  }

  /** Reads the beginning of a file; undefined when there is none. Throws when it is no file, or leads out of the checkout. */
  async readStart(path: string, mostBytes: number): Promise<SourceFile | undefined> {
    return unlessMissing(this.#files.readStart(posix.join(this.#base, path), mostBytes));
  }

  /** Lists a folder in the order of names, links followed; empty when there is none. Throws when it leads out. */
  async list(path: string): Promise<readonly SourceEntry[]> {
    const folder = posix.join(this.#base, path);
    const entries = (await unlessMissing(this.#files.list(folder))) ?? [];
    const followed = entries.map(async ({ name, kind }): Promise<SourceEntry> => {
      if (kind !== "link") return { name, kind };
      // One that leads nowhere, or out of the checkout, is no folder and no file.
      const found = await this.#files.stat(posix.join(folder, name)).catch(() => undefined);
      return { name, kind: found?.kind ?? "other" };
    });
    return Promise.all(followed);
  }
}

/** Why something is not read, as the end of a sentence. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "reason" in error && typeof error.reason === "string" ? error.reason : error.message.replace(/\.$/, "");
}

async function unlessMissing<Result>(result: Promise<Result>): Promise<Result | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof FileMissing || (error instanceof Error && "code" in error && error.code === "ENOENT")) {
      return undefined;
    }
    throw error;
  }
}
