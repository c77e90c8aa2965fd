import { expect, test } from "vitest";
import { story } from "./story.ts";

const bash = (command: string) => ({ name: "Bash", input: { command } });
const ignored = { ".env.local": "PORT=4000\n", "node_modules/pkg/index.js": "pkg\n" };
const files = { ".gitignore": ".env.local\nnode_modules/\n", "a.txt": "a\n" };

test("what .worktreeinclude names is there for the agent's commands, in no commit, and the checkout stays as it is", async () => {
  await using bough = await story({
    files: { ...files, ".worktreeinclude": ".env.local\n" },
    script: [{ text: "I look.", calls: [bash("cat .env.local; echo ADDED=1 >>.env.local; ls -A")] }, { text: "4000." }],
  });
  await bough.repository.write(ignored);
  const before = await bough.repository.fingerprint();
  const { code, stdout, stderr } = await bough.run(
    ...["-p", "Which port?", "-m", bough.model, "--branch", "port", "--permission-mode", "bypassPermissions"],
  );
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "4000.\n",
    stderr: "bough/port: no files changed. See it: bough log bough/port\n",
  });
  const [, result] = bough.server.requests;
  expect(JSON.stringify(result?.messages)).toContain(
    "PORT=4000\\n.env.local\\n.git\\n.gitignore\\n.worktreeinclude\\na.txt",
  );
  expect(await bough.git("log", "--all", "--format=", "--name-only", "--root", "-m")).not.toContain(".env.local");
  expect(await bough.repository.fingerprint()).toBe(before);
});

test.each(["text", "json", "stream-json"])(
  "without it what git ignores and the worktree lacks is named once, on standard error, as %s",
  async (format) => {
    await using bough = await story({ files, script: [{ text: "Hello." }, { text: "Hello." }] });
    await bough.repository.write(ignored);
    const notice =
      "  ! the worktree has no node_modules/, .env.local (ignored by git); name them in .worktreeinclude to have them copied\n";
    const first = await bough.run("-p", "Hi", "-m", bough.model, "--branch", "hi", "--output-format", format);
    expect(first.stderr).toBe(`${notice}bough/hi: no files changed. See it: bough log bough/hi\n`);
    expect(first.stdout).not.toContain("node_modules");
    expect((await bough.run("-p", "-c", "Hi", "--output-format", format)).stderr).not.toContain("node_modules");
  },
);

test("what stays out of the commits is named once with the line that brings it in", async () => {
  await using bough = await story({ script: [{ text: "Hello." }, { text: "Hello." }, { text: "Hello." }] });
  await bough.repository.write({ ".env": "KEY=1\n" });
  const first = await bough.run("-p", "Hi", "-m", bough.model, "--branch", "hi");
  expect(first.stderr).toBe(
    'left out of the commits: .env (looks like a credential; to have it in the worktree put "/.env" into .worktreeinclude)\n' +
      "bough/hi: no files changed. See it: bough log bough/hi\n",
  );
  expect((await bough.run("-p", "-c", "Hi")).stderr).not.toContain(".env");
});
