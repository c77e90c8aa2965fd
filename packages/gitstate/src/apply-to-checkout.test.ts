import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { applyToCheckout } from "./apply-to-checkout.ts";
import { CheckoutWriteError, RepositoryError } from "./errors.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";

let user: TemporaryRepository;
let root: string;
let session: Session | undefined;

beforeEach(async () => {
  user = await temporaryRepository({
    files: {
      "poem.txt": lines(1, 20),
      "src/tool.sh": "#!/bin/sh\n",
      "src/only.txt": "the only file of its folder but one\n",
    },
  });
  root = user.path;
  for (const [name, value] of Object.entries(user.env)) vi.stubEnv(name, value);
});

afterEach(async () => {
  await session?.close();
  vi.unstubAllEnvs();
  await user[Symbol.asyncDispose]();
});

function write(path: string, content: string | Uint8Array, folder = root): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const read = (path: string) => readFileSync(join(root, path), "utf8");

function lines(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join("");
}

/** Has an agent change files in a session started from the checkout as it is. */
async function sessionThat(change: (worktree: string) => void): Promise<{ repository: Repository; session: Session }> {
  const repository = await Repository.open(root);
  session = await startSession(repository, { name: "work", config: { text: "", extra: {} } });
  await session.ready;
  change(session.worktree);
  await session.commit(
    {
      step: 1,
      turn: 1,
      blocks: [
        { type: "user", text: "do it" },
        { type: "assistant", text: "Done." },
      ],
    },
    { subject: "Done", author: { name: "model (bough)", email: "bough@localhost" }, changes: "scan", always: true },
  );
  return { repository, session };
}

/** The parts that no applying may change. */
async function indexAndRefs() {
  return {
    index: readFileSync(join(root, ".git/index")),
    refs: await user.git("for-each-ref"),
    head: await user.git("rev-parse", "HEAD"),
  };
}

/** What bough leaves in the git dir beside its refs and the locks of sessions that are open, in `bough`: nothing. */
const leftovers = () => readdirSync(join(root, ".git")).filter((name) => /^bough./.test(name));

test("edits, new files, deletions, modes and links become uncommitted edits; index and refs stay as they are", async () => {
  symlinkSync("poem.txt", join(root, "link"));
  await user.git("add", "link");
  await user.git("commit", "--quiet", "--message=link");
  const { repository, session } = await sessionThat((worktree) => {
    write("poem.txt", lines(1, 21), worktree);
    write("new folder/ü.txt", "new\n", worktree);
    chmodSync(join(worktree, "src/tool.sh"), 0o755);
    rmSync(join(worktree, "src/only.txt"));
    rmSync(join(worktree, "link"));
    symlinkSync("src/tool.sh", join(worktree, "link"));
  });
  const before = await indexAndRefs();

  expect(await applyToCheckout(repository, session)).toEqual({
    type: "applied",
    paths: ["link", "new folder/ü.txt", "poem.txt", "src/only.txt", "src/tool.sh"],
  });

  expect(await indexAndRefs()).toEqual(before);
  expect(await user.git("-c", "core.quotePath=false", "status", "--short", "--untracked-files=all")).toBe(
    ' M link\n M poem.txt\n D src/only.txt\n M src/tool.sh\n?? "new folder/ü.txt"',
  );
  expect(read("poem.txt")).toBe(lines(1, 21));
  expect(readlinkSync(join(root, "link"))).toBe("src/tool.sh");
  expect(lstatSync(join(root, "src/tool.sh")).mode & 0o777).toBe(0o755);
  expect(leftovers()).toEqual([]);
});

test("applying twice changes nothing the second time", async () => {
  const { repository, session } = await sessionThat((worktree) => write("new.txt", "new\n", worktree));
  await applyToCheckout(repository, session);
  const before = await user.fingerprint();
  expect(await applyToCheckout(repository, session)).toEqual({ type: "up-to-date" });
  expect(await user.fingerprint()).toBe(before);
});

test("a preview says what would be written and writes nothing", async () => {
  const { repository, session } = await sessionThat((worktree) => write("new.txt", "new\n", worktree));
  const before = await user.fingerprint();
  expect(await applyToCheckout(repository, session, { preview: true })).toEqual({
    type: "applied",
    paths: ["new.txt"],
  });
  expect(await user.fingerprint()).toBe(before);
});

