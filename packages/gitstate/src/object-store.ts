import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { deflate, deflateSync } from "node:zlib";
import { CatFile } from "./cat-file.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";

const compress = promisify(deflate);
const FAST = { level: 1 } as const;
/** Bytes up to which compressing takes less time than handing over to another thread, as does writing a file. */
const SMALL = 64 * 1024;

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
    if (touch(path)) return id;
    const object = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
    writeAtomically(path, object.length <= SMALL ? deflateSync(object, FAST) : await compress(object, FAST));
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

/** Marks a file as fresh, if it is there. */
function touch(path: string): boolean {
  if (!existsSync(path)) return false;
  const now = new Date();
  try {
    utimesSync(path, now, now);
    return true;
  } catch {
    return false;
  }
}

/** Named as git names its own half-written objects, so that a gc sweeps up after a crash. */
function writeAtomically(path: string, content: Uint8Array): void {
  const temporary = `${dirname(path)}/tmp_obj_${randomBytes(6).toString("hex")}`;
  try {
    createFile(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A gc removes a folder of objects as soon as it is empty, so it may go again before the file is in it. */
function createFile(path: string, content: Uint8Array, tries = 5): void {
  try {
    writeFileSync(path, content, { flag: "wx", mode: 0o444 });
  } catch (error) {
    if (tries === 1 || !(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    mkdirSync(dirname(path), { recursive: true });
    createFile(path, content, tries - 1);
  }
}
