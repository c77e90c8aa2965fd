import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { detectSandbox } from "./detect-sandbox.ts";
import { ShellSession, type ShellSessionOptions } from "./shell-session.ts";

const support = await detectSandbox();
const why = support.kind === "none" ? ` (skipped: ${support.message})` : "";
const confined = (title: string, run: () => Promise<void>) => test.skipIf(why !== "")(`${title}${why}`, run);

function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "bough-sandbox-test-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function session(options: Partial<ShellSessionOptions> = {}) {
  const worktree = options.worktree ?? temporaryFolder();
  const shell = new ShellSession({ worktree, ...options });
  onTestFinished(() => shell.close());
  return {
    worktree,
    shell,
    output: async (command: string, network = false) => (await shell.run({ command, network })).output,
  };
}

function linkedWorktree() {
  const folder = temporaryFolder();
  const repository = join(folder, "repository");
  const worktree = join(folder, "worktree");
  const git = (...args: string[]) => execFileSync("git", ["-C", repository, ...args], { encoding: "utf8" });
  mkdirSync(repository);
  git("init", "--quiet");
  git("-c", "user.name=Ann", "-c", "user.email=a@b.c", "commit", "--quiet", "--allow-empty", "--message=One");
  git("worktree", "add", "--quiet", worktree);
  return { gitFolder: join(repository, ".git"), worktree };
}

const plainly = (command: string, cwd: string) => spawnSync("bash", ["-c", command], { cwd, encoding: "utf8" }).stdout;

const unconfined: ShellSessionOptions["support"] = { kind: "none", reason: "not-installed", message: "" };

for (const [how, given, run] of [
  ["unconfined", unconfined, test],
  ["confined", undefined, confined],
] as const) {
  run(`${how}: the folder and the exports of one command are those of the next`, async () => {
    const { output, worktree } = session({ support: given });
    await output(`mkdir -p a/b; cd a/b; export ONE="it's a
line" PATH="$PATH:/added"; unset LANG; TWO=2; exit 3`);
    expect(await output(`pwd; echo "$ONE $TWO."; echo "\${PATH##*:} \${LANG-unset}"`)).toBe(
      `${worktree}/a/b\nit's a\nline .\n/added unset\n`,
    );
    expect(await output('cd /; rmdir "$OLDPWD"; cd - >/dev/null 2>&1; set -x; cd /usr')).toBe("+ cd /usr\n");
    expect(await output("pwd")).toBe("/usr\n");
  });

  run(`${how}: variables that are given are there as if exported, but for those that are the shell's own`, async () => {
    const { output } = session({ support: given, variables: { ONE: "it's 1", BASH_ENV: "/nowhere", UID: "7" } });
    expect(await output(`echo "$ONE \${BASH_ENV-unset}"; export ONE=2`)).toBe("it's 1 unset\n");
    expect(await output('echo "$ONE"')).toBe("2\n");
  });

  run(`${how}: a folder that is gone is said to be`, async () => {
    const { output, worktree } = session({ support: given });
    await output(`mkdir gone; cd gone; rmdir ../gone`);
    expect(await output("pwd")).toBe(`[The folder ${worktree}/gone is gone; this runs in ${worktree}.]\n${worktree}\n`);
  });

  run(`${how}: an exit code and a signal are told apart`, async () => {
    const { shell } = session({ support: given });
    expect(await shell.run({ command: "exit 137" })).toMatchObject({ status: "exited", code: 137 });
    expect(await shell.run({ command: "kill -9 $$" })).toMatchObject({ status: "killed", signal: "SIGKILL" });
    expect(await shell.run({ command: "kill $$" })).toMatchObject({ status: "killed", signal: "SIGTERM" });
  });

  run(`${how}: a command that takes too long is asked to end first`, async () => {
    const { shell } = session({ support: given });
    const command = "trap 'echo tidied up; exit 0' TERM; echo started; while :; do sleep 0.01; done";
    const result = await shell.run({ command, timeout: 1000 });
    expect(result.status).toBe("timed-out");
    expect(result.output).toMatch(/^started\n.*tidied up\n$/s);
  });
}

confined("what a command puts in the place of its state is not read", async () => {
  const { output } = session();
  for (const command of [
    'trap "ln -sf /etc/passwd /bough/shell/state-$n" EXIT',
    'trap "mkfifo /bough/shell/state-$n" EXIT',
    'trap "truncate -s 1T /bough/shell/state-$n" EXIT',
    'trap "mkdir /bough/shell/state-$n" EXIT',
  ]) {
    await output(`n=$(ls /bough/shell | sed -n 's/prelude-//p'); ${command}`);
    expect(await output("pwd")).toMatch(/bough-sandbox-test/);
  }
});