test("what the user edited elsewhere in the same file meanwhile stays in", async () => {
  const { repository, session } = await sessionThat((worktree) => {
    write("poem.txt", read("poem.txt").replace("line 18\n", "line eighteen\n"), worktree);
  });
  write("poem.txt", read("poem.txt").replace("line 2\n", "line two\n"));
  expect(await applyToCheckout(repository, session)).toEqual({ type: "applied", paths: ["poem.txt"] });
  expect(read("poem.txt")).toBe(lines(1, 20).replace("line 2\n", "line two\n").replace("line 18\n", "line eighteen\n"));
});

test("where both changed the same line nothing is touched", async () => {
  const { repository, session } = await sessionThat((worktree) => {
    write("poem.txt", read("poem.txt").replace("line 2\n", "line 2, the agent's\n"), worktree);
    write("new.txt", "new\n", worktree);
  });
  write("poem.txt", read("poem.txt").replace("line 2\n", "line 2, the user's\n"));
  const before = await user.fingerprint();
  expect(await applyToCheckout(repository, session)).toEqual({
    type: "conflict",
    paths: ["poem.txt"],
    mergingHelps: true,
  });
  expect(await user.fingerprint()).toBe(before);
});

test("the user's uncommitted work of before the session is not taken for the agent's", async () => {
  write("poem.txt", lines(0, 20));
  const { repository, session } = await sessionThat((worktree) => write("new.txt", "new\n", worktree));
  write("poem.txt", lines(1, 20));
  expect(await applyToCheckout(repository, session)).toEqual({ type: "applied", paths: ["new.txt"] });
  expect(read("poem.txt")).toBe(lines(1, 20));
});

test("commits that the user made since do not stand in the way", async () => {
  const { repository, session } = await sessionThat((worktree) => write("poem.txt", lines(1, 21), worktree));
  write("poem.txt", lines(0, 20));
  await user.git("commit", "--quiet", "--all", "--message=mine");
  expect(await applyToCheckout(repository, session)).toEqual({ type: "applied", paths: ["poem.txt"] });
  expect(read("poem.txt")).toBe(lines(0, 21));
});

test("staged content stays staged, and the agent's change to the same file is not", async () => {
  const { repository, session } = await sessionThat((worktree) => write("poem.txt", lines(1, 21), worktree));
  write("poem.txt", lines(0, 20));
  await user.git("add", "poem.txt");
  const before = await indexAndRefs();
  await applyToCheckout(repository, session);
  expect(await indexAndRefs()).toEqual(before);
  expect(await user.git("show", ":poem.txt")).toBe(lines(0, 20).trimEnd());
  expect(await user.git("status", "--short")).toBe("MM poem.txt");
});

test("a folder that loses its last file goes, one that holds anything else stays", async () => {
  write("a/b/c.txt", "deep\n");
  const { repository, session } = await sessionThat((worktree) => {
    rmSync(join(worktree, "src"), { recursive: true });
    rmSync(join(worktree, "a"), { recursive: true });
  });
  write(".git/info/exclude", "*.log\n");
  write("src/debug.log", "the user's\n");
  await applyToCheckout(repository, session);
  expect(existsSync(join(root, "a"))).toBe(false);
  expect(readdirSync(join(root, "src"))).toEqual(["debug.log"]);
});

test("a folder becomes a file, and a file a folder", async () => {
  const { repository, session } = await sessionThat((worktree) => {
    rmSync(join(worktree, "src"), { recursive: true });
    write("src", "a file now\n", worktree);
    rmSync(join(worktree, "poem.txt"));
    write("poem.txt/first", "a folder now\n", worktree);
  });
  await applyToCheckout(repository, session);
  expect(read("src")).toBe("a file now\n");
  expect(read("poem.txt/first")).toBe("a folder now\n");
});

