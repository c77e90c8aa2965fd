import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { temporaryRepository } from "@bough/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { forkSession } from "./fork-session.ts";
import { landSession } from "./land.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";
import type { Block } from "./step-record.ts";

/** How many histories are made; a bug that is rare wants more: `BOUGH_RUNS=1000`. */
const RUNS = Number(process.env["BOUGH_RUNS"] ?? 20);

interface File {
  readonly mode: "100644" | "100755" | "120000";
  readonly content: string;
}

type Files = ReadonlyMap<string, File>;

/** What happens; what it points at wraps around. */
type Act =
  | { readonly act: "chat" | "end" | "resume" | "stage" | "commit" | "land" }
  /** By the agent's tools or a command of its, by the user's hand in the worktree or in the checkout. */
  | {
      readonly act: "edit" | "run" | "by hand" | "commit beside" | "edit checkout";
      readonly path: string;
      readonly file: File | undefined;
    }
  | { readonly act: "rewind" | "fork" | "merge" | "switch"; readonly which: number };

/** A commit, as far as merging needs to know of it. */
interface Node {
  readonly parents: readonly Node[];
  readonly files: Files;
}

interface Moment {
  readonly view: readonly string[];
  readonly tip: Node;
}

/** A session, and what somebody who was there remembers of it. */
interface Work {
  session: Session;
  tip: Node;
  view: readonly string[];
  /** The moments after each of its steps. */
  moments: ReadonlyMap<number, Moment>;
  /** Whether steps wait for a commit. */
  isPending: boolean;
  /** Whether a rewind may have taken back a merge, from where on git's base is not the one to merge by. */
  isRewound: boolean;
}

const run = promisify(execFile);

/** What the user does, and reads. */
async function git(cwd: string, ...args: string[]): Promise<string> {
  return (await run("git", args, { cwd })).stdout;
}

const author = { name: "m (bough)", email: "bough@localhost" };

/** The user's repository with sessions in it, and what all of them should hold. */
class World {
  readonly #repository: Repository;
  readonly #start: Node;
  readonly #works: Work[];
  readonly #landed: Node[] = [];
  #current: Work;
  #head: Files;
  #index: Files;
  #checkout: Files;
  #count = 0;

