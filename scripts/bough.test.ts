import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";

const repository = join(import.meta.dirname, "..");

let folder: string;
let checkout: string;

// A small checkout: the real scripts, a program of a few lines, and an npx that installs by linking what is
// installed here, so that no registry is needed.
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bough-checkout-"));
  checkout = join(folder, "checkout");
  cpSync(join(repository, "scripts"), join(checkout, "scripts"), { recursive: true });
  for (const path of ["package.json", "apps/tui/package.json"]) {
    cpSync(join(repository, path), join(checkout, path));
  }
  write("pnpm-lock.yaml", "");
  write("pnpm-workspace.yaml", "");
  write("packages/part/package.json", "{}");
  write("packages/part/src/index.ts", "export const part = 1;");
  write("apps/tui/src/bough.ts", program);
  write("apps/tui/src/part.ts", 'export const part = "one";');
  write("apps/tui/src/part.test.ts", "");
  npx(`mkdir -p node_modules; ln -sf '${repository}'/node_modules/* node_modules/`);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(checkout, path)), { recursive: true });
  writeFileSync(join(checkout, path), content);
}

/** Prints what it is made of and its arguments; its parts load as it runs. */
const program = `
  const { part } = await import("./part.ts");
  console.log(part, ...process.argv.slice(2));
  process.exitCode = Number(process.env.CODE ?? 0);
`;

/** Puts an npx in the way that notes how it is called. */
function npx(does: string): void {
  write("bin/npx", `#!/bin/sh\necho "$@" >> '${checkout}/installs'\n${does}\n`);
  chmodSync(join(checkout, "bin/npx"), 0o755);
}

function installs(): string[] {
  const log = join(checkout, "installs");
  return existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : [];
}

interface Start {
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

function start({ command = join(checkout, "scripts/bough"), args = [], env = {} }: Start = {}) {
  const PATH = [join(checkout, "bin"), dirname(process.execPath), process.env.PATH].join(delimiter);
  return spawn(command, args, { cwd: folder, env: { ...process.env, PATH, ...env } });
}

async function run(options: Start = {}) {
  const child = start(options);
  child.stdin.end();
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { stdout, stderr, code };
}

const builtAt = () => statSync(join(checkout, "apps/tui/dist/bough.js")).mtimeMs;

test("a fresh checkout is set up and built, and standard output is the program's alone", async () => {
  const { stdout, stderr, code } = await run({ args: ["a b", "--c", ""] });
  expect({ stdout, code }).toEqual({ stdout: "one a b --c \n", code: 0 });
  expect(stderr).toMatch("bough: installing dependencies (pnpm@");
  expect(installs()).toEqual([expect.stringMatching(/^--yes pnpm@\S+ install --frozen-lockfile$/)]);
});

test("it runs through a chain of symbolic links, from any folder", async () => {
  mkdirSync(join(folder, "bin"));
  symlinkSync("../checkout/scripts/bough", join(folder, "bin/relative"));
  symlinkSync(join(folder, "bin/relative"), join(folder, "absolute"));
  symlinkSync("absolute", join(folder, "last"));
  expect(await run({ command: "./last" })).toMatchObject({ stdout: "one\n", code: 0 });
});

test("the exit code is the program's", async () => {
  expect(await run({ env: { CODE: "42" } })).toMatchObject({ code: 42 });
});

test("a build that is newer than its source is run as it is", async () => {
  await run();
  const built = builtAt();
  write("apps/tui/src/part.test.ts", "// A test is no part of the build.");
  expect(await run()).toEqual({ stdout: "one\n", stderr: "", code: 0 });
  expect(builtAt()).toBe(built);
  expect(installs()).toHaveLength(1);
});

test("a changed file is built in", async () => {
  await run();
  write("apps/tui/src/part.ts", 'export const part = "two";');
  expect(await run()).toMatchObject({ stdout: "two\n", code: 0 });
});

test.each(["packages/part/src/index.ts", "packages/part/src/deep/down.ts", "apps/tui/package.json"])(
  "a build is stale once %s is written",
  async (path) => {
    await run();
    const built = builtAt();
    write(path, "{}");
    await run();
    expect(builtAt()).toBeGreaterThan(built);
  },
);

test("a build is stale once a file is deleted", async () => {
  write("packages/part/src/deep/down.ts", "");
  await run();
  const built = builtAt();
  rmSync(join(checkout, "packages/part/src/deep/down.ts"));
  await run();
  expect(builtAt()).toBeGreaterThan(built);
});

test("a changed manifest or lockfile is installed first, once", async () => {
  await run();
  write("pnpm-lock.yaml", "changed: true");
  await run();
  await run();
  expect(installs()).toHaveLength(2);
});

test("runs that find the same stale build do not disturb each other", async () => {
  await run();
  write("apps/tui/src/part.ts", 'export const part = "two";');
  const runs = await Promise.all(Array.from({ length: 4 }, () => run()));
  expect(runs.map(({ stdout }) => stdout)).toEqual(Array(4).fill("two\n"));
});

test("a program that is running still finds its parts when another run has built anew", async () => {
  write("apps/tui/src/bough.ts", `console.log("ready");\nfor await (const _ of process.stdin) {}\n${program}`);
  const waiting = start();
  const printed = text(waiting.stdout);
  await once(waiting.stdout, "readable");
  write("apps/tui/src/part.ts", 'export const part = "two";');
  expect(await run()).toMatchObject({ stdout: "ready\ntwo\n" });
  waiting.stdin.end();
  expect(await printed).toBe("ready\none\n");
});

test("a source that does not build is an error, and the former build is not run instead", async () => {
  await run();
  write("apps/tui/src/part.ts", "export const part = ;");
  const { stdout, stderr, code } = await run();
  expect({ stdout, code }).toEqual({ stdout: "", code: 1 });
  expect(stderr).toMatch("part.ts:1:20");
});

test("when the registry cannot be reached it says so, and the next run tries again", async () => {
  npx("echo 'npm error code ENOTFOUND' >&2; exit 1");
  const { stdout, stderr, code } = await run();
  expect({ stdout, code }).toEqual({ stdout: "", code: 1 });
  expect(stderr).toMatch("npm error code ENOTFOUND");
  expect(stderr).toMatch("bough: the npm registry cannot be reached");
  await run();
  expect(installs()).toHaveLength(2);
});
