import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { archiveSession } from "./archive-session.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { findGarbage, type GarbageOptions } from "./find-garbage.ts";
import { forkSession } from "./fork-session.ts";
import type { Garbage } from "./garbage.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";

const DAY = 24 * 60 * 60 * 1000;
const author = { name: "m (bough)", email: "bough@localhost" };

let user: TemporaryRepository;
let repository: Repository;

beforeEach(async () => {
  user = await temporaryRepository({ enter: true, files: { "a.txt": "one\n", ".gitignore": "*.log\n" } });
  repository = await Repository.open(user.path);
});

afterEach(() => user[Symbol.asyncDispose]());

/** Opens a new session of one turn, which writes a file of its name. */
async function start(name: string): Promise<Session> {
  const session = await startSession(repository, { name, config: { text: "", extra: {} } });
  await session.ready;
  writeFileSync(join(session.worktree, `${name}.txt`), `${name}\n`);
  const record = { step: 1, turn: 1, blocks: [{ type: "user", text: name } as const] };
  await session.commit(record, { subject: "Do", author, changes: "scan", always: true });
  return session;
}

async function closed(name: string): Promise<string> {
  const session = await start(name);
  await session.close();
  return session.worktree;
}

/** Of a folder that somebody deleted nothing is put aside, which another process would delete in its own time. */
async function archived(name: string): Promise<void> {
  rmSync(await closed(name), { recursive: true });
  await archiveSession(repository, name);
}

/** In so many days. */
function later(days: number): GarbageOptions {
  return { now: new Date(Date.now() + days * DAY) };
}

async function due(options?: GarbageOptions) {
  return (await findGarbage(repository, options)).map(({ type, dropsWork, ...rest }) => {
    const name = "name" in rest ? rest.name : undefined;
    return `${type} ${name ?? ("path" in rest ? rest.path : "")}${dropsWork ? " (work)" : ""}`;
  });
}

async function collect(options?: GarbageOptions) {
  const collected: string[] = [];
  for (const garbage of await findGarbage(repository, options)) {
    collected.push((await collectGarbage(repository, garbage)).type);
  }
  return collected;
}

test("in a repository without sessions nothing is due", async () => {
  expect(await findGarbage(repository)).toEqual([]);
});

test("an archived session is due once it is older than the retention, and goes with its conversation", async () => {
  await archived("old");
  expect(await due(later(29))).toEqual(["cache old"]);
  expect(await due({ olderThan: 0 })).toContain("archived-session old (work)");
  expect(await due(later(31))).toEqual(["cache old", "archived-session old (work)"]);
  const sizes = (await findGarbage(repository, later(31))).map(({ size }) => size);
  expect(Math.min(...sizes)).toBeGreaterThan(0);
  expect(await collect(later(31))).toEqual(["removed", "removed"]);
  expect(await user.git("for-each-ref", "--format=%(refname)", "refs/bough", "refs/heads/bough")).toMatch(
    /^refs\/bough\/gone\/old-[0-9a-z]{26}$/,
  );
  expect(await user.git("log", "--all", "--format=%s")).toBe("First commit\nThe name of a session that gc removed");
  expect(await findGarbage(repository, later(31))).toEqual([]);
});

test("the worktree of a session that nobody has open goes when its branch holds all of it, and comes back", async () => {
  const [path, dirty] = [await closed("done"), await closed("dirty")];
  writeFileSync(join(dirty, "by-hand.txt"), "mine\n");
  await using open = await start("open");
  expect(await due()).toEqual(["worktree done"]);
  expect(await collect()).toEqual(["removed"]);
  expect(
    readdirSync(repository.folders.worktrees)
      .filter((name) => !name.startsWith("."))
      .sort(),
  ).toEqual(["dirty", "open"]);
  expect(open.branch).toBe("bough/open");
  await using again = await resumeSession(repository, "done");
  await again.ready;
  expect(readFileSync(join(path, "done.txt"), "utf8")).toBe("done\n");
});

test("the record of a worktree that somebody deleted is due, unless all of them are gone, as an unmounted disk is", async () => {
  rmSync(await closed("one"), { recursive: true });
  expect(await due()).toEqual(["worktree one"]);
  rmSync(repository.folders.worktrees, { recursive: true });
  expect(await due()).toEqual([]);
  mkdirSync(repository.folders.worktrees);
  expect(await collect()).toEqual(["removed"]);
  expect(await user.git("worktree", "list", "--porcelain")).not.toContain("prunable");
});

