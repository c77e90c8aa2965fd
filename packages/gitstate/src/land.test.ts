import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CommitRefusedError, LockedError, RepositoryError } from "./errors.ts";
import { landSession } from "./land.ts";
import { findLandable } from "./landable.ts";
import { Repository } from "./repository.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";

let user: TemporaryRepository;
let root: string;
let repository: Repository;
let session: Session | undefined;
let steps = 0;

beforeEach(async () => {
  user = await temporaryRepository({
    files: { "poem.txt": lines(1, 20), "src/tool.sh": "#!/bin/sh\n", "src/only.txt": "goes\n" },
    enter: true,
  });
  root = user.path;
  repository = await Repository.open(root);
});

afterEach(async () => {
  await session?.close();
  session = undefined;
  await user[Symbol.asyncDispose]();
});

function lines(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join("");
}

/** The poem with one line said otherwise. */
function poem(changes: Readonly<Record<number, string>> = {}): string {
  return Array.from({ length: 20 }, (_, i) => `${changes[i + 1] ?? `line ${i + 1}`}\n`).join("");
}

function write(path: string, content: string | Uint8Array, folder = root): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Has an agent change files in one turn, in a session started from the checkout as it is or in the one there is. */
async function turn(prompt: string, change: (worktree: string) => void): Promise<Session> {
  if (session === undefined) {
    steps = 0;
    session = await startSession(repository, { topic: "work", config: { text: "", extra: {} } });
    await session.ready;
  }
  change(session.worktree);
  steps++;
  const blocks = [
    { type: "user", text: prompt },
    { type: "assistant", text: "Done." },
  ] as const;
  const author = { name: "model (bough)", email: "bough@localhost" };
  await session.commit(
    { step: steps, turn: steps, blocks },
    { subject: "Done", author, changes: "scan", always: true },
  );
  return session;
}

