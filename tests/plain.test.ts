import { execFile, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { program, type Story, story } from "./story.ts";

const run = promisify(execFile);
const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
const onTerminal = test.skipIf(!hasTmux);
const why = hasTmux ? "" : " (skipped: tmux is not installed)";

test("a script of lines is worked off, and only answers are on standard output", async () => {
  await using bough = await story({
    script: [
      { text: "I write.", calls: [{ name: "Write", input: { file_path: "a.txt", content: "a\n" } }] },
      { text: "It is written." },
      { text: "Otherwise." },
    ],
  });
  const input = "write \\\na file\n/branch --rev 1 do it otherwise\n/tab\n";
  const { code, stdout, stderr } = await bough.runWith({ input }, "--plain", "-m", bough.model);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: "I write.\nIt is written.\nOtherwise.\n  1 write-file    idle\n▸ 2 write-file.1  idle\n",
  });
  expect(stderr).toContain("  Write a.txt\n");
  expect(stderr).toContain("bough/write-file: 1 file changed, 1 insertion(+). Land it: bough land bough/write-file\n");
  expect(bough.server.requests[0]?.messages).toEqual([{ role: "user", text: "write \na file" }]);
});

test("a turn that fails is the exit code, a misspelt flag or no model a usage error", async () => {
  await using bough = await story({ script: [{ status: 400, message: "No." }] });
  expect(await bough.runWith({ input: "try\n" }, "--bare", "-m", bough.model)).toMatchObject({ code: 1, stdout: "" });
  expect(await bough.run("--plain", "--json")).toMatchObject({ code: 2 });
  expect(await bough.run("--plain", "-p", "x")).toMatchObject({ code: 2 });
  const env = { ANTHROPIC_API_KEY: undefined };
  expect(await bough.runWith({ env }, "--plain")).toMatchObject({ code: 2, stderr: expect.stringMatching(/No model/) });
  expect(await bough.runWith({ cwd: bough.repository.folder }, "--plain", "-m", bough.model)).toMatchObject({
    code: 42,
  });
});

test("a session is gone on with where it was left", async () => {
  await using bough = await story({ script: [{ text: "One." }, { text: "Two." }] });
  await bough.runWith({ input: "first\n" }, "--plain", "-m", bough.model);
  const { code, stdout } = await bough.runWith({ input: "/tab\n" }, "--plain", "--continue", "second");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "Two.\n▸ 1 first  idle\n" });
});

/** A terminal of its own, on which a person types and looks. */
async function terminal({ repository }: Story, command: string) {
  const socket = ["-S", join(repository.folder, `tmux-${randomUUID().slice(0, 8)}`)];
  const options = { cwd: repository.path, env: { ...repository.env, TERM: "xterm" }, timeout: 20_000 };
  const tmux = async (...args: string[]) =>
    (await run("tmux", [...socket, "-f", "/dev/null", ...args], options)).stdout;
  await tmux("new-session", "-d", "-x", "100", "-y", "50", "bash", "-c", `${command}; echo "ended with $?"; cat`);
  return {
    type: (...keys: string[]) => tmux("send-keys", ...keys),
    /** Resolves to the screen once it shows the text. */
    async shows(text: string | RegExp): Promise<string> {
      for (const end = performance.now() + 15_000; performance.now() < end; await wait(20)) {
        const screen = await tmux("capture-pane", "-p");
        if (typeof text === "string" ? screen.includes(text) : text.test(screen)) return screen;
      }
      throw new Error(`The terminal never showed ${text}:\n${await tmux("capture-pane", "-p")}`);
    },
    [Symbol.asyncDispose]: async () => {
      await tmux("kill-server");
    },
  };
}

onTerminal(
  `on a terminal a turn is stopped, a program gets the terminal, and Ctrl-C alone leaves nothing${why}`,
  async () => {
    await using bough = await story({
      script: [
        { text: "I wait.", calls: [{ name: "Bash", input: { command: "sleep 60" } }] },
        { text: "Hello again." },
      ],
    });
    const variables = `ANTHROPIC_API_KEY=k ANTHROPIC_BASE_URL=${bough.server.url} NO_COLOR=1`;
    const flags = `--plain -m ${bough.model} --permission-mode bypassPermissions`;
    await using screen = await terminal(bough, `${variables} ${process.execPath} ${program} ${flags}`);
    await screen.shows("new>");
    await screen.type("C-c");
    await screen.shows("To leave: /exit, or Ctrl-D");
    await screen.type("wait for it", "Enter");
    await screen.shows("Bash sleep 60");
    await screen.type("C-c");
    await screen.shows("stopped: ");
    await screen.shows(/^wait\S*>/m);
    await screen.type("$read -p 'who? ' who; echo $who > who.txt; echo written; cat", "Enter");
    await screen.shows("who?");
    await screen.type("me", "Enter");
    await screen.shows(/^written/m);
    // Ctrl-C is for the program that has the terminal.
    await screen.type("C-c");
    await screen.shows(/^● [0-9a-f]{9} /m);
    await screen.type("hello", "Enter");
    await screen.shows("Hello again.");
    await screen.type("C-d");
    await screen.shows("ended with 0");
    expect(await bough.git("log", "--branches=bough/*", "--format=%an", "-1", "--", "who.txt")).toBe(
      await bough.git("config", "user.name"),
    );
  },
);
