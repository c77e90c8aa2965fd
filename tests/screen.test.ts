import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { hasTmux, Pane } from "./pane.ts";
import { story } from "./story.ts";

const why = hasTmux ? "" : " (skipped: tmux, a terminal that can be read, is not installed)";
const onTerminal = (title: string, told: () => Promise<void>) => test.skipIf(!hasTmux)(title + why, told);

/** The terminal is the shell's again: no other screen, a cursor, no mouse, and what is typed is echoed. */
async function expectGivenBack(pane: Pane): Promise<void> {
  await pane.command("clear; stty -a | grep -o ' icanon\\| echo ' | sort | xargs; echo looked");
  expect(await pane.until("looked\n$")).toContain("echo icanon\n");
  expect(await pane.flags("alternate_on", "cursor_flag", "mouse_any_flag")).toBe("0 1 0");
}

/** The process of the program that the shell in the terminal started. */
async function pidIn(pane: Pane): Promise<number> {
  return Number(execFileSync("pgrep", ["-P", await pane.flags("pane_pid")], { encoding: "utf8" }).trim());
}

const sleeping = { text: "I wait.", calls: [{ name: "Bash", input: { command: "sleep 300" } }] };

onTerminal("a prompt is typed and answered, and leaving says where the work is", async () => {
  await using bough = await story({
    script: [
      { text: "I write it.", calls: [{ name: "Write", input: { file_path: "new.txt", content: "one\ntwo\n" } }] },
      { text: "**Done.**" },
    ],
  });
  await using pane = await Pane.open(bough);
  await pane.command("bough");
  await pane.until("What is to be done?");
  await pane.type("write new.txt");
  await pane.press("Enter");
  await pane.until((shown) => shown.includes("Done.") && !shown.includes("at work"));
  await pane.press("C-d");
  expect(await pane.until("Land it")).toContain("bough/write-new-txt: 1 file changed, 2 insertions(+)");
  await expectGivenBack(pane);
});

for (const [signal, code] of [
  ["SIGTERM", 143],
  ["SIGHUP", 143],
  ["SIGINT", 130],
  ["SIGQUIT", 143],
] as const) {
  onTerminal(`${signal} gives the terminal back, and ends with ${code} once what was done is committed`, async () => {
    await using bough = await story({ script: [sleeping] });
    await using pane = await Pane.open(bough);
    await pane.command("bough 'wait for it'; echo ended with $?");
    await pane.until("◌ Bash sleep 300");
    process.kill(await pidIn(pane), signal);
    await pane.until(`ended with ${code}`);
    await expectGivenBack(pane);
    expect((await bough.run("show", "bough/wait")).stdout).toContain("Interrupted by the user");
  });
}

onTerminal("a mistake of ours gives the terminal back, and is told on the screen that stays", async () => {
  const crash = "data:text/javascript,process.on('SIGUSR2',()=>{throw%20new%20Error('boom')})";
  await using bough = await story();
  await using pane = await Pane.open(bough, { env: { NODE_OPTIONS: `--import=${crash}` } });
  await pane.command("bough; echo ended with $?");
  await pane.until("What is to be done?");
  process.kill(await pidIn(pane), "SIGUSR2");
  expect(await pane.until("ended with 1")).toContain("unexpected error: boom");
  await expectGivenBack(pane);
});

