import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryRepository } from "@bough/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { archiveSession } from "./archive-session.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { findGarbage } from "./find-garbage.ts";
import { forkSession } from "./fork-session.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";

/** How many lives are tried; thousands take minutes. */
const RUNS = Number(process.env["BOUGH_PROPERTY_RUNS"] ?? 3);
const MONTHS = 90 * 24 * 60 * 60 * 1000;

const author = { name: "m (bough)", email: "bough@localhost" };

/** A session as a person knows it. */
interface Known {
  readonly files: Readonly<Record<string, string>>;
  readonly said: readonly string[];
  readonly isArchived: boolean;
}

/** The name of a file that the repository ignores. */
const IGNORED = "built.log";

function committed({ [IGNORED]: _, ...files }: Known["files"]): Known["files"] {
  return files;
}

const which = fc.nat(100);
const operation = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant("start" as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("turn" as const), which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("interrupted" as const), which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("fork" as const), which }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("archive" as const), which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("quit" as const), which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("build" as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("delete" as const),
      what: fc.constantFrom("worktrees" as const, "cache" as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("gc" as const), dropsWork: fc.boolean() }) },
);

async function look(session: Session): Promise<Omit<Known, "isArchived">> {
  await session.ready;
  const { entries } = await session.conversation();
  const names = readdirSync(session.worktree).filter((name) => name !== ".git");
  return {
    files: Object.fromEntries(names.map((name) => [name, readFileSync(join(session.worktree, name), "utf8")])),
    said: entries.flatMap((entry) => (entry.type === "step" ? entry.blocks : [])).flatMap(({ text }) => text || []),
  };
}

/** What a person did with a repository over months, and what they know is in it. */
class Life {
  readonly repository: Repository;
  readonly known = new Map<string, Known>();
  #count = 0;

  constructor(repository: Repository) {
    this.repository = repository;
  }

  pick(n: number): string | undefined {
    const names = [...this.known.keys()];
    return names[n % names.length];
  }

  async start(): Promise<void> {
    const name = `s${++this.#count}`;
    await using session = await startSession(this.repository, { name, config: { text: "", extra: {} } });
    this.known.set(name, { ...(await look(session)), isArchived: false });
  }

  async turn(name: string): Promise<void> {
    await using session = await resumeSession(this.repository, name);
    await session.recover(author);
    const before = await look(session);
    const [text, content] = [`prompt ${++this.#count}`, `${this.#count}\n`];
    writeFileSync(join(session.worktree, "a.txt"), content);
    const blocks = [{ type: "user", text } as const];
    const record = { step: session.lastStep + 1, turn: this.#count, blocks };
    await session.commit(record, { subject: "Do", author, changes: "scan", always: true });
    this.known.set(name, {
      files: { ...before.files, "a.txt": content },
      said: [...before.said, text],
      isArchived: false,
    });
  }

  /** A turn that was killed before anything of it was committed. */
  async interrupted(name: string): Promise<void> {
    await using session = await resumeSession(this.repository, name);
    const before = await look(session);
    const text = `prompt ${++this.#count}`;
    await session.keep({ step: session.lastStep + 1, turn: this.#count, blocks: [{ type: "user", text }] });
    this.known.set(name, { ...before, said: [...before.said, text], isArchived: false });
  }

  /** Something that git ignores, and that only the worktree holds. */
  async build(name: string): Promise<void> {
    await using session = await resumeSession(this.repository, name);
    const before = await look(session);
    writeFileSync(join(session.worktree, IGNORED), `${name}\n`);
    this.known.set(name, { ...before, files: { ...before.files, [IGNORED]: `${name}\n` }, isArchived: false });
  }

  /** What no commit holds goes with the worktrees. */
  deleteFolder(what: "cache" | "worktrees"): void {
    const folder = dirname(dirname(this.repository.folders[what]));
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    if (what === "cache") return;
    for (const [name, known] of this.known) this.known.set(name, { ...known, files: committed(known.files) });
  }

  async fork(from: string): Promise<void> {
    const known = this.known.get(from);
    await using session = await forkSession(this.repository, { from });
    expect(this.known.has(session.name)).toBe(false);
    if (known !== undefined) {
      this.known.set(session.name, { ...known, files: committed(known.files), isArchived: false });
    }
  }

  async archive(name: string): Promise<void> {
    const known = this.known.get(name);
    if (known === undefined || known.isArchived) return;
    await archiveSession(this.repository, name);
    this.known.set(name, { ...known, isArchived: true });
  }

  async quit(name: string): Promise<void> {
    const session = await resumeSession(this.repository, name);
    const now = await look(session);
    await session.close({ worktree: "remove-when-safe" });
    this.known.set(name, { ...now, isArchived: false });
  }

  async gc(dropsWork: boolean): Promise<void> {
    const now = new Date(Date.now() + MONTHS);
    for (const garbage of await findGarbage(this.repository, { now })) {
      if (garbage.dropsWork && !dropsWork) continue;
      expect((await collectGarbage(this.repository, garbage)).type).toBe("removed");
      if (garbage.type !== "archived-session") continue;
      expect(this.known.get(garbage.name)?.isArchived).toBe(true);
      this.known.delete(garbage.name);
    }
  }
}

test("whatever was started, forked, archived, deleted and collected, what was not dropped is as it was", {
  timeout: 3_600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 6, maxLength: 14 }), async (operations) => {
      await using user = await temporaryRepository({
        files: { "a.txt": "one\n", ".gitignore": "*.log\n" },
        enter: true,
      });
      const life = new Life(await Repository.open(user.path));
      const before = await user.fingerprint();
      await life.start();
      for (const operation of operations) {
        if (operation.type === "start") await life.start();
        else if (operation.type === "gc") await life.gc(operation.dropsWork);
        else if (operation.type === "delete") life.deleteFolder(operation.what);
        else {
          const name = life.pick(operation.which);
          if (name !== undefined) await life[operation.type](name);
        }
      }
      for (const [name, { isArchived, ...known }] of life.known) {
        const ref = isArchived ? `refs/bough/archive/${name}-*` : `refs/heads/bough/${name}`;
        expect(await user.git("for-each-ref", ref)).not.toBe("");
        await using session = await resumeSession(life.repository, name);
        expect([name, await look(session)]).toEqual([name, known]);
      }
      expect(await user.fingerprint()).toBe(before);
      await user.git("fsck", "--strict");
    }),
    { numRuns: RUNS },
  );
});
