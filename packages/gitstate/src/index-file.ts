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

  /** Reads the entries; extensions are caches and are left out. Throws on a version that git was told not to write. */
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
    return new IndexFile(format, version, entries);
  }

  /** Applies what became of each path; `undefined` for removed. */
  apply(changes: ReadonlyMap<BytePath, IndexEntry | undefined>): void {
    const kept = this.#entries.filter(({ path }) => !changes.has(path));
    const added: { path: BytePath; bytes: Buffer }[] = [];
    for (const [path, entry] of changes) {
      if (entry !== undefined) added.push({ path, bytes: this.#formatEntry(path, entry) });
    }
    this.#entries = added.length === 0 ? kept : mergeSorted(kept, added.sort((a, b) => (a.path < b.path ? -1 : 1)));
  }

  /** Whether both name the same blobs at the same paths, whatever they remember of the files. */
  sameContent(other: IndexFile): boolean {
    if (this.#entries.length !== other.#entries.length) return false;
    return this.#entries.every(({ path, bytes }, i) => {
      const theirs = other.#entries[i];
      if (theirs === undefined || theirs.path !== path) return false;
      return bytes.subarray(24, 28).equals(theirs.bytes.subarray(24, 28)) &&
        bytes.subarray(40, 40 + this.#idLength).equals(theirs.bytes.subarray(40, 40 + this.#idLength));
    });
  }

  /** Whether a path is listed, or anything below it. */
  has(path: BytePath): boolean {
    return this.#entry(path) !== undefined;
  }

  /** Whether the path is a submodule's. */
  isGitlink(path: BytePath): boolean {
    const entry = this.#entry(path);
    return entry !== undefined && entry.readUInt32BE(24) === 0o160000;
  }

  /** Git's mode of a listed path. */
  mode(path: BytePath): number | undefined {
    return this.#entry(path)?.readUInt32BE(24);
  }

  /** The blob of a listed path. */
  id(path: BytePath): string | undefined {
    return this.#entry(path)?.toString("hex", 40, 40 + this.#idLength);
  }

  /** Paths in git's order. */
  paths(): BytePath[] {
    return this.#entries.map(({ path }) => path);
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

  #entry(path: BytePath): Buffer | undefined {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && entry.path < path) low = middle + 1;
      else high = middle;
    }
    const found = this.#entries[low];
    return found?.path === path ? found.bytes : undefined;
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