onTerminal("a terminal that is closed ends the program, and the session can be gone on with", async () => {
  await using bough = await story({ script: [sleeping, { text: "Again." }] });
  let pid: number;
  {
    await using pane = await Pane.open(bough);
    await pane.command("bough 'wait for it'");
    await pane.until("◌ Bash sleep 300");
    pid = await pidIn(pane);
  }
  while (isAlive(pid)) await bough.git("rev-parse", "HEAD");
  expect(await bough.run("-p", "-r", "bough/wait", "go on")).toMatchObject({ code: 0, stdout: "Again.\n" });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

onTerminal("Ctrl-Z is the shell's, and fg comes back to what was there", async () => {
  await using bough = await story({ script: [{ text: "Still here." }] });
  await using pane = await Pane.open(bough);
  await pane.command("bough");
  await pane.until("What is to be done?");
  await pane.type("say something");
  await pane.press("Enter");
  await pane.until("Still here.");
  await pane.type("draft");
  await pane.until("❯ draft");
  await pane.press("C-z");
  await pane.until("Stopped");
  expect(await pane.flags("alternate_on", "cursor_flag", "mouse_any_flag")).toBe("0 1 0");
  await pane.command("fg");
  const shown = await pane.until("❯ draft");
  expect(shown).toContain("Still here.");
  expect(await pane.flags("alternate_on")).toBe("1");
});

onTerminal("a storm of resizes ends in a picture of the last size", async () => {
  await using bough = await story({ script: [{ text: "All of it is here." }] });
  await using pane = await Pane.open(bough);
  await pane.command("bough 'say it'");
  await pane.until("All of it is here.");
  for (const columns of [60, 140, 20, 99, 61, 120]) await pane.resize(columns, columns > 90 ? 50 : 12);
  await pane.resize(60, 100);
  const isLast = (seen: string) => seen.startsWith(" 1 say ") && seen.includes(`\n${"─".repeat(60)}\n`);
  // Until then the terminal shows what it made of the picture before.
  const shown = await pane.until((seen) => seen.split("\n").length > 90 && isLast(seen));
  expect(shown.split("\n").slice(0, 6)).toEqual([" 1 say $0.0001", "", " ❯ say it", "", "   All of it is here.", ""]);
  expect(shown.trimEnd().split("\n").slice(-4)[1]).toBe(" ❯");
});

onTerminal("what is pasted is one token, and is sent whole", async () => {
  await using bough = await story({ script: [{ text: "Read." }] });
  await using pane = await Pane.open(bough);
  await pane.command("bough");
  await pane.until("What is to be done?");
  await pane.paste("one\ntwo\nthree\nfour\nfive\nsix\n");
  await pane.until("[pasted 6 lines]");
  await pane.press("Enter");
  await pane.until("Read.");
  expect(JSON.stringify(bough.server.requests[0])).toContain(String.raw`one\ntwo\nthree\nfour\nfive\nsix`);
});

onTerminal("a command of the user's own gets the terminal, and gives it back", async () => {
  await using bough = await story();
  await using pane = await Pane.open(bough);
  await pane.command("bough");
  await pane.until("What is to be done?");
  await pane.type("$printf 'type %s: ' $((40 + 2)); read word; echo got $word > got.txt");
  await pane.press("Enter");
  await pane.until("type 42:");
  expect(await pane.flags("alternate_on")).toBe("0");
  await pane.type("a word");
  await pane.press("Enter");
  await pane.until((shown) => shown.includes("new session") || shown.includes("bough/"));
  expect(await pane.flags("alternate_on")).toBe("1");
});

test("without a terminal, or on one that cannot be drawn on, it is one line and exit code 2", async () => {
  await using bough = await story();
  expect(await bough.run()).toEqual({
    code: 2,
    stdout: "",
    stderr: 'bough: There is no terminal here. Give a prompt: bough -p "<prompt>", or lines: bough --plain\n',
  });
});

onTerminal("TERM=dumb is told what there is instead", async () => {
  await using bough = await story();
  await using pane = await Pane.open(bough, { columns: 120 });
  await pane.command("TERM=dumb; export TERM; bough; echo ended with $?");
  expect(await pane.until("ended with 2")).toContain("This terminal (TERM=dumb) cannot be drawn on.");
});

onTerminal("outside of a repository it says so, and takes no terminal", async () => {
  await using bough = await story();
  await using pane = await Pane.open(bough, { columns: 120 });
  await pane.command("cd ..; bough; echo ended with $?");
  expect(await pane.until("ended with 42")).toMatch(/^bough: .*repository/m);
});

onTerminal(
  "a session is gone on with where it stopped, and one that is not there is told before anything is drawn",
  async () => {
    await using bough = await story({ script: [{ text: "Said before." }] });
    await bough.run("-p", "-m", bough.model, "remember me");
    await using pane = await Pane.open(bough, { columns: 100 });
    await pane.command("bough -c");
    expect(await pane.until("Said before.")).toContain(" ❯ remember me");
    await pane.press("C-d");
    await pane.command("bough -r bough/nothing; echo ended with $?");
    expect(await pane.until("ended with 42")).toMatch(/^bough: .*bough\/nothing/m);
  },
);