function hook(name: string, script: string): void {
  write(`.git/hooks/${name}`, `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, ".git/hooks", name), 0o755);
}

const status = () => user.git("-c", "core.quotePath=false", "status", "--short", "--untracked-files=all");

/** What bough leaves in the git dir beside its refs: nothing. */
/** What landing may put there for a while; `bough` is where sessions that are open have their locks. */
const leftovers = () => readdirSync(join(root, ".git")).filter((name) => /bough.|\.lock$/.test(name));

test("a session lands as one clean commit on the user's branch, its own history stays beside it", async () => {
  const work = await turn("use a louder first line", (worktree) => write("poem.txt", poem({ 1: "LINE 1" }), worktree));
  await turn("and add a title", (worktree) => write("title.txt", "Lines\n", worktree));

  const result = await landSession(repository, work);

  const head = await user.git("rev-parse", "HEAD");
  expect(result).toMatchObject({ type: "landed", commit: head, paths: ["poem.txt", "title.txt"] });
  expect(
    (await user.git("log", "-1", "--format=%an <%ae>%n%B")).replace(work.id, "<id>").replace(work.tip, "<tip>"),
  ).toMatchInlineSnapshot(`
      "Ada <ada@example.com>
      Use a louder first line

      Then:
      - and add a title

      Agent-Session: <id>
      Agent-Tip: <tip>
      "
    `);
  expect(await status()).toBe("");
  expect(`\n${await user.graph()}`).toMatchInlineSnapshot(`
    "
    * Done (bough/work)
    * Done
    | * Use a louder first line (main)
    |/  
    * First commit"
  `);
  expect(leftovers()).toEqual([]);
});

test("new files, deletions, modes and links land", async () => {
  symlinkSync("poem.txt", join(root, "link"));
  await user.commitAll("link");
  const work = await turn("change all", (worktree) => {
    write("new folder/ü.txt", "new\n", worktree);
    chmodSync(join(worktree, "src/tool.sh"), 0o755);
    rmSync(join(worktree, "src/only.txt"));
    rmSync(join(worktree, "link"));
    symlinkSync("src/tool.sh", join(worktree, "link"));
    rmSync(join(worktree, "poem.txt"));
    write("poem.txt/a folder now", lines(1, 20), worktree);
  });
  expect(await landSession(repository, work)).toMatchObject({ type: "landed" });
  expect(await status()).toBe("");
  expect(readlinkSync(join(root, "link"))).toBe("src/tool.sh");
  expect(lstatSync(join(root, "src/tool.sh")).mode & 0o111).not.toBe(0);
  expect(await user.git("rev-parse", "HEAD^{tree}")).toBe(await user.git("rev-parse", "bough/work^{tree}"));
});

test("what the user has staged, edited and not tracked stays just that, hunks beside the agent's included", async () => {
  write("staged.txt", "staged\n");
  await user.git("add", "--verbose", "staged.txt");
  const work = await turn("change the end", (worktree) => write("poem.txt", poem({ 20: "the end" }), worktree));
  write("poem.txt", poem({ 2: "staged hunk" }));
  await user.git("add", "--verbose", "poem.txt");
  write("poem.txt", poem({ 2: "staged hunk", 10: "hunk of the files" }));
  write("notes.txt", "untracked\n");

  expect(await landSession(repository, work)).toMatchObject({ type: "landed", paths: ["poem.txt"] });

  expect(await status()).toBe("MM poem.txt\nA  staged.txt\n?? notes.txt");
  expect(await user.git("show", "HEAD:poem.txt")).toBe(poem({ 20: "the end" }).trimEnd());
  expect(await user.git("show", ":poem.txt")).toBe(poem({ 2: "staged hunk", 20: "the end" }).trimEnd());
  expect(await user.read("poem.txt")).toBe(poem({ 2: "staged hunk", 10: "hunk of the files", 20: "the end" }));
});

test("what the user marked to be added later stays marked", async () => {
  const work = await turn("change the end", (worktree) => write("poem.txt", poem({ 20: "the end" }), worktree));
  write("later.txt", "later\n");
  await user.git("add", "--verbose", "--intent-to-add", "later.txt");
  await landSession(repository, work);
  expect(await status()).toBe(" A later.txt");
});

test("uncommitted work that the session started from is not taken for the agent's", async () => {
  write("poem.txt", poem({ 2: "the user's" }));
  const work = await turn("change the end", (worktree) =>
    write("poem.txt", poem({ 2: "the user's", 20: "the end" }), worktree),
  );
  await landSession(repository, work);
  expect(await user.git("show", "HEAD:poem.txt")).toBe(poem({ 20: "the end" }).trimEnd());
  expect(await user.read("poem.txt")).toBe(poem({ 2: "the user's", 20: "the end" }));
  expect(await status()).toBe(" M poem.txt");
});

test("uncommitted work that a session started from which was merged in is not landed either", async () => {
  const work = await turn("change the end", (worktree) => write("poem.txt", poem({ 20: "the end" }), worktree));
  write("poem.txt", poem({ 2: "the user's" }));
  write("notes.txt", "the user's\n");
  session = undefined;
  await using other = await turn("write more", (worktree) => write("more.txt", "more\n", worktree)).finally(() => {
    session = work;
  });
  expect(await work.merge(other.branch)).toMatchObject({ paths: ["more.txt", "notes.txt", "poem.txt"] });
  expect(await landSession(repository, work)).toMatchObject({ type: "landed", paths: ["more.txt", "poem.txt"] });
  expect(await user.git("show", "HEAD:poem.txt")).toBe(poem({ 20: "the end" }).trimEnd());
  expect(await user.read("poem.txt")).toBe(poem({ 2: "the user's", 20: "the end" }));
  expect(await status()).toBe(" M poem.txt\n?? notes.txt");
});

test("commits that the user made since are built upon", async () => {
  const work = await turn("change the end", (worktree) => write("poem.txt", poem({ 20: "the end" }), worktree));
  write("poem.txt", poem({ 1: "mine" }));
  await user.git("mv", "--verbose", "src/only.txt", "src/moved.txt");
  await user.commitAll("Mine");
  expect(await landSession(repository, work)).toMatchObject({ type: "landed", paths: ["poem.txt"] });
  expect(await user.read("poem.txt")).toBe(poem({ 1: "mine", 20: "the end" }));
  expect(await user.git("log", "--format=%s")).toBe("Change the end\nMine\nFirst commit");
});

test("landing again is up to date, and later lands only what is new", async () => {
  const work = await turn("one", (worktree) => write("poem.txt", poem({ 1: "one" }), worktree));
  await landSession(repository, work);
  const before = await user.fingerprint();
  expect(await landSession(repository, work)).toEqual({ type: "up-to-date" });
  expect(await user.fingerprint()).toBe(before);

  // What landed is the user's from then on, to change as they like.
  write("poem.txt", poem({ 1: "one, better" }));
  await user.commitAll("Mine");
  await turn("two", (worktree) => write("poem.txt", poem({ 1: "one", 20: "two" }), worktree));
  expect(await landSession(repository, work)).toMatchObject({
    type: "landed",
    message: expect.stringMatching(/^Two\n/),
  });
  expect(await user.read("poem.txt")).toBe(poem({ 1: "one, better", 20: "two" }));
});

test("what the user committed meanwhile and the session took in is not the session's to land", async () => {
  const work = await turn("one", (worktree) => write("poem.txt", poem({ 1: "one" }), worktree));
  write("poem.txt", poem({ 20: "mine" }));
  await user.commitAll("Mine");
  expect(await work.merge("main")).toMatchObject({ type: "merged" });
  steps++;
  await turn("two", (worktree) => write("poem.txt", poem({ 1: "one", 20: "mine, better" }), worktree));
  expect(await landSession(repository, work, { preview: true })).toMatchObject({ type: "would-land" });
  expect(await landSession(repository, work)).toMatchObject({ type: "landed" });
  expect(await user.read("poem.txt")).toBe(poem({ 1: "one", 20: "mine, better" }));

  write("poem.txt", poem({ 1: "one", 10: "mine too", 20: "mine, better" }));
  await user.commitAll("Mine too");
  expect(await work.merge("main")).toMatchObject({ type: "merged" });
  steps++;
  expect(await landSession(repository, work)).toEqual({ type: "up-to-date" });
  const last = poem({ 1: "one", 10: "mine too, better", 20: "mine, better" });
  await turn("three", (worktree) => write("poem.txt", last, worktree));
  expect(await landSession(repository, work)).toMatchObject({ message: expect.stringMatching(/^Three\n\nAgent-/) });
  expect(await user.read("poem.txt")).toBe(last);
});

test("after landing as uncommitted edits the commit still can be made", async () => {
  const work = await turn("one", (worktree) => write("poem.txt", poem({ 1: "one" }), worktree));
  expect(await landSession(repository, work, { mode: "apply" })).toEqual({ type: "applied", paths: ["poem.txt"] });
  expect(await status()).toBe(" M poem.txt");
  expect(await landSession(repository, work)).toMatchObject({ type: "landed" });
  expect(await status()).toBe("");
});

test("a preview says what would be committed and changes nothing", async () => {
  const work = await turn("one", (worktree) => write("poem.txt", poem({ 1: "one" }), worktree));
  const before = await user.fingerprint();
  expect(await landSession(repository, work, { preview: true, message: "Better\n\nBecause.\n" })).toEqual({
    type: "would-land",
    message: `Better\n\nBecause.\n\nAgent-Session: ${work.id}\nAgent-Tip: ${work.tip}\n`,
    paths: ["poem.txt"],
  });
  expect(await user.fingerprint()).toBe(before);
});

test("where the commit conflicts and the files do not, only uncommitted edits are possible", async () => {
  write("poem.txt", poem({ 2: "the user's" }));
  const work = await turn("change it", (worktree) => write("poem.txt", poem({ 2: "the agent's" }), worktree));
  const before = await user.fingerprint();
  expect(await landSession(repository, work)).toEqual({
    type: "conflict",
    paths: ["poem.txt"],
    applies: true,
    mergingHelps: false,
  });
  expect(await user.fingerprint()).toBe(before);
  expect(await landSession(repository, work, { mode: "apply" })).toEqual({ type: "applied", paths: ["poem.txt"] });
});

test("a conflict between a file and a folder or a link is named by the path where both stand", async () => {
  const work = await turn("replace", (worktree) => {
    rmSync(join(worktree, "poem.txt"));
    symlinkSync("elsewhere", join(worktree, "poem.txt"));
    write("thing/file", "in a folder\n", worktree);
  });
  write("poem.txt", poem({ 5: "mine" }));
  write("thing", "a file\n");
  expect(await landSession(repository, work)).toMatchObject({ type: "conflict", paths: ["poem.txt", "thing"] });
});

test("where the files conflict nothing is possible, and nothing is touched", async () => {
  const work = await turn("change it", (worktree) => {
    write("poem.txt", poem({ 2: "the agent's" }), worktree);
    write("new.txt", "new\n", worktree);
  });
  write("poem.txt", poem({ 2: "the user's" }));
  const before = await user.fingerprint();
  for (const mode of ["squash", "apply"] as const) {
    expect(await landSession(repository, work, { mode })).toEqual({
      type: "conflict",
      paths: ["poem.txt"],
      applies: false,
      mergingHelps: true,
    });
  }
  expect(await user.fingerprint()).toBe(before);
  expect(leftovers()).toEqual([]);
});

test("a hook that fails is shown, and everything is put back", async () => {
  const work = await turn("change all", (worktree) => {
    write("poem.txt", poem({ 2: "the agent's" }), worktree);
    write("new/file.txt", "new\n", worktree);
    rmSync(join(worktree, "src/only.txt"));
  });
  write("poem.txt", poem({ 20: "staged" }));
  await user.git("add", "--verbose", "poem.txt");
  hook("pre-commit", "echo formatted >> poem.txt; rm new/file.txt; git add --all; echo 'line too long' >&2; exit 1");
  const before = await user.fingerprint();
  const error: unknown = await landSession(repository, work).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CommitRefusedError);
  expect(error).toMatchObject({
    message: "git commit failed, so nothing was landed and everything is as it was before. It said:\nline too long",
  });
  expect(await user.fingerprint()).toBe(before);
  expect(leftovers()).toEqual([]);
});

test("hooks see the files as they will be, and just what is committed as staged", async () => {
  const work = await turn("change it", (worktree) => write("poem.txt", poem({ 2: "the agent's" }), worktree));
  write("mine.txt", "mine\n");
  await user.git("add", "--verbose", "mine.txt");
  hook("pre-commit", 'git diff --cached --name-only > "$HOME/staged"; cp poem.txt "$HOME/poem.txt"');
  hook("commit-msg", 'echo "Reviewed-by: Ada <ada@example.com>" >> "$1"');
  await landSession(repository, work);
  const seen = (name: string) => user.read(join("../home", name));
  expect(await seen("staged")).toBe("poem.txt\n");
  expect(await seen("poem.txt")).toBe(poem({ 2: "the agent's" }));
  expect(await user.git("log", "-1", "--format=%(trailers:key=Reviewed-by)")).toContain("Ada");
  expect(await status()).toBe("A  mine.txt");
});

test("what a hook reformats is committed so, and the index follows", async () => {
  const work = await turn("change it", (worktree) => write("poem.txt", poem({ 2: "the agent's" }), worktree));
  write("mine.txt", "mine\n");
  await user.git("add", "--verbose", "mine.txt");
  hook("pre-commit", "sed -i.old 's/agent/AGENT/' poem.txt && rm poem.txt.old && git add poem.txt");
  expect(await landSession(repository, work)).toMatchObject({ type: "landed" });
  expect(await user.git("show", "HEAD:poem.txt")).toBe(poem({ 2: "the AGENT's" }).trimEnd());
  expect(await status()).toBe("A  mine.txt");
});

test("who signs their commits signs this one, and one that cannot be signed is not made", async () => {
  const work = await turn("change it", (worktree) => write("poem.txt", poem({ 2: "the agent's" }), worktree));
  const gpg = join(user.folder, "gpg");
  write(
    "home/.gitconfig",
    `[user]\nname = Ada\nemail = a@b.c\n[commit]\ngpgSign\n[gpg]\nprogram = ${gpg}\n`,
    user.folder,
  );
  writeFileSync(gpg, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  const before = await user.fingerprint();
  const landing = async (onto?: string) => landSession(await Repository.open(root), work, { onto });
  await expect(landing()).rejects.toThrow(CommitRefusedError);
  expect(await user.fingerprint()).toBe(before);

  writeFileSync(
    gpg,
    "#!/bin/sh\ncat >/dev/null\necho '\n[GNUPG:] SIG_CREATED ' >&2\necho '-----BEGIN PGP SIGNATURE-----'\n",
  );
  await user.git("branch", "release");
  for (const onto of ["main", "release"]) {
    await landing(onto);
    expect(await user.git("cat-file", "commit", onto)).toContain("gpgsig -----BEGIN PGP SIGNATURE-----");
  }
});

test("a file that git does not track is not overwritten", async () => {
  const work = await turn("build", (worktree) => write("build/out.txt", "the agent's\n", worktree));
  write(".git/info/exclude", "build/\n");
  write("build/out.txt", "the user's\n");
  const before = await user.fingerprint();
  await expect(landSession(repository, work)).rejects.toThrow(/have to go: build\/out\.txt\. Move/);
  expect(await user.fingerprint()).toBe(before);
});

test("in the middle of a merge nothing lands", async () => {
  const work = await turn("change it", (worktree) => write("new.txt", "new\n", worktree));
  await user.git("checkout", "-b", "other");
  await user.commitAll("Theirs");
  await user.git("checkout", "main");
  await user.git("merge", "--no-ff", "--no-commit", "other");
  const before = await user.fingerprint();
  await expect(landSession(repository, work)).rejects.toThrow(/A merge is in progress in the checkout\. Finish it/);
  expect(await user.fingerprint()).toBe(before);
});

test("while another git holds the index nothing lands", async () => {
  const work = await turn("change it", (worktree) => write("new.txt", "new\n", worktree));
  write(".git/index.lock", "");
  await expect(landSession(repository, work)).rejects.toThrow(LockedError);
  expect(leftovers()).toEqual(["index.lock"]);
});

test("on a branch that was never committed to, what the agent added is the first commit", async () => {
  await user.git("checkout", "--orphan", "fresh");
  await user.git("rm", "-r", "--cached", ".");
  const work = await turn("add", (worktree) => write("new.txt", "new\n", worktree));
  expect(await landSession(repository, work)).toMatchObject({ type: "landed", paths: ["new.txt"] });
  expect(await user.git("ls-tree", "--name-only", "HEAD")).toBe("new.txt");
});

test("another branch takes the commit without a checkout", async () => {
  await user.git("branch", "release");
  const work = await turn("change it", (worktree) => write("poem.txt", poem({ 2: "the agent's" }), worktree));
  const files = () => Promise.all([status(), user.git("rev-parse", "HEAD"), user.read("poem.txt")]);
  const before = await files();
  expect(await landSession(repository, work, { onto: "release" })).toMatchObject({
    type: "landed",
    paths: ["poem.txt"],
  });
  expect(await files()).toEqual(before);
  expect(await user.git("log", "--format=%an %s", "release")).toBe("Ada Change it\nAda First commit");
  expect(await landSession(repository, work, { onto: "release" })).toEqual({ type: "up-to-date" });
  expect(await landSession(repository, work, { onto: "main" })).toMatchObject({ type: "landed" });
});

test("a branch that is not there, is checked out elsewhere or is a session's is no place to land", async () => {
  const work = await turn("change it", (worktree) => write("poem.txt", poem({ 2: "the agent's" }), worktree));
  await user.git("worktree", "add", join(user.folder, "elsewhere"), "-b", "elsewhere");
  const landing = (onto: string) => landSession(repository, work, { onto });
  await expect(landing("nowhere")).rejects.toThrow('There is no branch "nowhere" to land on.');
  await expect(landing("elsewhere")).rejects.toThrow(
    `checked out in ${join(user.folder, "elsewhere")}. Land from there.`,
  );
  await expect(landSession(repository, work, { mode: "apply", onto: "main" })).rejects.toThrow(
    "main cannot take them.",
  );
  await expect(landing("bough/work")).rejects.toThrow("bough/work is a session's branch.");
  await expect(landSession(await Repository.open(work.worktree), work)).rejects.toThrow(RepositoryError);
});

test("a session is found by its branch without being opened, or as the one that moved last", async () => {
  const work = await turn("change it", (worktree) => write("poem.txt", poem({ 2: "the agent's" }), worktree));
  const found = await findLandable(repository);
  expect(found).toMatchObject({ id: work.id, branch: "bough/work", tip: work.tip, isHeld: true });
  expect(await findLandable(repository, "work")).toMatchObject({ id: work.id });
  await expect(findLandable(repository, "main")).rejects.toThrow('"main" is no session\'s branch.');
  expect(await landSession(repository, found)).toMatchObject({ type: "landed" });
});
