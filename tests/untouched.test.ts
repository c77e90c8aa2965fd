import { chmod, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Story, story } from "./story.ts";

const files = Object.fromEntries(
  ["kept", "staged", "unstaged", "both", "deleted", "gone", "moved", "mode", "linked", "hidden"].map((name) => [
    `${name}.txt`,
    `${name}\n`,
  ]),
);

/** Everything a checkout can be in the middle of, all at once. */
async function makeDirty({ repository, git }: Story): Promise<void> {
  const at = (name: string) => join(repository.path, name);
  await repository.write({ "stashed.txt": "stashed\n" });
  await git("stash", "push", "--include-untracked");
  await repository.write({ ".gitignore": "ignored/\n", "staged.txt": "staged twice\n", "both.txt": "both, once\n" });
  await git("add", "--verbose", "staged.txt", "both.txt", ".gitignore");
  await repository.write({
    "both.txt": "both, twice\n",
    "unstaged.txt": "changed\n",
    "untracked.txt": "untracked\r\n",
    "folder/untracked.bin": new Uint8Array([0, 255, 10, 13]),
    "ignored/cache.bin": "ignored\n",
    ".env": "KEY=value\n",
    "gone.txt": undefined,
  });
  await git("rm", "deleted.txt");
  await rename(at("moved.txt"), at("moved-to.txt"));
  await chmod(at("mode.txt"), 0o755);
  await repository.write({ "linked.txt": undefined });
  await symlink("kept.txt", at("linked.txt"));
  await git("update-index", "--skip-worktree", "--verbose", "hidden.txt");
  await writeFile(at("hidden.txt"), "mine alone\n");
  await git("tag", "-m", "A tag", "v1");
  await git("config", "--local", "mine.setting", "yes");
  await writeFile(join(repository.path, ".git/hooks/pre-commit"), "#!/bin/sh\ntouch ran\n", { mode: 0o755 });
}

const script = [
  {
    text: "I change all.",
    calls: [
      { name: "Bash", input: { command: "cat *.txt; rm -rf -- *.txt; git status; git stash list" } },
      { name: "Write", input: { file_path: "kept.txt", content: "agent\n" } },
    ],
  },
  { text: "Done." },
  { status: 400, message: "No." },
  { stall: true as const, text: "Once" },
];

test.each(["on a branch", "with a detached HEAD"])(
  "whatever the checkout is like, %s, it stays as it is to the byte",
  async (where) => {
    await using bough = await story({ script, files });
    if (where === "with a detached HEAD") await bough.git("checkout", "--detach");
    await makeDirty(bough);
    const before = await bough.repository.fingerprint();
    const same = async () => expect(await bough.repository.fingerprint()).toBe(before);

    expect(
      await bough.run("-p", "Change all", "--branch", "work", "--permission-mode", "bypassPermissions"),
    ).toMatchObject({ code: 0 });
    await same();
    expect(await bough.run("-p", "-c", "Fail")).toMatchObject({ code: 1 });
    await same();
    const running = bough.start("-p", "-c", "Stop", "--output-format", "stream-json", "--include-partial-messages");
    await running.printed('"Once"');
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 130 });
    await same();
    for (const command of [["log"], ["log", "--all"], ["show", "bough/work"], ["sessions"]]) {
      expect(await bough.run(...command)).toMatchObject({ code: 0 });
    }
    await same();
  },
);

test("the agent starts from what the user has, staged or not, but for what looks like a credential or is ignored", async () => {
  await using bough = await story({ script, files });
  await makeDirty(bough);
  const { stderr } = await bough.run("-p", "Change all", "--branch", "work", "--permission-mode", "bypassPermissions");
  const base = (await bough.git("log", "--format=%H", "--first-parent", "bough/work")).split("\n").at(-2) ?? "";
  expect(await bough.git("log", "-1", "--format=%an: %s", base)).toBe(
    "Ada: Uncommitted changes on main, where a session starts",
  );
  expect(await bough.git("ls-tree", "-r", "--format=%(objectmode) %(path)", base)).toBe(
    [
      "100644 .gitignore",
      "100644 both.txt",
      "100644 folder/untracked.bin",
      "100644 hidden.txt",
      "100644 kept.txt",
      "120000 linked.txt",
      "100755 mode.txt",
      "100644 moved-to.txt",
      "100644 staged.txt",
      "100644 unstaged.txt",
      "100644 untracked.txt",
    ].join("\n"),
  );
  expect(await bough.git("show", `${base}:both.txt`)).toBe("both, twice");
  expect(await bough.git("cat-file", "-s", `${base}:untracked.txt`)).toBe("11");
  expect(stderr).toContain(
    'left out of the commits: .env (looks like a credential; to have it in the worktree put "/.env" into .worktreeinclude)\n',
  );
});

test("--clean starts from the last commit", async () => {
  await using bough = await story({ script: [{ text: "Yes." }], files });
  await makeDirty(bough);
  const before = await bough.repository.fingerprint();
  expect(await bough.run("-p", "--clean", "There?", "--branch", "work")).toMatchObject({ code: 0 });
  expect(await bough.git("diff", "--stat", "HEAD", "bough/work")).toBe("");
  expect(await bough.git("rev-list", "--count", "HEAD..bough/work")).toBe("1");
  expect(await bough.repository.fingerprint()).toBe(before);
});
