import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { detectSandbox } from "./detect-sandbox.ts";
import { ShellSession, type ShellSessionOptions } from "./shell-session.ts";

const support = await detectSandbox();
const confined = (title: string, run: (skip: (why: string) => never) => Promise<void>) =>
  test(title, async ({ skip }) => {
    if (support.kind === "none") skip(support.message);
    await run(skip);
  });

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

  run(`${how}: exports of any text are kept, also after what makes a script strict`, async () => {
    const { output } = session({ support: given });
    const value = "$'a\\n\\\\ \"`$(x)\\001'";
    await output(`set -euo pipefail; IFS=x; PATH=; export n=${value} UNSET; f() { :; }; export -f f`);
    expect(await output(`[ "$n" = ${value} ] && echo same \${UNSET-unset}`)).toBe("same unset\n");
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

confined("what steers agents is only read, under whatever command", async () => {
  const worktree = temporaryFolder();
  mkdirSync(join(worktree, ".claude"));
  writeFileSync(join(worktree, "AGENTS.md"), "mine\n");
  writeFileSync(join(worktree, ".claude", "settings.json"), "{}\n");
  symlinkSync("/etc/hostname", join(worktree, "CLAUDE.md"));
  const { output } = session({ worktree, isReadOnly: (name) => /^(AGENTS.md|CLAUDE.md|.claude)$/.test(name) });
  const attack =
    "echo x >> AGENTS.md; rm -f AGENTS.md; mv AGENTS.md a; echo x > .claude/settings.json; mv .claude c; touch made; cat AGENTS.md";
  expect(await output(attack)).toMatch(/(Read-only file system|Device or resource busy).*mine\n$/s);
  expect(readFileSync(join(worktree, "AGENTS.md"), "utf8")).toBe("mine\n");
  expect(readFileSync(join(worktree, ".claude", "settings.json"), "utf8")).toBe("{}\n");
  expect(existsSync(join(worktree, "made"))).toBe(true);

  plainly(attack, worktree);
  expect(existsSync(join(worktree, "AGENTS.md"))).toBe(false);
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

confined(
  "what is kept out of the session is not read in the checkout, where that is searched for programs",
  async () => {
    const checkout = temporaryFolder();
    for (const folder of [".git", "bin"]) mkdirSync(join(checkout, folder));
    writeFileSync(join(checkout, ".env"), "very secret\n");
    const program = `
    import { ShellSession } from ${JSON.stringify(join(import.meta.dirname, "shell-session.ts"))};
    const shell = new ShellSession({ worktree: ${JSON.stringify(temporaryFolder())} });
    console.log((await shell.run({ command: "ls ${checkout}; cat ${checkout}/.env" })).output);
    await shell.close();`;
    const env = { ...process.env, PATH: `${checkout}/bin:${process.env.PATH}` };
    const args = ["--input-type=module-typescript", "--eval", program];
    const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8", env });
    expect(stdout).toMatch(/^bin\ncat: .*No such file or directory\n/);
  },
);

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

confined("a unix socket, an abstract one and UDP, by which names are looked up, are not reached either", async () => {
  const folder = temporaryFolder();
  const reached: string[] = [];
  const listen = async (path: string) => {
    const server = createServer((socket) => {
      reached.push(path.replace("\0", "@"));
      socket.end();
    }).listen(path);
    await once(server, "listening");
    onTestFinished(() => void server.close());
  };
  const abstract = `bough-test-${process.pid}`;
  await listen(join(folder, "socket"));
  await listen(`\0${abstract}`);
  const names = createSocket("udp4", () => reached.push("udp"));
  names.bind(0, "127.0.0.1");
  await once(names, "listening");
  onTestFinished(() => void names.close());
  const program = `
    const { connect } = require("node:net");
    for (const path of [${JSON.stringify(join(folder, "socket"))}, "\\0${abstract}"]) connect(path).on("error", () => {});
    const socket = require("node:dgram").createSocket("udp4");
    socket.send("x", ${names.address().port}, "127.0.0.1", () => socket.close());`;
  const { output, worktree } = session({ readable: [dirname(process.execPath)] });
  writeFileSync(join(worktree, "attack.cjs"), program);
  const attack = `'${process.execPath}' attack.cjs && echo tried`;
  expect(await output(attack)).toContain("tried");
  expect(reached).toEqual([]);

  spawn("bash", ["-c", attack], { cwd: worktree, stdio: "ignore" });
  await expect.poll(() => reached.toSorted()).toEqual([`@${abstract}`, join(folder, "socket"), "udp"].toSorted());
});

confined("a socket in a folder of the host's, and an abstract one, are not reached", async () => {
  const folder = temporaryFolder();
  for (const path of [join(folder, "docker.sock"), `\0bough-test-${process.pid}`]) {
    const listening = createServer((socket) => socket.end("reached\n")).listen(path);
    await once(listening, "listening");
    onTestFinished(() => void listening.close());
    const connect = `require("net").connect(${JSON.stringify(path)}).on("error", (e) => console.log(e.code)).pipe(process.stdout)`;
    const attack = `'${process.execPath}' -e '${connect.replaceAll("\\u0000", "\\0")}'`;
    const { output, shell } = session({ readable: [process.execPath] });
    expect(await output(attack)).toMatch(/^(ENOENT|ECONNREFUSED)\n$/);
    const background = await shell.start({ command: "sleep 1000", onOutput: () => {} });
    expect(await output(attack)).toMatch(/^(ENOENT|ECONNREFUSED)\n$/);
    background.stop();
    // The control runs beside the server, which a synchronous one would keep from answering.
    const open = new ShellSession({ worktree: folder, support: unconfined });
    expect((await open.run({ command: attack })).output).toBe("reached\n");
    await open.close();
  }
});

const server = `require("net").createServer((s) => s.end("served\\n")).listen(3000, () => console.log("up"))`;

/** Starts a server in the background and resolves to when it is up. */
async function serve(shell: ShellSession, network = false) {
  const up = Promise.withResolvers<void>();
  const command = `exec '${process.execPath}' -e '${server}'`;
  const background = await shell.start({ command, network, onOutput: () => up.resolve() });
  await Promise.race([up.promise, background.ended]);
  return background;
}

confined("what runs in the background is reached by later commands, and from nowhere else", async () => {
  const { shell, output } = session({ readable: [process.execPath] });
  const background = await serve(shell);
  const request = "cat < /dev/tcp/127.0.0.1/3000";
  expect(await output(request)).toBe("served\n");
  expect(background.listensOn(3000)).toBe(true);
  expect(background.listensOn(3001)).toBe(false);
  expect(await session().output(request)).toContain("Connection refused");
  expect(plainly(request, tmpdir())).not.toContain("served");
  background.stop();
  expect(await background.ended).toEqual({ status: "killed", signal: "SIGTERM" });
  expect(await output(request)).toContain("Connection refused");
});

confined("beside what runs in the background the network is as far away as before", async () => {
  const reachable = createServer((socket) => socket.end("reached\n")).listen(0, "127.0.0.1");
  await once(reachable, "listening");
  onTestFinished(() => void reachable.close());
  const address = reachable.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const { shell, output } = session();
  await shell.start({ command: "sleep 1000", onOutput: () => {} }).then(({ stop }) => onTestFinished(stop));
  const attack = `cat < /dev/tcp/127.0.0.1/${port}; tail -n +2 /proc/net/unix; ls -l /proc/self/fd | grep ns; unshare -U true`;
  expect(await output(attack)).not.toMatch(/^reached|@|0000|ns:/m);
  expect(await output(attack)).toContain("unshare");
  expect(await output(attack, true)).toMatch(/^reached/);
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

for (const [title, method] of [
  ["a command dies with bough when that is killed", "run"],
  ["what runs in the background dies with bough when that is killed", "start"],
] as const) {
  confined(title, async () => {
    const { worktree } = session();
    const program = `
      import { ShellSession } from ${JSON.stringify(join(import.meta.dirname, "shell-session.ts"))};
      await new ShellSession({ worktree: ${JSON.stringify(worktree)} }).${method}({
        command: "trap '' TERM; setsid sh -c 'echo begun; while :; do touch alive; sleep 0.02; done'; sleep 1000",
        onOutput: (text) => process.stdout.write(text),
      });
      setInterval(() => {}, 1000);`;
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
}

confined("a sandbox works for an ordinary user, who cannot raise the number of processes", async (skip) => {
  const worktree = temporaryFolder();
  const program = `
    import { ShellSession } from ${JSON.stringify(join(import.meta.dirname, "shell-session.ts"))};
    const shell = new ShellSession({ worktree: ${JSON.stringify(worktree)} });
    await shell.start({ command: "sleep 1000", onOutput: () => {} });
    const command = "id -u; ulimit -u; ulimit -u 4097 || touch made; ls; cat /proc/net/dev | wc -l";
    console.log((await shell.run({ command })).output);
    process.exit();`;
  const node = [process.execPath, "--input-type=module-typescript", "--eval", program];
  const isRoot = process.getuid?.() === 0;
  const nobody = [
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "env",
    `HOME=${worktree}`,
    "TMPDIR=/tmp",
  ];
  const [setpriv = "", ...asNobody] = nobody;
  const canRead = ["test", "-r", import.meta.filename, "-a", "-x", process.execPath];
  if (isRoot && spawnSync(setpriv, [...asNobody, ...canRead]).status !== 0) {
    skip("Nobody but the superuser can read these tests, so they are not run as an ordinary user.");
  }
  if (isRoot) chownSync(worktree, 65_534, 65_534);
  const [started = "", ...args] = [...(isRoot ? nobody : []), ...node];
  const { stdout, stderr } = spawnSync(started, args, { cwd: "/", encoding: "utf8" });
  expect(stderr).toBe("");
  expect(stdout.split("\n")).toMatchObject([
    isRoot ? "65534" : String(process.getuid?.()),
    "4096",
    expect.stringContaining("ulimit"),
    "made",
    "3",
    "",
    "",
  ]);
});

confined("a folder that is open in bough itself is not open in a command", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "secret"), "very secret\n");
  const program = `
    import { spawnSync } from "node:child_process";
    import { ShellSession } from ${JSON.stringify(join(import.meta.dirname, "shell-session.ts"))};
    const shell = new ShellSession({ worktree: ${JSON.stringify(temporaryFolder())} });
    const attack = "cat /proc/self/fd/200/secret 2>&1; echo x 2>&1 >/proc/self/fd/200/$0";
    const { output } = await shell.run({ command: attack.replace("$0", "confined") });
    const inBackground = [];
    const onOutput = (text) => inBackground.push(text);
    await (await shell.start({ command: attack.replace("$0", "background"), onOutput })).ended;
    const { stdout } = await shell.runWithInput({ command: attack.replace("$0", "hook"), input: "" });
    const plain = spawnSync("bash", ["-c", attack.replace("$0", "plain")], { encoding: "utf8" }).stdout;
    console.log(JSON.stringify([output, inBackground.join(""), stdout, plain]));
    await shell.close();`;
  const bough = `exec 200<'${folder}'; exec "$0" --input-type=module-typescript --eval "$1"`;
  const { stdout } = spawnSync("bash", ["-c", bough, process.execPath, program], { encoding: "utf8" });
  const [plain, ...others]: string[] = JSON.parse(stdout).reverse();
  for (const other of others) expect(other).toMatch(/No(t a| such file or) directory/);
  expect(plain).toBe("very secret\n");
  expect(readdirSync(folder).sort()).toEqual(["plain", "secret"]);
});

confined("the kernel's settings cannot be written, not even by the superuser", async () => {
  // What is written is what is there, so that the machine stays as it is.
  const setting = "/proc/sys/kernel/core_pattern";
  const attack = `value=$(cat ${setting}); printf '%s\\n' "$value" 2>&1 >${setting} && echo written
find /proc -path '/proc/[0-9]*' -prune -o -type f ! -perm /002 -writable -print 2>/dev/null | head -n 3`;
  const { output, worktree } = session();
  expect(await output(attack)).toMatch(
    /^\S*bash: line 1: \S+core_pattern: (Read-only file system|Permission denied)\n$/,
  );
  if (process.getuid?.() === 0) expect(plainly(attack, worktree)).toMatch(/^written\n\/proc\//);
});

confined("more processes than are allowed end the command, also the superuser's", async () => {
  const attack = "for i in $(seq 100); do sleep 1000 & done 2>/dev/null; echo $(jobs -p | wc -l) started; wait";
  const { shell, worktree } = session({ mostProcesses: 50 });
  const { output, status } = await shell.run({ command: attack, timeout: 1_500 });
  if (process.getuid?.() === 0) {
    expect({ output, status }).toMatchObject({
      output: expect.stringContaining("more than 50 processes"),
      status: "killed",
    });
  } else {
    // The system's own limit holds, at which bash tries again and again.
    expect(output).not.toContain("100 started");
  }
  expect(plainly(attack.replace("wait", "kill $(jobs -p)"), worktree)).toBe("100 started\n");
});

confined("where memory runs out, commands are killed before bough is", async () => {
  const own = Number(readFileSync("/proc/self/oom_score_adj", "utf8"));
  expect(Number(await session().output("cat /proc/self/oom_score_adj"))).toBeGreaterThan(own);
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
