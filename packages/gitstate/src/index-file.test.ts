import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { toBytePath } from "./byte-path.ts";
import { IndexFile } from "./index-file.ts";

const ID = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

async function readIndex(repository: TemporaryRepository, format: "sha1" | "sha256" = "sha1"): Promise<IndexFile> {
  return IndexFile.parse(await readFile(join(repository.path, ".git/index")), format);
}

function entries(...paths: string[]) {
  return new Map(paths.map((path) => [toBytePath(path), { mode: 0o100644, id: ID, stat: undefined }]));
}

test.each(["sha1", "sha256"] as const)(
  "git reads back an index of %s that was read and written",
  async (objectFormat) => {
    const long = `${"d".repeat(200)}/`.repeat(21);
    await using repository = await temporaryRepository({
      objectFormat,
      files: { "a.txt": "a\n", "b/é": "b\n", "b.txt": "b\n" },
    });
    const listing = await repository.git("ls-files", "--stage", "--debug");
    const index = await readIndex(repository, objectFormat);
    await writeFile(join(repository.path, ".git/index"), index.format());
    expect(await repository.git("ls-files", "--stage", "--debug")).toBe(listing);
    expect(await repository.git("status", "--short")).toBe("");
    const id = index.id(toBytePath("a.txt")) ?? "";
    index.apply(new Map([[toBytePath(`${long}x`), { mode: 0o100755, id, stat: undefined }]]));
    await writeFile(join(repository.path, ".git/index"), index.format());
    expect(await repository.git("ls-files", "--stage")).toContain(`100755 ${id} 0\t${long}x`);
  },
);

test("a new file takes the place of a folder, and a new folder that of a file, and both can be taken back", async () => {
  await using repository = await temporaryRepository({ files: { "a/b/c": "1", "a/d": "1", "a-b": "1", f: "1" } });
  const index = await readIndex(repository);
  const before = index.format();
  const undo = index.apply(entries("a", "f/g"));
  await writeFile(join(repository.path, ".git/index"), index.format());
  expect(await repository.git("ls-files")).toBe("a\na-b\nf/g");
  undo();
  expect(index.format()).toEqual(before);
});

test("entries stand in the order of their bytes", async () => {
  await using repository = await temporaryRepository({ files: { m: "1" } });
  const index = await readIndex(repository);
  index.apply(entries("z", "é", "a/b", "a.b", "A", "日本"));
  await writeFile(join(repository.path, ".git/index"), index.format());
  const names = await repository.git("-c", "core.quotePath=false", "ls-files");
  expect(names).toBe("A\na.b\na/b\nm\nz\né\n日本");
});

test("two indexes of the same blobs agree, whatever they remember of the files", async () => {
  await using repository = await temporaryRepository({ files: { a: "", b: "1" } });
  const [ours, theirs] = [await readIndex(repository), await readIndex(repository)];
  theirs.apply(entries("a"));
  expect(ours.sameContent(theirs)).toBe(true);
  theirs.apply(entries("b"));
  expect(ours.sameContent(theirs)).toBe(false);
  expect([ours.agrees(theirs, toBytePath("a")), ours.agrees(theirs, toBytePath("b"))]).toEqual([true, false]);
});

test.each([
  ["of version 4", ["update-index", "--index-version", "4"]],
  ["that is split", ["update-index", "--split-index"]],
])("an index %s is refused instead of misread", async (_, args) => {
  await using repository = await temporaryRepository({ files: { a: "1" } });
  await repository.git(...args);
  await expect(readIndex(repository)).rejects.toThrow(/^Cannot read the index/);
});
