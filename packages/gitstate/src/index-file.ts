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
const MODE = 24;
const ID = 40;
const EXTENDED = 0x4000;
const STAGE = 0x3000;

/** The entries as they stand in the file, and where in these bytes each begins. */
interface Entries {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
}

/**
 * A git index (version 2 or 3, the format of gitformat-index(5)), changed in this process: git itself maps a file into
 * memory to add it, and dies when a running command shortens that file meanwhile. It is kept as the bytes of the file,
 * so that a change copies them once and makes no object of each entry.
 */
export class IndexFile {
  readonly #idLength: number;
  readonly #format: ObjectFormat;
  readonly #version: number;
  #entries: Entries;

  private constructor(format: ObjectFormat, version: number, entries: Entries) {
    this.#format = format;
    this.#idLength = idLength(format);
    this.#version = version;
    this.#entries = entries;
  }

  /** Reads the entries; extensions that are mere caches are left out. Throws on what git was told not to write. */
  static parse(content: Buffer, format: ObjectFormat): IndexFile {
    const version = content.length < HEADER ? 0 : content.readUInt32BE(4);
    if (content.toString("latin1", 0, 4) !== "DIRC" || (version !== 2 && version !== 3)) {
      throw new Error(`Cannot read the index: version ${version} is not known.`);
    }
    const starts = new Uint32Array(content.readUInt32BE(8));
    let at = HEADER;
    for (let i = 0; i < starts.length; i++) {
      starts[i] = at - HEADER;
      at += entryLength(content.indexOf(0, nameStart(content, at, idLength(format))) - at);
    }
    refuseExtensions(content.subarray(at, content.length - idLength(format)));
    return new IndexFile(format, version, { bytes: content.subarray(HEADER, at), starts });
  }