test("files get the line endings that the checkout asks for, by attributes that come with them too", async () => {
  await user.git("config", "core.autocrlf", "true");
  const { repository, session } = await sessionThat((worktree) => {
    write("new.txt", "one\r\ntwo\r\n", worktree);
    write(".gitattributes", "*.unix eol=lf\n", worktree);
    write("script.unix", "one\ntwo\n", worktree);
  });
  await applyToCheckout(repository, session);
  expect(await user.git("cat-file", "blob", `${session.tip}:new.txt`)).toBe("one\ntwo");
  expect(read("new.txt")).toBe("one\r\ntwo\r\n");
  expect(read("script.unix")).toBe("one\ntwo\n");
});

test("bytes that are no text arrive as they are, under names that are no UTF-8", async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  const name = Buffer.from([0x66, 0xff, 0x66]);
  const { repository, session } = await sessionThat((worktree) => {
    writeFileSync(Buffer.concat([Buffer.from(`${worktree}/`), name]), bytes);
  });
  await applyToCheckout(repository, session);
  expect(readFileSync(Buffer.concat([Buffer.from(`${root}/`), name]))).toEqual(Buffer.from(bytes));
});

test.each([
  ["an ignored file", "build/out.txt"],
  ["a file that looks like a credential", ".env"],
])("%s that stands where a new one has to go is not overwritten", async (_, path) => {
  const { repository, session: first } = await sessionThat((worktree) => write(path, "the agent's\n", worktree));
  await first.close();
  await user.git("-C", first.worktree, "add", "--force", "--verbose", path);
  await user.git("-C", first.worktree, "commit", "--allow-empty", "--message=by hand");
  session = await resumeSession(repository, "bough/work");
  write(".git/info/exclude", "build/\n");
  write(path, "the user's\n");
  const before = await user.fingerprint();
  await expect(applyToCheckout(repository, session)).rejects.toThrow(
    new RepositoryError(
      "in-the-way",
      `Files that git does not track stand where the session's have to go: ${path}. Move them aside, then try again.`,
    ),
  );
  expect(await user.fingerprint()).toBe(before);
});

test("an ignored file that already is what has to go there is no obstacle", async () => {
  const { repository, session } = await sessionThat((worktree) => write("build/out.txt", "the same\n", worktree));
  write(".git/info/exclude", "build/\n");
  write("build/out.txt", "the same\n");
  expect(await applyToCheckout(repository, session)).toEqual({ type: "up-to-date" });
});

test("no file goes through a link that leads out of the checkout", async () => {
  const { repository, session } = await sessionThat((worktree) => write("out/new.txt", "new\n", worktree));
  mkdirSync(join(user.folder, "outside"));
  write(".git/info/exclude", "out\n");
  symlinkSync(join(user.folder, "outside"), join(root, "out"));
  await expect(applyToCheckout(repository, session)).rejects.toThrow(/have to go: out\. Move/);
  expect(readdirSync(join(user.folder, "outside"))).toEqual([]);
});

test.each([
  ["merge", "git merge --abort", ["merge", "other"]],
  ["rebase", "git rebase --abort", ["rebase", "other"]],
  ["cherry-pick", "git cherry-pick --abort", ["cherry-pick", "other"]],
  ["revert", "git revert --abort", ["revert", "--no-edit", "HEAD~1"]],
])("in the middle of a %s nothing is applied", async (what, abort, command) => {
  const { repository, session } = await sessionThat((worktree) => write("new.txt", "new\n", worktree));
  await user.git("checkout", "--quiet", "-b", "other");
  write("poem.txt", "theirs\n");
  await user.git("commit", "--quiet", "--all", "--message=theirs");
  await user.git("checkout", "--quiet", "main");
  for (const text of ["mine\n", "mine again\n"]) {
    write("poem.txt", text);
    await user.git("commit", "--quiet", "--all", "--message=mine");
  }
  await user.git(...command).catch(() => {});
  const before = await user.fingerprint();
  await expect(applyToCheckout(repository, session)).rejects.toThrow(
    new RepositoryError(
      "operation-in-progress",
      `A ${what} is in progress in the checkout. Finish it, or give it up with "${abort}", and try again.`,
    ),
  );
  expect(await user.fingerprint()).toBe(before);
});

