import { execFile, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { program, type Story, story } from "./story.ts";

const run = promisify(execFile);
const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
const onTerminal = test.skipIf(!hasTmux);
const why = hasTmux ? "" : " (skipped: tmux, a terminal whose title and clipboard can be read, is not installed)";

/** What a terminal shows and holds after something was printed on it. */
interface Seen {
  readonly screen: string;
  readonly title: string;
  readonly clipboard: string;
}

/** Runs a command on a terminal of its own and reads that when all that was printed has been obeyed. */
async function onScreen({ repository }: Story, command: string): Promise<Seen> {
  // Of its own each time: a server that ends takes its socket away from the next one.
  const socket = ["-S", join(repository.folder, `tmux-${randomUUID().slice(0, 8)}`)];
  const settings = join(repository.folder, "tmux.conf");
  await writeFile(settings, "set -g set-clipboard on\n");
  const options = { cwd: repository.path, env: { ...repository.env, TERM: "xterm" }, timeout: 20_000 };
  const tmux = async (...args: string[]) => (await run("tmux", [...socket, "-f", settings, ...args], options)).stdout;
  const untouched = String.raw`printf '\033]2;untouched\007'`;
  // A terminal answers where its cursor is after it has obeyed all that came before the question.
  const settle = String.raw`printf '\033[6n'; IFS= read -rsd R; tmux wait-for -S printed; cat`;
  await tmux("new-session", "-d", "-x", "120", "-y", "60", "bash", "-c", `${untouched}; ${command}; ${settle}`);
  try {
    await tmux("wait-for", "printed");
    return {
      screen: await tmux("capture-pane", "-p"),
      title: (await tmux("display-message", "-p", "#{pane_title}")).trim(),
      clipboard: await tmux("show-buffer").catch(() => ""),
    };
  } finally {
    await tmux("kill-server");
  }
}

const attack =
  "before \u001b]52;c;cm0gLXJmIH4=\u0007\u001b]2;owned\u0007\u001b[2J\u001b[Hforged\rnew\b\b \u202egnp.exe\u200b";

const commands = [
  "log bough/work",
  "show bough/work~1",
  "export bough/work",
  "export bough/work --format json",
  "log --json",
];

onTerminal(`what a tool printed changes neither title nor clipboard, and the screen shows it${why}`, async () => {
  await using bough = await story({
    files: { "README.md": "# A project\n", evil: attack },
    script: [
      { text: "I look.", calls: [{ name: "Bash", input: { command: "cat evil" } }] },
      { text: "I note it.", calls: [{ name: "Write", input: { file_path: "note.txt", content: attack } }] },
      { text: `It says: ${attack}` },
    ],
  });
  const ran = await bough.run("-p", "Look", "--branch", "work", "--permission-mode", "bypassPermissions");
  expect(ran.code).toBe(0);

  for (const command of [...commands, "diff bough/work", "why note.txt", "sessions", `show '${attack}'`]) {
    const seen = await onScreen(bough, `'${process.execPath}' '${program}' ${command}`);
    expect(seen, command).toMatchObject({ title: "untouched", clipboard: "" });
    expect(seen.screen, command).not.toMatch(/^forged/m);
  }
  const plain = await onScreen(bough, "cat evil");
  expect(plain).toMatchObject({ title: "owned", clipboard: "rm -rf ~" });
  expect(plain.screen).not.toContain("before");
});
