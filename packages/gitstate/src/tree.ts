import { asBytePath, type BytePath } from "./byte-path.ts";
import type { ObjectStore } from "./object-store.ts";

/** What stands at a path in a tree. */
export interface TreeEntry {
  readonly mode: FileMode | "40000" | "160000";
  readonly id: string;
}

export type FileMode = "100644" | "100755" | "120000";

/** What became of each path; `undefined` for removed. */
export type TreeChanges = ReadonlyMap<BytePath, TreeEntry | undefined>;

/** Reads and rewrites trees, keeping those it has read: a step costs what it touches, not what the repository holds. */
export class Trees {
  readonly #objects: ObjectStore;
  readonly #read = new Map<string, ReadonlyMap<BytePath, TreeEntry>>();

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  /** Resolves to the id of the tree that comes of applying the changes. */
  async apply(tree: string, changes: TreeChanges): Promise<string> {
    return (await this.#rewrite(tree, changes)) ?? (await this.#write(new Map()));
  }

  /** Finds what stands at a path. */
  async entry(tree: string, path: BytePath): Promise<TreeEntry | undefined> {
    const [name, rest] = splitFirst(path);
    const entry = (await this.#entries(tree)).get(name);
    if (rest === undefined || entry === undefined) return entry;
    return entry.mode === "40000" ? this.entry(entry.id, rest) : undefined;
  }

  async #rewrite(tree: string | undefined, changes: TreeChanges): Promise<string | undefined> {
    const entries = new Map(tree === undefined ? [] : await this.#entries(tree));
    for (const [name, { own, below }] of groupByFirst(changes)) {
      const before = entries.get(name);
      let after = own === undefined ? before : own.entry;
      if (below.size > 0) {
        const id = await this.#rewrite(after?.mode === "40000" ? after.id : undefined, below);
        // A file cannot stand where something stands below it; removals below a file change nothing.
        if (id !== undefined) after = { mode: "40000", id };
        else if (after?.mode === "40000") after = undefined;
      }
      if (after === undefined) entries.delete(name);
      else entries.set(name, after);
    }
    return entries.size === 0 ? undefined : this.#write(entries);
  }

  async #write(entries: ReadonlyMap<BytePath, TreeEntry>): Promise<string> {
    const id = await this.#objects.write("tree", formatTree(entries));
    this.#remember(id, entries);
    return id;
  }

  async #entries(tree: string): Promise<ReadonlyMap<BytePath, TreeEntry>> {
    const known = this.#read.get(tree);
    if (known !== undefined) return known;
    const { content } = await this.#objects.read(tree);
    const entries = parseTree(content, this.#objects.format === "sha1" ? 20 : 32);
    this.#remember(tree, entries);
    return entries;
  }

  #remember(tree: string, entries: ReadonlyMap<BytePath, TreeEntry>): void {
    this.#read.set(tree, entries);
    const [oldest] = this.#read.keys();
    if (this.#read.size > 2000 && oldest !== undefined) this.#read.delete(oldest);
  }
}

interface Group {
  own: { entry: TreeEntry | undefined } | undefined;
  readonly below: Map<BytePath, TreeEntry | undefined>;
}

function groupByFirst(changes: TreeChanges): Map<BytePath, Group> {
  const groups = new Map<BytePath, Group>();
  for (const [path, entry] of changes) {
    const [name, rest] = splitFirst(path);
    const group = groups.get(name) ?? { own: undefined, below: new Map() };
    groups.set(name, group);
    if (rest === undefined) group.own = { entry };
    else group.below.set(rest, entry);
  }
  return groups;
}

function splitFirst(path: BytePath): [BytePath, BytePath?] {
  const slash = path.indexOf("/");
  if (slash === -1) return [path];
  return [asBytePath(path.slice(0, slash)), asBytePath(path.slice(slash + 1))];
}

function parseTree(content: Buffer, idLength: number): Map<BytePath, TreeEntry> {
  const entries = new Map<BytePath, TreeEntry>();
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    const mode = parseMode(content.toString("latin1", at, space));
    const name = asBytePath(content.toString("latin1", space + 1, end));
    at = end + 1 + idLength;
    entries.set(name, { mode, id: content.toString("hex", end + 1, at) });
  }
  return entries;
}

/** Reads a mode; old trees hold some that git itself now reads as one of these. */
export function parseMode(mode: string): TreeEntry["mode"] {
  switch (mode) {
    case "40000":
    case "160000":
    case "120000":
    case "100755":
      return mode;
    default:
      return mode.startsWith("1007") ? "100755" : "100644";
  }
}

/** git sorts by bytes, a folder as if its name ended with a slash. */
function formatTree(entries: ReadonlyMap<BytePath, TreeEntry>): Buffer {
  const sorted = [...entries]
    .map(([name, entry]) => ({ name, entry, key: entry.mode === "40000" ? `${name}/` : name }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return Buffer.concat(
    sorted.flatMap(({ name, entry }) => [
      Buffer.from(`${entry.mode} ${name}\0`, "latin1"),
      Buffer.from(entry.id, "hex"),
    ]),
  );
}
