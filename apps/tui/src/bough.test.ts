import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";

const program = join(import.meta.dirname, "bough.ts");
let caches: string;

beforeEach(() => {
  caches = mkdtempSync(join(tmpdir(), "bough-caches-"));
});

afterEach(() => {
  rmSync(caches, { recursive: true, force: true });
});

function start(...args: string[]) {
  return spawn(process.execPath, [program, ...args], { env: environment() });
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, XDG_CACHE_HOME: caches };
}

test("the exit code is the status of the process", async () => {
  const child = start("--nonsense");
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect({ stderr, code }).toEqual({
    stderr: "bough: Unknown flag --nonsense. `bough --help` lists the flags.\n",
    code: 2,
  });
});

test("it ends quietly when nobody reads its output", async () => {
  const child = start("--help");
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
});

test.skipIf(!existsSync("/dev/full"))("it says in a line why it cannot print", async () => {
  const child = spawn("bash", ["-c", '"$@" >/dev/full', "bash", process.execPath, program, "--help"], {
    env: environment(),
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect(stderr).toMatch(/^bough: unexpected error: ENOSPC.*\nSet BOUGH_DEBUG=1 to see where it comes from.\n$/);
  expect(code).toBe(1);
});

test("compiled code is cached in the user's own cache folder", async () => {
  await once(start("--version"), "close");
  expect(readdirSync(join(caches, "bough"))).toEqual(["compile-cache"]);
});