test("what came into use since it was found is kept, with the reason", async () => {
  await closed("busy");
  await archived("back");
  const found = await findGarbage(repository, later(31));
  await using busy = await resumeSession(repository, "busy");
  await using back = await resumeSession(repository, "back");
  await Promise.all([busy.ready, back.ready]);
  const kept: string[] = [];
  for (const garbage of found) {
    const collected = await collectGarbage(repository, garbage);
    if (collected.type === "kept") kept.push(`${garbage.type}: ${collected.because.slice(0, 26)}`);
  }
  expect(kept.sort()).toEqual([
    "archived-session: bough/back is open in this",
    "cache: bough/back is open in this",
    "worktree: bough/busy is open in this",
  ]);
  expect(await user.git("for-each-ref", "--format=%(refname)", "refs/heads/bough")).toContain("bough/back");
});

test("records whose branch somebody deleted are work, unless another branch holds all of them", async () => {
  await closed("gone");
  await closed("kept");
  const fork = await forkSession(repository, { from: "kept" });
  await fork.close();
  rmSync(repository.folders.worktrees, { recursive: true });
  await user.git("worktree", "prune", "--verbose");
  await user.git("branch", "-D", "bough/gone", "bough/kept");
  expect(await due()).toEqual(["cache gone", "cache kept", "deleted-branch kept"]);
  // The dates of commits are this machine's, not the fixture's.
  expect(await due(later(31))).toEqual([
    "cache gone",
    "cache kept",
    "deleted-branch gone (work)",
    "deleted-branch kept",
  ]);
});

test("of two deleted branches that hold the same work, one that is due does not make the other harmless", async () => {
  const tip = await user.git("rev-parse", "main");
  const commit = await user.git("commit-tree", "-p", tip, "-m", "Records", `${tip}^{tree}`);
  for (const name of ["one", "two"]) await user.git("update-ref", `refs/bough/pending/${name}`, commit);
  expect(await due({ now: new Date("2030-01-01") })).toEqual([
    "deleted-branch one (work)",
    "deleted-branch two (work)",
  ]);
});

test("what a killed process left goes after a day", async () => {
  await closed("fix");
  const { worktrees, cache } = repository.folders;
  const [aside, temporary] = [join(worktrees, `.removed-${"0".repeat(16)}`), join(cache, "TEMPORARY-abc")];
  for (const folder of [aside, temporary]) {
    mkdirSync(folder);
    writeFileSync(join(folder, "file"), "12345");
  }
  expect((await due()).filter((line) => line.startsWith("left-over"))).toEqual([]);
  expect((await due(later(2))).filter((line) => line.startsWith("left-over"))).toEqual([
    `left-over ${aside}`,
    `left-over ${temporary}`,
  ]);
  const found = (await findGarbage(repository, later(2))).filter(({ type }) => type === "left-over");
  for (const garbage of [...found, ...found]) {
    expect(await collectGarbage(repository, garbage)).toEqual({ type: "removed" });
  }
  expect(readdirSync(cache)).not.toContain("TEMPORARY-abc");
  expect(readdirSync(worktrees)).not.toContain(`.removed-${"0".repeat(16)}`);
});

/** A second repository with a session, whose folders stay when it is gone. */
async function another(): Promise<string> {
  const path = join(user.folder, "another");
  await user.git("clone", "--verbose", user.path, path);
  const other = await Repository.open(path);
  await using session = await startSession(other, { name: "there", config: { text: "", extra: {} } });
  await session.ready;
  return path;
}

test("what was kept for a repository that is gone goes, its worktrees only as work", async () => {
  const path = await another();
  const { folders } = await Repository.open(path);
  expect(await findGarbage(repository, later(31))).toEqual([]);
  rmSync(path, { recursive: true });
  expect(await due()).toEqual([`cache ${folders.cache}`]);
  expect(await due(later(31))).toEqual([`cache ${folders.cache}`, `repository-gone ${folders.worktrees} (work)`]);
  expect(await collect(later(31))).toEqual(["removed", "removed"]);
  expect(readdirSync(dirname(folders.worktrees))).not.toContain("there");
});