confined("git tells of the repository and changes nothing of it", async () => {
  const { gitFolder, worktree } = linkedWorktree();
  const { output, shell } = session({ worktree, readable: [gitFolder] });
  expect(await output("git log --format=%s; echo new > new; git status --short; git diff --stat")).toBe(
    "One\n?? new\n",
  );
  for (const command of ["git add new", "git commit --allow-empty -m x", "git checkout -b other", "git stash -u"]) {
    expect(await shell.run({ command })).not.toMatchObject({ code: 0 });
  }
  expect(await output("git add new")).toContain("Read-only file system");
  const attack = `echo x > ${gitFolder}/hooks/pre-commit; echo x >> ${gitFolder}/config; mv .git g; rm -f .git; echo x > .git`;
  expect(await output(attack)).toMatch(/(Read-only file system|Device or resource busy)/);
  expect(existsSync(join(gitFolder, "hooks", "pre-commit"))).toBe(false);
  expect(readFileSync(join(worktree, ".git"), "utf8")).toMatch(/^gitdir: /);

  plainly(attack, worktree);
  expect(existsSync(join(gitFolder, "hooks", "pre-commit"))).toBe(true);
});

confined("a .git that is a link is not followed into the sandbox", async () => {
  const { shell, worktree } = session();
  symlinkSync(homedir(), join(worktree, ".git"));
  await expect(shell.run({ command: "ls .git" })).rejects.toThrow("was replaced by a link");
});

confined("the home, and files elsewhere, are neither read nor written", async () => {
  const outside = temporaryFolder();
  writeFileSync(join(outside, "secret"), "very secret\n");
  const { output, worktree } = session();
  const attack = `cat ${outside}/secret; echo x > ${outside}/written; ls -A ${homedir()}/.ssh`;
  expect(await output(attack)).not.toContain("very secret");
  expect(existsSync(join(outside, "written"))).toBe(false);
  expect(plainly(attack, worktree)).toContain("very secret");
  expect(existsSync(join(outside, "written"))).toBe(true);
});

confined("a home of its own is kept from command to command", async () => {
  const { output } = session();
  await output("mkdir -p ~/.cache && echo kept > ~/.cache/x");
  expect(await output("cat ~/.cache/x")).toBe("kept\n");
});

confined("the environment of bough is not to be read under /proc", async () => {
  const { output, worktree } = session({ environment: { ...process.env, SOME_API_KEY: "sk-very-secret" } });
  const attack = `env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; ls -d /proc/${process.pid}`;
  expect(await output(attack)).not.toMatch(/sk-very-secret|^\/proc\/\d+$/m);
  expect(plainly(`ls -d /proc/${process.pid}`, worktree)).toBe(`/proc/${process.pid}\n`);
});

confined("neither sockets of the host nor its network are reached, unless that is granted", async () => {
  const server = createServer((socket) => socket.end("reached\n"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const attack = `cat < /dev/tcp/127.0.0.1/${port}; ls /run/docker.sock /run/user 2>/dev/null; cat /proc/net/unix | tail -n +2`;
  expect(await session().output(attack)).not.toMatch(/^reached|^\/run|@|0000/m);
  expect(await session().output(attack, true)).toMatch(/^reached/);
});

confined("nothing that a command started lives on, in whatever session it put itself", async () => {
  const { output, worktree } = session();
  const attack =
    "(trap '' TERM; setsid sh -c 'while :; do touch alive; sleep 0.02; done' >/dev/null 2>&1 &) ; sleep 0.2";
  await output(attack);
  rmSync(join(worktree, "alive"));
  await session({ worktree }).output("sleep 0.3");
  expect(existsSync(join(worktree, "alive"))).toBe(false);
});

confined("a command dies with bough when that is killed", async () => {
  const { worktree } = session();
  const program = `
    import { ShellSession } from ${JSON.stringify(join(import.meta.dirname, "shell-session.ts"))};
    await new ShellSession({ worktree: ${JSON.stringify(worktree)} }).run({
      command: "setsid sh -c 'echo begun; while :; do touch alive; sleep 0.02; done'; sleep 1000",
      onOutput: (text) => process.stdout.write(text),
    });`;
  const bough = spawn(process.execPath, ["--input-type=module-typescript", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(bough.stdout, "data");
  bough.kill("SIGKILL");
  await once(bough, "exit");
  await session({ worktree }).output("sleep 0.3");
  rmSync(join(worktree, "alive"), { force: true });
  await session({ worktree }).output("sleep 0.3");
  expect(existsSync(join(worktree, "alive"))).toBe(false);
});

confined("endless output, endless files, pipes and forks end at the time limit", async () => {
  const { shell } = session();
  const commands = ["yes", "cat /dev/zero", "mkfifo p; cat p", "truncate -s 1T big; cat big"];
  for (const command of commands) {
    const result = await shell.run({ command, timeout: 500 });
    expect(result.status).toBe("timed-out");
    expect(Buffer.byteLength(result.output)).toBeLessThan(30_100);
  }
});
