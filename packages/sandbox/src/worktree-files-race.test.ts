import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { readFile, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { WorktreeFiles } from "./worktree-files.ts";

// Turns `folder` from a folder into a link that leads outside and back, as fast as it can.
const attack = `
  const { renameSync, rmSync, symlinkSync, unlinkSync } = require("node:fs");
  const succeeds = (step) => { try { step(); return true; } catch { return false; } };
  process.stdout.write("attacking");
  for (;;) {
    // The one who is attacked may have made the folder anew.
    if (!succeeds(() => renameSync("folder", "aside"))) succeeds(() => rmSync("folder", { recursive: true }));
    succeeds(() => symlinkSync("../outside", "folder"));
    succeeds(() => unlinkSync("folder"));
    succeeds(() => renameSync("aside", "folder"));
  }
`;

async function setUp() {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "bough-race-")));
  const root = join(base, "worktree");
  const outside = join(base, "outside");
  for (const [folder, content] of [
    [join(root, "folder"), "inside"],
    [outside, "secret"],
  ] as const) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "file"), content);
  }
  const attacker = spawn(process.execPath, ["-e", attack], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    const ended = new Promise((resolve) => attacker.once("exit", resolve));
    attacker.kill("SIGKILL");
    await ended;
    rmSync(base, { recursive: true, force: true });
  });
  await new Promise((resolve) => attacker.stdout.once("data", resolve));
  return { root, outside };
}

/** Repeats until it is done, at most for the given time; errors are what an attacked access may end with. */
async function repeat(mostMs: number, access: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + mostMs;
  while (performance.now() < end) {
    if (await access().catch(() => false)) return true;
  }
  return false;
}

async function checkThenUse(root: string, use: (path: string) => Promise<boolean>): Promise<boolean> {
  const path = join(root, "folder/file");
  if (!(await realpath(path)).startsWith(`${root}/`)) return false;
  return use(path);
}

test.runIf(process.platform === "linux")(
  "a folder swapped for a link while it is read leads nowhere else",
  async () => {
    const { root } = await setUp();
    const naive = () => checkThenUse(root, async (path) => (await readFile(path, "utf8")) === "secret");
    expect(await repeat(20_000, naive)).toBe(true);

    const files = new WorktreeFiles({ root });
    let reads = 0;
    const leaked = await repeat(1_000, async () => {
      const { bytes } = await files.read("folder/file");
      reads += 1;
      return Buffer.from(bytes).toString() !== "inside";
    });
    expect(leaked).toBe(false);
    expect(reads).toBeGreaterThan(0);
  },
);

test.runIf(process.platform === "linux")(
  "a folder swapped for a link while it is written to leads nowhere else",
  async () => {
    const { root, outside } = await setUp();
    const secret = () => readFileSync(join(outside, "file"), "utf8");
    const naive = () =>
      checkThenUse(root, async (path) => {
        await writeFile(path, "overwritten");
        return secret() === "overwritten";
      });
    expect(await repeat(20_000, naive)).toBe(true);

    writeFileSync(join(outside, "file"), "secret");
    const files = new WorktreeFiles({ root });
    let writes = 0;
    const leaked = await repeat(1_000, async () => {
      await files.write("folder/file", Buffer.from("mine"));
      await files.write("folder/deep/file", Buffer.from("mine"));
      writes += 1;
      return secret() !== "secret";
    });
    expect(leaked).toBe(false);
    expect(writes).toBeGreaterThan(0);
    expect(readdirSync(outside)).toEqual(["file"]);
  },
);
