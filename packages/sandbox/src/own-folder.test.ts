import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const module = join(import.meta.dirname, "own-folder.ts");

function runWith(place: string, program: string) {
  const code = `import { makeOwnFolder } from ${JSON.stringify(module)}; ${program}`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module-typescript", "--eval", code], {
    env: { ...process.env, TMPDIR: place },
    encoding: "utf8",
  });
  return stdout.trim();
}

test("a folder goes with its process, and one that was left by a killed process is swept after a day", () => {
  const place = realpathSync(mkdtempSync(join(tmpdir(), "bough-own-folder-")));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const left = runWith(place, 'console.log(makeOwnFolder()); process.kill(process.pid, "SIGKILL")');
  expect(readdirSync(left).sort()).toEqual(["home", "shell", "tmp"]);
  const mine = join(place, `bough-shell-${process.pid}-aaaaaa`);
  mkdirSync(mine);

  const fresh = runWith(place, "console.log(makeOwnFolder())");
  expect(existsSync(fresh)).toBe(false);
  expect(existsSync(left)).toBe(true);

  const dayBeforeYesterday = Date.now() / 1000 - 2 * 24 * 60 * 60;
  for (const folder of [join(left, "shell"), left, mine]) utimesSync(folder, dayBeforeYesterday, dayBeforeYesterday);
  runWith(place, "makeOwnFolder()");
  expect(readdirSync(place)).toEqual([`bough-shell-${process.pid}-aaaaaa`]);
});
