import { createHash } from "node:crypto";
import { asBytePath, type BytePath } from "./byte-path.ts";
import type { ObjectFormat } from "./object-store.ts";

/** What git remembers of a file, to see later whether it changed without reading it. */
export interface FileStat {
  readonly ctimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly size: bigint;
}

/** What the index says of a path: git's mode as a number, and the stat of a file known to hold just that blob. */
export interface IndexEntry {
  readonly mode: number;
  readonly id: string;
  readonly stat: FileStat | undefined;
}

/** The mode of a submodule. */
export const GITLINK = 0o160000;

const HEADER = 12;
const EXTENDED = 0x4000;
const STAGE = 0x3000;

/**
 * A git index (version 2 or 3, the format of gitformat-index(5)), changed in this process: git itself maps a file into
 * memory to add it, and dies when a running command shortens that file meanwhile.
 */
export class IndexFile {
  readonly #idLength: number;
  readonly #format: ObjectFormat;
  /** Each entry's bytes by path, in git's order. */
  #entries: { path: BytePath; bytes: Buffer }[];
  readonly #version: number;

  private constructor(format: ObjectFormat, version: number, entries: { path: BytePath; bytes: Buffer }[]) {
    this.#format = format;
    this.#idLength = format === "sha1" ? 20 : 32;
    this.#version = version;
    this.#entries = entries;
  }

  /** Reads the entries; extensions that are mere caches are left out. Throws on what git was told not to write. */
  static parse(content: Buffer, format: ObjectFormat): IndexFile {
    const version = content.length < HEADER ? 0 : content.readUInt32BE(4);
    if (content.toString("latin1", 0, 4) !== "DIRC" || (version !== 2 && version !== 3)) {
      throw new Error(`Cannot read the index: version ${version} is not known.`);
    }
    const fixed = 40 + (format === "sha1" ? 20 : 32) + 2;
    const entries: { path: BytePath; bytes: Buffer }[] = [];
    let at = HEADER;
    for (let count = content.readUInt32BE(8); count > 0; count--) {
      const flags = content.readUInt16BE(at + fixed - 2);
      const start = at + fixed + (flags & EXTENDED ? 2 : 0);
      const end = content.indexOf(0, start);
      const length = entryLength(end - at);
      entries.push({ path: asBytePath(content.toString("latin1", start, end)), bytes: content.subarray(at, at + length) });
      at += length;
    }
    refuseExtensions(content.subarray(at, content.length - (format === "sha1" ? 20 : 32)));
    return new IndexFile(format, version, entries);
  }

