import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Story, story } from "./story.ts";

const longStory = { stall: true as const, text: "Once" };
const signals = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 143],
] as const;

/** A pipe on which a command says how far it is. */
async function pipe({ repository }: Story) {
  const path = `${repository.folder}/pipe`;
  execFileSync("mkfifo", [path]);
  return { path, heard: async () => (await readFile(path, "utf8")).trim() };
}

/** A command that tells its process ids and then waits for ever. */
const waiting = (path: string) => `touch begun; sleep 1000 & echo $$ $! > ${path}; wait`;

const pidsIn = (line: string) => line.split(" ").map(Number);

/** Whether a process is there and not merely unburied. */
function isRunning(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" })
      .trim()
      .startsWith("Z");
  } catch {
    return false;
  }
}

test.each(signals)("%s while the model talks keeps what was said and ends with %i", async (signal, code) => {
  await using bough = await story({ script: [longStory, { text: "…a model." }] });
  const running = bough.start(
    "-p",
    "Tell a story",
    "--branch",
    "tale",
    "--output-format",
    "stream-json",
    "--include-partial-messages",
  );
  await running.printed('"Once"');
  running.child.kill(signal);
  const { code: ended, stdout, stderr } = await running.ended;
  expect(ended).toBe(code);
  expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({
    subtype: "interrupted",
    result: longStory.text,
  });
  expect(stderr).toContain(
    'bough: Interrupted by the user. What was said and changed until then is kept. Go on: bough -p -r bough/tale "Go on"\n',
  );
  expect(stderr).toContain("bough/tale: no files changed.");
  await bough.server.finished(1);

  expect(await bough.run("-p", "-c", "Go on")).toMatchObject({ code: 0, stdout: "…a model.\n" });
  expect(bough.server.requests[1]?.messages).toEqual([
    { role: "user", text: "Tell a story" },
    { role: "assistant", text: longStory.text },
    { role: "user", text: "[Interrupted by the user]\n\nGo on" },
  ]);
});

test.each(signals)(
  "%s while a command runs stops it with all it started, keeps what it did, and ends with %i",
  async (signal, code) => {
    await using bough = await story({
      script: [
        ({ messages }) => ({ text: "I wait.", calls: [{ name: "Bash", input: { command: messages[0]?.text ?? "" } }] }),
        { text: "Yes." },
      ],
    });
    const { path, heard } = await pipe(bough);
    const running = bough.start("-p", waiting(path), "--branch", "wait", "--permission-mode", "bypassPermissions");
    const processes = pidsIn(await heard());
    expect(processes.filter(isRunning)).toEqual(processes);
    running.child.kill(signal);
    expect(await running.ended).toMatchObject({ code });
    expect(processes.filter(isRunning)).toEqual([]);
    expect(await bough.git("diff", "--name-only", "main", "bough/wait")).toBe("begun");

    expect(await bough.run("-p", "-c", "Go on")).toMatchObject({ code: 0, stdout: "Yes.\n" });
    expect(bough.server.requests[1]?.messages.at(-1)).toMatchObject({
      results: [{ text: "[interrupted by the user]", isError: true }],
      text: "[Interrupted by the user]\n\nGo on",
    });
  },
);

test("a second Ctrl-C ends it at once, and nothing is lost but the step in progress", async () => {
  await using bough = await story({
    script: [
      { text: "I write.", calls: [{ name: "Write", input: { file_path: "a.txt", content: "a\n" } }] },
      ({ messages }) => ({ text: "I wait.", calls: [{ name: "Bash", input: { command: messages[0]?.text ?? "" } }] }),
      { text: "Yes." },
    ],
  });
  const { path, heard } = await pipe(bough);
  const stubborn = `trap 'echo asked > ${path}' TERM; touch begun; echo $$ > ${path}; while :; do sleep 1; done`;
  const running = bough.start("-p", stubborn, "--branch", "wait", "--permission-mode", "bypassPermissions");
  const processes = pidsIn(await heard());
  running.child.kill("SIGINT");
  expect(await heard()).toBe("asked");
  running.child.kill("SIGINT");
  expect(await running.ended).toMatchObject({ code: 130 });
  expect(processes.filter(isRunning)).toEqual([]);

  expect(await bough.run("-p", "-c", "Go on")).toMatchObject({ code: 0, stdout: "Yes.\n" });
  expect(bough.server.requests.at(-1)?.messages.at(-1)).toMatchObject({
    results: [{ text: "interrupted", isError: true }],
  });
  expect(await bough.git("log", "--format=%an", "bough/wait", "--", "begun")).toBe(
    "anthropic/claude-sonnet-5-5 (bough)",
  );
});

test("after kill -9 the session goes on, and what the command had done is the agent's", async () => {
  await using bough = await story({
    script: [
      ({ messages }) => ({ text: "I wait.", calls: [{ name: "Bash", input: { command: messages[0]?.text ?? "" } }] }),
      { text: "Yes." },
    ],
  });
  const { path, heard } = await pipe(bough);
  const running = bough.start("-p", waiting(path), "--branch", "wait", "--permission-mode", "bypassPermissions");
  const [shell = 0] = pidsIn(await heard());
  running.child.kill("SIGKILL");
  expect(await running.ended).toMatchObject({ code: undefined });
  // A process that is killed takes nobody along.
  process.kill(-shell, "SIGKILL");

  expect(await bough.run("-p", "-c", "Go on")).toMatchObject({ code: 0, stdout: "Yes.\n" });
  expect(bough.server.requests.at(-1)?.refused).toBeUndefined();
  expect(bough.server.requests.at(-1)?.messages.at(-1)).toMatchObject({
    results: [{ text: "interrupted", isError: true }],
  });
  expect(await bough.git("log", "--format=%an", "bough/wait", "--", "begun")).toBe(
    "anthropic/claude-sonnet-5-5 (bough)",
  );
});

test.each(signals)("%s while a hook of a landing runs puts everything back and ends with %i", async (signal, code) => {
  await using bough = await story({
    script: [{ calls: [{ name: "Write", input: { file_path: "a.txt", content: "a\n" } }] }, { text: "Done." }],
  });
  await bough.run("-p", "Write it", "--branch", "work");
  // It has bough interrupted, which is the parent of its git, and goes on for ever.
  const hook = `#!/bin/sh\nkill -s ${signal.slice(3)} "$(ps -o ppid= -p $PPID)"\nexec tail -f /dev/null\n`;
  await writeFile(join(bough.repository.path, ".git/hooks/pre-commit"), hook, { mode: 0o755 });
  const before = await bough.repository.fingerprint();
  expect(await bough.run("land", "work")).toEqual({
    code,
    stdout: "",
    stderr: "bough: Interrupted: bough/work was not landed, and everything is as it was before.\n",
  });
  expect(await bough.repository.fingerprint()).toBe(before);
});

test("a landing that had come to its commit when it was interrupted is finished", async () => {
  await using bough = await story({
    script: [{ calls: [{ name: "Write", input: { file_path: "a.txt", content: "a\n" } }] }, { text: "Done." }],
  });
  await bough.run("-p", "Write it", "--branch", "work");
  const hook = '#!/bin/sh\nkill -s INT "$(ps -o ppid= -p $PPID)"\nexec tail -f /dev/null\n';
  await writeFile(join(bough.repository.path, ".git/hooks/post-commit"), hook, { mode: 0o755 });
  expect(await bough.run("land", "work")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Landed bough/work"),
  });
  expect(await bough.git("status", "--short")).toBe("");
  expect(await bough.git("show", "--format=%s", "--name-only")).toBe("Write it\n\na.txt");
});