// A filter of the user's runs after the checkout was looked at and before anything is written: just when somebody
// else may write.
test.each([
  [
    "a folder that appears where a file has to go",
    'mkdir "$ROOT/z.txt" 2>/dev/null; cat',
    "Cannot write z.txt into the checkout: EEXIST: file already exists. Everything is as it was before.",
    () => rmSync(join(root, "z.txt"), { recursive: true }),
  ],
  [
    "an edit that the user saves in that instant",
    'echo "by the user" >> "$ROOT/src/tool.sh"; cat',
    "Cannot write src/tool.sh into the checkout: it changed meanwhile. Everything is as it was before.",
    () => {
      expect(read("src/tool.sh")).toBe("#!/bin/sh\nby the user\n");
      execFileSync("cp", ["-p", join(user.folder, "tool.sh"), join(root, "src/tool.sh")]);
    },
  ],
  [
    "a folder that becomes a link to the outside",
    'mv "$ROOT/src" "$ROOT/../moved"; ln -s ../moved "$ROOT/src"; cat',
    "Everything is as it was before.",
    () => {
      rmSync(join(root, "src"));
      execFileSync("mv", [join(user.folder, "moved"), join(root, "src")]);
    },
  ],
])("%s makes it fail, and everything is put back", async (_, smudge, message, clear) => {
  const { repository, session } = await sessionThat((worktree) => {
    write(".gitattributes", "z.txt filter=late\n", worktree);
    write("a/new.txt", "new\n", worktree);
    write("poem.txt", lines(1, 21), worktree);
    write("src/tool.sh", "#!/bin/bash\n", worktree);
    rmSync(join(worktree, "src/only.txt"));
    write("z.txt", "new\n", worktree);
  });
  execFileSync("cp", ["-p", join(root, "src/tool.sh"), user.folder]);
  const script = join(user.folder, "smudge.sh");
  writeFileSync(script, `ROOT=${root}\n${smudge}\n`);
  await user.git("config", "--global", "filter.late.smudge", `sh ${script}`);
  const before = await user.fingerprint();
  const error: unknown = await applyToCheckout(await Repository.open(repository.root), session).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CheckoutWriteError);
  expect(error).toMatchObject({ message: expect.stringContaining(message), lost: [] });
  clear();
  expect(await user.fingerprint()).toBe(before);
  expect(leftovers()).toEqual([]);
});

test("a merge driver of the repository does not run", async () => {
  await user.git("config", "merge.evil.driver", `touch ${join(user.folder, "ran")}; false`);
  write(".gitattributes", "poem.txt merge=evil\n");
  await user.git("add", "--all");
  await user.git("commit", "--quiet", "--message=driver");
  const { repository, session } = await sessionThat((worktree) => write("poem.txt", lines(1, 21), worktree));
  write("poem.txt", lines(0, 20));
  expect(await applyToCheckout(repository, session)).toEqual({ type: "applied", paths: ["poem.txt"] });
  expect(existsSync(join(user.folder, "ran"))).toBe(false);

  // Plain git does run it.
  await user.git("commit", "--quiet", "--all", "--message=mine");
  await user.git("merge", session.branch);
  expect(existsSync(join(user.folder, "ran"))).toBe(true);
});

test("files that a sparse checkout leaves away are written where the agent changed them, and only there", async () => {
  await user.git("sparse-checkout", "set", "--no-cone", "/poem.txt");
  expect(existsSync(join(root, "src"))).toBe(false);
  const { repository, session } = await sessionThat((worktree) => write("src/tool.sh", "#!/bin/bash\n", worktree));
  expect(await applyToCheckout(repository, session)).toEqual({ type: "applied", paths: ["src/tool.sh"] });
  expect(readdirSync(join(root, "src"))).toEqual(["tool.sh"]);
});

test("attributes of every folder above a file count for it", async () => {
  const { repository, session } = await sessionThat((worktree) => {
    write(".gitattributes", "*.txt eol=lf\n", worktree);
    write("src/.gitattributes", "*.txt eol=crlf\n", worktree);
    write("src/deep/.gitattributes", "other.txt eol=lf\n", worktree);
    for (const path of ["top.txt", "src/mid.txt", "src/deep/low.txt", "src/deep/other.txt"])
      write(path, "a\n", worktree);
  });
  await applyToCheckout(repository, session);
  expect(["top.txt", "src/mid.txt", "src/deep/low.txt", "src/deep/other.txt"].map(read)).toEqual([
    "a\n",
    "a\r\n",
    "a\r\n",
    "a\n",
  ]);
});
