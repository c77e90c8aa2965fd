import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { detectSandbox } from "./detect-sandbox.ts";
import { runWithInput } from "./run-with-input.ts";
import { ShellSession } from "./shell-session.ts";

const env = { PATH: process.env["PATH"] ?? "" };
const cwd = tmpdir();
const support = await detectSandbox();
const why = support.kind === "none" ? ` (skipped: ${support.message})` : "";
const confined = (title: string, run: () => Promise<void>) => test.skipIf(why !== "")(`${title}${why}`, run);

function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "bough-sandbox-test-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a command reads the text, by its descriptor or by its name, and its streams come back apart", async () => {
  const command = "head -c 3 /dev/stdin; cat; echo bad >&2; exit 2";
  expect(await runWithInput({ command, cwd, env, input: "one\ntwo\n" })).toEqual({
    status: "exited",
    code: 2,
    stdout: "oneone\ntwo\n",
    stderr: "bad\n",
  });
});

test("a large text arrives whole, also where nobody reads it", async () => {
  const input = "x".repeat(5_000_000);
  expect(await runWithInput({ command: "wc -c", cwd, env, input })).toMatchObject({
    stdout: expect.stringMatching(/^\s*5000000\n$/),
  });
  expect(await runWithInput({ command: "true", cwd, env, input })).toMatchObject({ code: 0 });
});

test("what is printed without end is bounded, and a command that takes too long is stopped with all it started", async () => {
  const command = "yes | head -c 3000000 >&2";
  const much = await runWithInput({ command, cwd, env, input: "" });
  expect(much.stderr.length).toBeLessThan(1_100_000);
  expect(much.stderr).toContain("bytes cut");
  const endless = await runWithInput({ command: "yes >&2 & yes", cwd, env, input: "", timeout: 100 });
  expect(endless.status).toBe("timed-out");
  expect(endless.stdout.length).toBeLessThan(1_100_000);
});

confined(
  "apart from a session's commands it has their sandbox, its own variables, and other folders in the place of some",
  async () => {
    const worktree = temporaryFolder();
    const trusted = join(temporaryFolder(), "hooks");
    for (const [folder, text] of [
      [trusted, "trusted"],
      [join(worktree, "hooks"), "the agent's"],
    ] as const) {
      mkdirSync(folder);
      writeFileSync(join(folder, "script"), text);
    }
    const shell = new ShellSession({ worktree });
    onTestFinished(() => shell.close());
    await shell.run({ command: "export ONE=theirs; mkdir sub; cd sub" });
    const { stdout } = await shell.runWithInput({
      command: 'cat; echo "$ONE-$TWO"; pwd; cat hooks/script; echo x 2>/dev/null >hooks/script || echo; echo y >made',
      input: "in\n",
      variables: { TWO: "it's 2" },
      replaced: [{ from: trusted, to: join(worktree, "hooks") }],
    });
    expect(stdout).toBe(`in\n-it's 2\n${worktree}\ntrusted\n`);
    expect((await shell.run({ command: 'cat ../made ../hooks/script; echo "-$TWO"' })).output).toBe(
      "y\nthe agent's-\n",
    );
  },
);