  /**
   * Applies what became of each path, `undefined` for removed, and returns how to take it back. What stood where a
   * folder of a new path has to be goes, and what stood below a new path.
   */
  apply(changes: ReadonlyMap<BytePath, IndexEntry | undefined>): () => void {
    const before = this.#entries;
    const added: { path: BytePath; bytes: Buffer }[] = [];
    for (const [path, entry] of changes) {
      if (entry !== undefined) added.push({ path, bytes: this.#formatEntry(path, entry) });
    }
    const gone = new Set(changes.keys());
    for (const { path } of added) {
      for (const folder of foldersAbove(path)) gone.add(folder);
      for (const below of this.#below(path)) gone.add(below);
    }
    const kept = before.filter(({ path }) => !gone.has(path));
    this.#entries = added.length === 0 ? kept : mergeSorted(kept, added.sort((a, b) => (a.path < b.path ? -1 : 1)));
    return () => {
      this.#entries = before;
    };
  }

  /** Whether both name the same blobs at the same paths, whatever they remember of the files. */
  sameContent(other: IndexFile): boolean {
    if (this.#entries.length !== other.#entries.length) return false;
    return this.#entries.every(({ path, bytes }, i) => {
      const theirs = other.#entries[i];
      return theirs?.path === path && this.#sameBlob(bytes, theirs.bytes);
    });
  }

  /** Whether both name the same blob with the same mode at a path, or neither has it. */
  agrees(other: IndexFile, path: BytePath): boolean {
    const [ours, theirs] = [this.#entry(path), other.#entry(path)];
    return ours === undefined || theirs === undefined ? ours === theirs : this.#sameBlob(ours, theirs);
  }

  /** Whether a path is listed. */
  has(path: BytePath): boolean {
    return this.#entry(path) !== undefined;
  }

  /** The paths of submodules. */
  gitlinks(): BytePath[] {
    return this.#entries.filter(({ bytes }) => bytes.readUInt32BE(24) === GITLINK).map(({ path }) => path);
  }

  /** Git's mode of a listed path. */
  mode(path: BytePath): number | undefined {
    return this.#entry(path)?.readUInt32BE(24);
  }

  /** The blob of a listed path. */
  id(path: BytePath): string | undefined {
    return this.#entry(path)?.toString("hex", 40, 40 + this.#idLength);
  }

  /** Writes the whole file, checksum included. */
  format(): Buffer {
    const header = Buffer.alloc(HEADER);
    header.write("DIRC", "latin1");
    header.writeUInt32BE(this.#version, 4);
    header.writeUInt32BE(this.#entries.length, 8);
    const content = Buffer.concat([header, ...this.#entries.map(({ bytes }) => bytes)]);
    return Buffer.concat([content, createHash(this.#format).update(content).digest()]);
  }

  #sameBlob(ours: Buffer, theirs: Buffer): boolean {
    const id = (bytes: Buffer) => bytes.subarray(40, 40 + this.#idLength);
    return ours.readUInt32BE(24) === theirs.readUInt32BE(24) && id(ours).equals(id(theirs));
  }

  #entry(path: BytePath): Buffer | undefined {
    const found = this.#entries[this.#position(path)];
    return found?.path === path ? found.bytes : undefined;
  }

  #below(path: BytePath): BytePath[] {
    const folder = asBytePath(`${path}/`);
    const below: BytePath[] = [];
    for (let at = this.#position(folder); this.#entries[at]?.path.startsWith(folder) === true; at++) {
      below.push(this.#entries[at]?.path ?? folder);
    }
    return below;
  }

  /** Where the first entry stands whose path is not before this one. */
  #position(path: BytePath): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && entry.path < path) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #formatEntry(path: BytePath, { mode, id, stat }: IndexEntry): Buffer {
    const start = 40 + this.#idLength + 2;
    const bytes = Buffer.alloc(entryLength(start + path.length));
    if (stat !== undefined) {
      const numbers = [
        stat.ctimeNs / 1_000_000_000n,
        stat.ctimeNs % 1_000_000_000n,
        stat.mtimeNs / 1_000_000_000n,
        stat.mtimeNs % 1_000_000_000n,
        stat.dev,
        stat.ino,
        0n,
        stat.uid,
        stat.gid,
        stat.size,
      ];
      for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(Number(BigInt.asUintN(32, number)), i * 4);
    }
    bytes.writeUInt32BE(mode, 24);
    bytes.write(id, 40, "hex");
    bytes.writeUInt16BE(Math.min(path.length, 0xfff) & ~STAGE, start - 2);
    bytes.write(path, start, "latin1");
    return bytes;
  }
}

/** The folders a path is in, without slashes at their ends. */
function foldersAbove(path: BytePath): BytePath[] {
  const folders: BytePath[] = [];
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    folders.push(asBytePath(path.slice(0, slash)));
  }
  return folders;
}

/** An extension in small letters changes what the entries mean. */
function refuseExtensions(extensions: Buffer): void {
  for (let at = 0; at + 8 <= extensions.length; at += 8 + extensions.readUInt32BE(at + 4)) {
    const name = extensions.toString("latin1", at, at + 4);
    if (/^[a-z]/.test(name)) throw new Error(`Cannot read the index: its extension "${name}" is not known.`);
  }
}

/** Entries are padded with one to eight zeros to a multiple of eight. */
function entryLength(unpadded: number): number {
  return (unpadded + 8) & ~7;
}

function mergeSorted<Item extends { path: BytePath }>(left: readonly Item[], right: readonly Item[]): Item[] {
  const merged: Item[] = [];
  let at = 0;
  for (const item of right) {
    for (let next = left[at]; next !== undefined && next.path < item.path; next = left[++at]) merged.push(next);
    merged.push(item);
  }
  for (; at < left.length; at++) {
    const next = left[at];
    if (next !== undefined) merged.push(next);
  }
  return merged;
}
