import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, rename, rm, utimes } from "node:fs/promises";
import { dirname } from "node:path";
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
    const path = `${this.#folder}/${id.slice(0, 2)}/${id.slice(2)}`;
    if (await touch(path)) return id;
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
  const temporary = `${dirname(path)}/tmp_obj_${randomBytes(6).toString("hex")}`;
  const file = await createFile(temporary);
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

/** A gc removes a folder of objects as soon as it is empty, so it may go again before the file is in it. */
async function createFile(path: string, tries = 5) {
  try {
    return await open(path, "wx", 0o444);
  } catch (error) {
    if (tries === 1 || !(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    await mkdir(dirname(path), { recursive: true });
    return createFile(path, tries - 1);
  }
}