test("a repository that moved keeps its worktrees once one of its sessions was resumed", async () => {
  const path = await another();
  const moved = join(user.folder, "moved");
  renameSync(path, moved);
  await using session = await resumeSession(await Repository.open(moved), "there");
  await session.ready;
  expect(await due(later(31))).toEqual([expect.stringMatching(/^cache .*\/another-/)]);
});

test("where a link to the user's home stands in a worktree's place, nothing there goes", async () => {
  const home = realpathSync(user.env["HOME"] ?? "");
  writeFileSync(join(home, "letter.txt"), "dear\n");
  const links = [
    await closed("fix"),
    join(repository.folders.cache, "TEMPORARY-x"),
    `${repository.folders.cache}-gone`,
  ];
  const found = await findGarbage(repository, later(31));
  const elsewhere: Garbage[] = links.map((path) => ({ type: "left-over", path, why: "", size: 0, dropsWork: false }));
  for (const path of links) {
    rmSync(path, { recursive: true, force: true });
    symlinkSync(home, path);
  }
  for (const garbage of [...found, ...(await findGarbage(repository, later(31))), ...elsewhere]) {
    await collectGarbage(repository, garbage);
  }
  expect(readFileSync(join(home, "letter.txt"), "utf8")).toBe("dear\n");
  expect(links.map((path) => lstatSync(path).isSymbolicLink())).toEqual([true, true, true]);
  // The control: a link that is followed leads to all of it.
  const victim = join(user.folder, "victim");
  mkdirSync(victim);
  writeFileSync(join(victim, "letter.txt"), "dear\n");
  symlinkSync(victim, `${victim}-link`);
  for (const name of readdirSync(`${victim}-link/`)) rmSync(join(`${victim}-link/`, name), { recursive: true });
  expect(readdirSync(victim)).toEqual([]);
});

test("no name and no id is given out again, also when nothing is left of the session that had them", async () => {
  await (await start("fix")).close();
  const collected: string[] = [];
  for (const how of ["archived", "deleted"]) {
    const fork = await forkSession(repository, { from: "fix" });
    await fork.ready;
    collected.push(`${fork.name} ${fork.id.slice(fork.id.indexOf("."))}`);
    await fork.close({ worktree: "remove-when-safe" });
    if (how === "archived") await archiveSession(repository, fork.name);
    else await user.git("branch", "-D", fork.branch);
    await collect(later(31));
    expect(await user.git("for-each-ref", "refs/bough", "--format=%(refname)")).not.toMatch(/archive|pending\/fix\.\d/);
  }
  await using fork = await forkSession(repository, { from: "fix" });
  expect([...collected, `${fork.name} ${fork.id.slice(fork.id.indexOf("."))}`]).toEqual([
    "fix.1 .1-1",
    "fix.2 .1-2",
    "fix.3 .1-3",
  ]);
  await expect(forkSession(repository, { from: "fix", name: "fix.1" })).rejects.toThrow(
    'There was a session named "fix.1", which gc removed; no name is given out twice. Choose another.',
  );
  await user.git("gc", "--quiet", "--prune=now");
  await user.git("fsck", "--strict");
});

test("the worktree that an archived session left for its ignored files goes with it, and not while somebody is there", async () => {
  const worktree = await closed("fix");
  mkdirSync(join(worktree, "node_modules"));
  writeFileSync(join(worktree, "node_modules/x.log"), "x".repeat(100_000));
  await archiveSession(repository, "fix");
  expect(await due(later(29))).toEqual(["cache fix"]);
  const [garbage] = (await findGarbage(repository, later(31))).filter(({ type }) => type === "archived-session");
  expect(garbage).toMatchObject({
    dropsWork: true,
    why: expect.stringContaining(`with it goes ${worktree}, and files`),
  });
  expect(garbage?.size).toBeGreaterThan(100_000);
  await user.git("-C", worktree, "commit", "--quiet", "--allow-empty", "--message", "mine");
  await collect(later(31));
  expect(readdirSync(worktree)).toContain("node_modules");
  expect(await user.git("worktree", "list")).toContain(worktree);

  const other = await closed("other");
  writeFileSync(join(other, "x.log"), "ignored\n");
  await archiveSession(repository, "other");
  expect(await collect(later(31))).toContain("removed");
  expect(readdirSync(dirname(other))).not.toContain("other");
  expect(await user.git("worktree", "list")).not.toContain(other);
});
