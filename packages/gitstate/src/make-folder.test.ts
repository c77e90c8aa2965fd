import { mkdtemp, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "./make-folder.ts";

async function temporaryFolder(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "bough-test-")));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test("a folder is made with those above it, by several at once too", async () => {
  const path = join(await temporaryFolder(), "a", "b", "c");
  expect(await Promise.all([makeFolder(path), makeFolder(path), makeFolder(path)])).toEqual([path, path, path]);
  expect((await stat(path)).isDirectory()).toBe(true);
});

test("where none can be made, it says which folders to set", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "file"), "");
  const places = [join(folder, "file", "x"), ...(process.platform === "linux" ? ["/proc/none/x"] : [])];
  for (const place of places)
    await expect(makeFolder(place)).rejects.toThrow(/^Cannot make the folder .* Set XDG_STATE_HOME/);
});
