import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { toolchainFolders } from "./toolchains.ts";

function shownFor(folders: readonly string[], searched: readonly string[]): string[] {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "bough-toolchains-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  const PATH = searched.map((folder) => join(root, folder)).join(":");
  return toolchainFolders([], { PATH })
    .filter((folder) => folder.startsWith(`${root}/`))
    .map((folder) => folder.slice(root.length + 1));
}

test("of a program that is installed in a folder of its own the whole folder is shown", () => {
  expect(shownFor(["tools/go/bin", "tools/go/lib"], ["tools/go/bin"])).toEqual(["tools/go"]);
});

test("of a repository that is searched for programs only the folder with programs is shown, and never the repository", () => {
  const folders = ["app/.git", "app/bin", "other/.git"];
  expect(shownFor(folders, ["app/bin", "other"])).toEqual(["app/bin"]);
});