  /**
   * Applies what became of each path, `undefined` for removed, and returns how to take it back. What stood where a
   * folder of a new path has to be goes, and what stood below a new path.
   */
  apply(changes: ReadonlyMap<BytePath, IndexEntry | undefined>): () => void {
    const before = this.#entries;
    const after = new Map<BytePath, Buffer | undefined>();
    for (const [path, entry] of changes) after.set(path, entry && this.#formatEntry(path, entry));
    for (const [path, entry] of changes) {
      if (entry === undefined) continue;
      for (const other of [...foldersAbove(path), ...this.below(path)])
        if (!changes.get(other)) after.set(other, undefined);
    }
    this.#entries = this.#splice([...after].sort(([a], [b]) => (a < b ? -1 : 1)));
    return () => {
      this.#entries = before;
    };
  }

  /** Whether both name the same blobs at the same paths, whatever they remember of the files. */
  sameContent(other: IndexFile): boolean {
    const count = this.#entries.starts.length;
    if (count !== other.#entries.starts.length) return false;
    for (let i = 0; i < count; i++) {
      if (this.#path(i) !== other.#path(i) || !this.#sameBlob(this.#at(i), other.#at(i))) return false;
    }
    return true;
  }

  /** Whether both name the same blob with the same mode at a path, or neither has it. */
  agrees(other: IndexFile, path: BytePath): boolean {
    const [ours, theirs] = [this.#entry(path), other.#entry(path)];
    return ours === undefined || theirs === undefined ? ours === theirs : this.#sameBlob(ours, theirs);
  }

  /** Whether a path is listed with this blob and mode, or is not listed when there is none. */
  holds(path: BytePath, file: { readonly mode: string; readonly id: string } | undefined): boolean {
    if (file === undefined) return !this.has(path);
    return this.id(path) === file.id && this.mode(path) === Number.parseInt(file.mode, 8);
  }

  /** What is listed at a path, but for what is remembered of the file. */
  get(path: BytePath): IndexEntry | undefined {
    const [mode, id] = [this.mode(path), this.id(path)];
    return mode === undefined || id === undefined ? undefined : { mode, id, stat: undefined };
  }

  /** Whether a path is listed. */
  has(path: BytePath): boolean {
    return this.#entry(path) !== undefined;
  }

  /** The paths of submodules. */
  gitlinks(): BytePath[] {
    const { bytes, starts } = this.#entries;
    return [...starts.keys()].flatMap((position) => {
      const path = bytes.readUInt32BE(this.#start(position) + MODE) === GITLINK ? this.#path(position) : undefined;
      return path === undefined ? [] : [path];
    });
  }

  /** The listed paths below a folder. */
  below(path: BytePath): BytePath[] {
    const folder = asBytePath(`${path}/`);
    const below: BytePath[] = [];
    for (let at = this.#position(folder); ; at++) {
      const found = this.#path(at);
      if (found === undefined || !found.startsWith(folder)) return below;
      below.push(found);
    }
  }

  /** Git's mode of a listed path. */
  mode(path: BytePath): number | undefined {
    return this.#entry(path)?.readUInt32BE(MODE);
  }

  /** The blob of a listed path. */
  id(path: BytePath): string | undefined {
    return this.#entry(path)?.toString("hex", ID, ID + this.#idLength);
  }

  /** Writes the whole file, checksum included. */
  format(): Buffer {
    const { bytes, starts } = this.#entries;
    const content = Buffer.allocUnsafe(HEADER + bytes.length + this.#idLength);
    content.write("DIRC", "latin1");
    content.writeUInt32BE(this.#version, 4);
    content.writeUInt32BE(starts.length, 8);
    content.set(bytes, HEADER);
    const end = HEADER + bytes.length;
    content.set(createHash(this.#format).update(content.subarray(0, end)).digest(), end);
    return content;
  }

  /** Copies what does not change in as few pieces as there are changes, which come in git's order. */
  #splice(changes: readonly (readonly [BytePath, Buffer | undefined])[]): Entries {
    const pieces: Buffer[] = [];
    const starts: number[] = [];
    let length = 0;
    let next = 0;
    const copyTo = (position: number) => {
      const [from, to] = [this.#start(next), this.#start(position)];
      for (; next < position; next++) starts.push(this.#start(next) - from + length);
      pieces.push(this.#entries.bytes.subarray(from, to));
      length += to - from;
    };
    for (const [path, entry] of changes) {
      const position = this.#position(path);
      copyTo(position);
      if (this.#path(position) === path) next++;
      if (entry === undefined) continue;
      starts.push(length);
      pieces.push(entry);
      length += entry.length;
    }
    copyTo(this.#entries.starts.length);
    return { bytes: Buffer.concat(pieces, length), starts: Uint32Array.from(starts) };
  }

  #sameBlob(ours: Buffer, theirs: Buffer): boolean {
    const id = (bytes: Buffer) => bytes.subarray(ID, ID + this.#idLength);
    return ours.readUInt32BE(MODE) === theirs.readUInt32BE(MODE) && id(ours).equals(id(theirs));
  }

  /** Where the entry at a position begins, or where the last one ends. */
  #start(position: number): number {
    return this.#entries.starts[position] ?? this.#entries.bytes.length;
  }

  #at(position: number): Buffer {
    return this.#entries.bytes.subarray(this.#start(position), this.#start(position + 1));
  }

  #path(position: number): BytePath | undefined {
    if (position >= this.#entries.starts.length) return undefined;
    const { bytes } = this.#entries;
    const start = nameStart(bytes, this.#start(position), this.#idLength);
    return asBytePath(bytes.toString("latin1", start, bytes.indexOf(0, start)));
  }

  #entry(path: BytePath): Buffer | undefined {
    const position = this.#position(path);
    return this.#path(position) === path ? this.#at(position) : undefined;
  }

  /** Where the first entry stands whose path is not before this one. */
  #position(path: BytePath): number {
    let [low, high] = [0, this.#entries.starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = this.#path(middle);
      if (found !== undefined && found < path) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #formatEntry(path: BytePath, { mode, id, stat }: IndexEntry): Buffer {
    const flags = ID + this.#idLength;
    const bytes = Buffer.alloc(entryLength(flags + 2 + path.length));
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
    bytes.writeUInt32BE(mode, MODE);
    bytes.write(id, ID, "hex");
    bytes.writeUInt16BE(Math.min(path.length, 0xfff) & ~STAGE, flags);
    bytes.write(path, flags + 2, "latin1");
    return bytes;
  }
}

function idLength(format: ObjectFormat): number {
  return format === "sha1" ? 20 : 32;
}

/** Behind the fixed part come two bytes of flags, and two more when the first say so. */
function nameStart(bytes: Buffer, start: number, idLength: number): number {
  const flags = start + ID + idLength;
  return flags + (bytes.readUInt16BE(flags) & EXTENDED ? 4 : 2);
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
