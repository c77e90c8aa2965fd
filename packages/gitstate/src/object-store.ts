import { createHash } from "node:crypto";
import { mkdir, open, rename, rm, utimes } from "node:fs/promises";
import { promisify } from "node:util";
import { deflate } from "node:zlib";
import { CatFile } from "./cat-file.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";

const compress = promisify(deflate);

export type ObjectType = "blob" | "tree" | "commit";
export type ObjectFormat = "sha1" | "sha256";

/** The objects of a repository: written in this process, as loose objects; read through one long-lived git. */
export class ObjectStore {
  readonly format: ObjectFormat;
  readonly #folder: string;
  readonly #reader: CatFile;
  readonly #folders = new Set<string>();

  constructor({ folder, format, gitDir }: { folder: string; format: ObjectFormat; gitDir: PrivateGitDir }) {
    this.#folder = folder;
    this.format = format;
    this.#reader = new CatFile(gitDir);
  }

  /** The id an object has, whether it exists or not. */
  idOf(type: ObjectType, content: Uint8Array): string {
    return createHash(this.format).update(`${type} ${content.length}\0`).update(content).digest("hex");
  }

  /** Writes an object and resolves to its id. One that exists is marked as fresh, or a gc beside us might take it. */
  async write(type: ObjectType, content: Uint8Array): Promise<string> {
    const id = this.idOf(type, content);
    const folder = `${this.#folder}/${id.slice(0, 2)}`;
    const path = `${folder}/${id.slice(2)}`;
    if (await touch(path)) return id;
    if (!this.#folders.has(folder)) {
      await mkdir(folder, { recursive: true });
      this.#folders.add(folder);
    }
    const header = Buffer.from(`${type} ${content.length}\0`);
    await writeAtomically(path, await compress(Buffer.concat([header, content]), { level: 1 }));
    return id;
  }

  /** Reads an object of any type; throws when the repository lacks it. */
  read(id: string): Promise<{ type: string; content: Buffer }> {
    return this.#reader.read(id);
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }
}

async function touch(path: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(path, now, now);
    return true;
  } catch {
    return false;
  }
}

/** Named as git names its own half-written objects, so that a gc sweeps up after a crash. */
async function writeAtomically(path: string, content: Uint8Array): Promise<void> {
  const temporary = `${path.slice(0, path.lastIndexOf("/"))}/tmp_obj_${createHash("sha1").update(path).update(String(process.hrtime.bigint())).digest("hex").slice(0, 12)}`;
  const file = await open(temporary, "wx", 0o444);
  try {
    await file.writeFile(content);
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
}