  constructor(repository: Repository, session: Session, files: Files) {
    this.#repository = repository;
    this.#start = { parents: [], files };
    [this.#head, this.#index, this.#checkout] = [files, files, files];
    const first = { view: ["config"], tip: this.#start };
    this.#current = { session, ...first, moments: new Map([[0, first]]), isPending: true, isRewound: false };
    this.#works = [this.#current];
  }

  async close(): Promise<void> {
    for (const { session } of this.#works) await session.close();
  }

  async perform(action: Act): Promise<void> {
    const work = this.#current;
    const text = `${action.act} ${this.#count++}`;
    switch (action.act) {
      case "chat":
      case "end":
        return this.#step(work, text, { changes: [], always: action.act === "end" });
      case "edit":
      case "run":
        await put(work.session.worktree, action.path, action.file);
        return this.#step(work, text, {
          changes: action.act === "run" ? "scan" : [action.path],
          files: withFile(work.tip.files, action.path, action.file),
        });
      case "by hand":
      case "commit beside":
        // What changes while steps wait for a commit is theirs.
        return work.isPending ? undefined : this.#changeBeside(work, text, action);
      case "rewind":
        return this.#rewind(work, action.which);
      case "fork":
        return this.#fork(work, action.which);
      case "merge":
        return this.#merge(work, action.which);
      case "switch":
        this.#current = this.#works[action.which % this.#works.length] ?? work;
        return;
      case "resume": {
        const { branch } = work.session;
        await work.session.close();
        work.session = await resumeSession(this.#repository, branch);
        return;
      }
      case "edit checkout":
        await put(this.#repository.root, action.path, action.file);
        this.#checkout = withFile(this.#checkout, action.path, action.file);
        return;
      case "stage":
        await git(this.#repository.root, "add", "--all");
        this.#index = this.#checkout;
        return;
      case "commit":
        await git(this.#repository.root, "commit", "--allow-empty", "-m", text);
        this.#head = this.#index;
        return;
      case "land":
        return this.#land(work);
      default:
        return action satisfies never;
    }
  }

  async #step(
    work: Work,
    text: string,
    {
      changes,
      always = false,
      files = work.tip.files,
    }: { changes: "scan" | string[]; always?: boolean; files?: Files },
  ): Promise<void> {
    const step = work.session.lastStep + 1;
    const blocks: Block[] = [{ type: "assistant", text }];
    const made = await work.session.commit({ step, turn: step, blocks }, { subject: text, author, changes, always });
    const isCommitted = always || !isSame(files, work.tip.files);
    expect(made !== undefined).toBe(isCommitted);
    if (isCommitted) work.tip = { parents: [work.tip], files };
    work.isPending = !isCommitted;
    remember(work, step, [...work.view, text]);
  }

  async #changeBeside(work: Work, text: string, { act, path, file }: Extract<Act, { path: string }>): Promise<void> {
    const { worktree } = work.session;
    const files = withFile(work.tip.files, path, file);
    if (isSame(files, work.tip.files)) return;
    await put(worktree, path, file);
    if (act === "commit beside") {
      await git(worktree, "add", "--all");
      await git(worktree, "commit", "-m", text);
    }
    const made = await work.session.commitByHand();
    work.tip = { parents: [work.tip], files };
    work.view = [...work.view, made?.subject ?? text];
  }

  async #rewind(work: Work, which: number): Promise<void> {
    const [at, moment] = this.#moment(work, which);
    const result = await work.session.rewind({ after: at });
    if (result.type === "up-to-date") {
      expect(said(moment.view)).toEqual(said(work.view));
      expect(isSame(moment.tip.files, work.tip.files)).toBe(true);
      return;
    }
    work.tip = { parents: [work.tip], files: moment.tip.files };
    work.isPending = false;
    work.isRewound = true;
    remember(work, work.session.lastStep, [...moment.view, "rewind"]);
  }

  async #fork(work: Work, which: number): Promise<void> {
    const [at, moment] = this.#moment(work, which);
    const session = await forkSession(this.#repository, { from: work.session.branch, after: at });
    await session.ready;
    const moments = new Map([...work.moments].filter(([step]) => step <= at));
    this.#current = { session, ...moment, moments, isPending: true, isRewound: work.isRewound };
    this.#works.push(this.#current);
    remember(this.#current, session.lastStep, [...moment.view, "config"]);
  }

  #moment(work: Work, which: number): [number, Moment] {
    const moments = [...work.moments];
    const [at, moment] = moments.at(-1 - (which % moments.length)) ?? [];
    if (at === undefined || moment === undefined) throw new Error("A session has a first step.");
    return [at, moment];
  }

  async #merge(work: Work, which: number): Promise<void> {
    const other = this.#works[which % this.#works.length];
    if (other === undefined || other === work || work.isRewound) return;
    const bases = mergeBases(work.tip, other.tip);
    const [base] = bases;
    // Of several bases git makes one by merging them.
    if (base === undefined || bases.length > 1) return;
    const before = work.session.tip;
    const result = await work.session.merge(other.session.branch);
    if (base === other.tip) {
      expect(result).toEqual({ type: "up-to-date" });
      return;
    }
    const merged = merge3(base.files, work.tip.files, other.tip.files);
    if ("conflicts" in merged) {
      expect(result).toMatchObject({ type: "conflict", paths: merged.conflicts });
      expect(work.session.tip).toBe(before);
      return;
    }
    expect(result).toMatchObject({ type: "merged", paths: differences(work.tip.files, merged.files) });
    const merge = { parents: [work.tip, other.tip], files: merged.files };
    work.tip = { parents: [merge], files: merged.files };
    work.isPending = false;
    remember(work, work.session.lastStep, [...work.view, "note"]);
  }

  /** Only what the session changed since it was landed last, or started, comes to the user's commit, index and files. */
  async #land({ session, tip }: Work): Promise<void> {
    const base = this.#landed.find((landed) => ancestors(tip).has(landed)) ?? this.#start;
    const [head, index, checkout] = [this.#head, this.#index, this.#checkout].map((ours) =>
      merge3(base.files, ours, tip.files),
    );
    const result = await landSession(this.#repository, session);
    if (head === undefined || index === undefined || checkout === undefined) throw new Error("Three were merged.");
    if ("conflicts" in head || "conflicts" in index || "conflicts" in checkout) {
      expect(result).toMatchObject({ type: "conflict", applies: !("conflicts" in checkout) });
    } else if (isSame(head.files, this.#head)) {
      expect(result).toEqual({ type: "up-to-date" });
    } else {
      expect(result).toMatchObject({ type: "landed", paths: differences(this.#head, head.files) });
      [this.#head, this.#index, this.#checkout] = [head.files, index.files, checkout.files];
      this.#landed.unshift(tip);
    }
  }

  /** Everything is as it should be: all files to the byte, in git and in folders, and what was said. */
  async check(): Promise<void> {
    const { session, tip, view } = this.#current;
    const { root } = this.#repository;
    const format = "--format=%(objectmode) %(objectname) %(path)";
    await session.ready;
    const [conversation, worktree, tree, head, index, checkout] = await Promise.all([
      session.conversation(),
      listFolder(session.worktree),
      git(root, "ls-tree", "-r", format, session.branch),
      git(root, "ls-tree", "-r", format, "HEAD"),
      git(root, "ls-files", format),
      listFolder(root),
    ]);
    expect(
      conversation.entries.map((entry) => (entry.type === "outside" ? entry.subject : textOf(entry.blocks))),
    ).toEqual(view);
    expect({ worktree, tree, head, index, checkout }).toEqual({
      worktree: list(tip.files),
      tree: list(tip.files),
      head: list(this.#head),
      index: list(this.#index),
      checkout: list(this.#checkout),
    });
  }
}

function remember(work: Work, step: number, view: readonly string[]): void {
  work.view = view;
  work.moments = new Map(work.moments).set(step, { view, tip: work.tip });
}

function textOf([block]: readonly Block[]): string | undefined {
  return block?.type === "assistant" ? block.text : block?.type;
}

const said = (view: readonly string[]) => view.filter((text) => text !== "rewind" && text !== "config");

function ancestors(node: Node, found = new Set<Node>()): Set<Node> {
  if (found.has(node)) return found;
  found.add(node);
  for (const parent of node.parents) ancestors(parent, found);
  return found;
}

function mergeBases(one: Node, other: Node): Node[] {
  const others = ancestors(other);
  const common = [...ancestors(one)].filter((node) => others.has(node));
  return common.filter((node) => common.every((later) => later === node || !ancestors(later).has(node)));
}

function merge3(base: Files, ours: Files, theirs: Files): { files: Files } | { conflicts: string[] } {
  const files = new Map<string, File>();
  const conflicts: string[] = [];
  for (const path of [...new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])].sort()) {
    const merged = mergeFile(base.get(path), ours.get(path), theirs.get(path));
    if (merged === "conflict") conflicts.push(path);
    else if (merged !== undefined) files.set(path, merged);
  }
  return conflicts.length > 0 ? { conflicts } : { files };
}

/** A file's mode and its one line are merged each for itself. */
function mergeFile(base: File | undefined, ours: File | undefined, theirs: File | undefined) {
  const whole = mergeValue(base && key(base), ours && key(ours), theirs && key(theirs));
  if (whole !== "conflict") return whole === (ours && key(ours)) ? ours : theirs;
  if ([base, ours, theirs].some((file) => file === undefined || file.mode === "120000")) return "conflict";
  const mode = mergeValue(base?.mode, ours?.mode, theirs?.mode);
  const content = mergeValue(base?.content, ours?.content, theirs?.content);
  if (mode === "conflict" || content === "conflict" || mode === undefined || content === undefined) return "conflict";
  return { mode, content };
}

function mergeValue<Value>(base: Value, ours: Value, theirs: Value): Value | "conflict" {
  if (ours === theirs || base === theirs) return ours;
  return base === ours ? theirs : "conflict";
}

const key = ({ mode, content }: File) => `${mode} ${content}`;

function withFile(files: Files, path: string, file: File | undefined): Files {
  const changed = new Map(files);
  if (file === undefined) changed.delete(path);
  else changed.set(path, file);
  return changed;
}

function differences(before: Files, after: Files): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.filter((path) => {
    const [one, other] = [before.get(path), after.get(path)];
    return (one && key(one)) !== (other && key(other));
  });
}

const isSame = (one: Files, other: Files) => differences(one, other).length === 0;

/** Lists files as git does: with mode and blob. */
function list(files: Files): string {
  const lines = [...files].map(([path, { mode, content }]) => {
    const blob = createHash("sha1")
      .update(`blob ${Buffer.byteLength(content)}\0${content}`)
      .digest("hex");
    return [path, `${mode} ${blob} ${path}\n`] as const;
  });
  return lines
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, line]) => line)
    .join("");
}

async function listFolder(root: string): Promise<string> {
  const files = new Map<string, File>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(root.length + 1);
    if (entry.isDirectory() || name === ".git" || name.startsWith(".git/")) continue;
    const isExecutable = ((await lstat(path)).mode & 0o100) !== 0;
    if (entry.isSymbolicLink()) files.set(name, { mode: "120000", content: await readlink(path) });
    else files.set(name, { mode: isExecutable ? "100755" : "100644", content: await readFile(path, "utf8") });
  }
  return list(files);
}

async function put(root: string, name: string, file: File | undefined): Promise<void> {
  const path = join(root, name);
  await rm(path, { force: true });
  if (file === undefined) return;
  await mkdir(dirname(path), { recursive: true });
  if (file.mode === "120000") return symlink(file.content, path);
  await writeFile(path, file.content);
  await chmod(path, file.mode === "100755" ? 0o755 : 0o644);
}

const path = fc.constantFrom("a.txt", "b.txt", "dir/c.txt");
const content = fc.constantFrom("one\n", "two\n", "three\n", "crlf\r\n", "no newline");
const file: fc.Arbitrary<File | undefined> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ mode: fc.constantFrom("100644", "100755"), content }) },
  { weight: 1, arbitrary: fc.record({ mode: fc.constant("120000"), content: fc.constantFrom("a.txt", "dir", "/x") }) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const which = fc.nat(9);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constantFrom("edit", "run"), path, file }) },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constantFrom("by hand", "commit beside", "edit checkout"), path, file }),
  },
  { weight: 5, arbitrary: fc.record({ act: fc.constantFrom("rewind", "fork", "merge", "switch"), which }) },
  { weight: 5, arbitrary: fc.record({ act: fc.constantFrom("chat", "end", "resume", "stage", "commit", "land") }) },
);

test("whatever is done to sessions and around them, files and conversations are those that somebody remembers", {
  timeout: 20_000 + 5_000 * RUNS,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 20 }), async (acts) => {
      await using user = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
      const repository = await Repository.open(user.path);
      const session = await startSession(repository, { name: "work", config: { text: "be good", extra: {} } });
      await session.ready;
      const world = new World(repository, session, new Map([["a.txt", { mode: "100644", content: "one\n" }]]));
      try {
        for (const action of acts) {
          await world.perform(action);
          await world.check();
        }
      } finally {
        await world.close();
      }
    }),
    { numRuns: RUNS },
  );
});
