import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readTool } from "./read.ts";
import { worktreeFixtures } from "./worktree-fixture.ts";

const worktreeFixture = worktreeFixtures(onTestFinished);

async function read(content: string | Uint8Array, part: Record<string, unknown> = {}): Promise<string> {
  const { call } = worktreeFixture({ file: content });
  return (await call(readTool, { file_path: "file", ...part })).text;
}

test("lines are numbered", async () => {
  expect(await read("one\n\ttvå\n\nfour\n")).toBe("     1\tone\n     2\t\ttvå\n     3\n     4\tfour");
});

test("a part is read with offset and limit, also when they are strings, and what is left is said", async () => {
  const text = Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join("");
  const part = "     4\tline 4\n     5\tline 5\n(… lines 6-10 not shown; read on with offset 6)";
  expect(await read(text, { offset: 4, limit: 2 })).toBe(part);
  expect(await read(text, { offset: "4", limit: "2" })).toBe(part);
  expect(await read(text, { offset: 10, limit: null })).toBe("    10\tline 10");
  await expect(read(text, { offset: 11 })).rejects.toThrow("file has 10 lines, so there is no line 11");
  await expect(read(text, { offset: 0 })).rejects.toThrow();
});

test("a long file is cut to about 30 KB and 2000 lines, and can be read on", async () => {
  const wide = await read(`${"x".repeat(99)}\n`.repeat(1_000));
  expect(Buffer.byteLength(wide)).toBeLessThan(30_200);
  expect(wide).toMatch(/\(… lines 281-1000 not shown; read on with offset 281\)$/);
  expect(await read("x\n".repeat(5_000))).toMatch(
    / {2}2000\tx\n\(… lines 2001-5000 not shown; read on with offset 2001\)$/,
  );
});

test("a long line is clipped and said to be", async () => {
  expect(await read(`${"x".repeat(1_000_000)}\nnext\n`)).toMatch(
    /^ {5}1\tx{2000} \[… line clipped, 1,000,000 characters in all\]\n {5}2\tnext$/,
  );
});

test("an empty file is said to be", async () => {
  expect(await read("")).toBe("file is empty.");
});

test("line ends, byte order marks, other encodings and a missing last line break are said once", async () => {
  expect(await read("one\r\ntwo\r\n")).toBe("     1\tone\n     2\ttwo\n(lines end with CRLF)");
  expect(await read("one\r\ntwo\n")).toContain("(1 of 2 lines end with CRLF, the others with LF)");
  expect(await read("\ufeffone\n")).toBe("     1\tone\n(starts with a byte order mark)");
  expect(await read("one")).toBe("     1\tone\n(no line break at the end of the file)");
  expect(await read(Buffer.from("h\xe9\n", "latin1"))).toBe("     1\thé\n(not UTF-8, shown as Latin-1)");
  expect(await read(Buffer.from("\ufeffhé\n", "utf16le"))).toBe("     1\thé\n(stored as UTF-16LE)");
});

test("a binary file is described and not shown", async () => {
  expect(await read(Buffer.from("\x89PNG\r\n\x1a\n\0\0", "latin1"))).toBe(
    "file is not a text file: PNG image, 10 bytes. Nothing of it is shown.",
  );
  expect(await read(Buffer.alloc(2_500_000))).toContain("unknown kind, 2.5 MB");
});

test("a folder is not read, and Ls is named", async () => {
  const { call, root } = worktreeFixture();
  mkdirSync(join(root, "src"));
  await expect(call(readTool, { file_path: "src" })).rejects.toThrow("src is a folder. Use Ls");
});

test("for a missing file similar names in its folder are given", async () => {
  const { call } = worktreeFixture({ "src/client.ts": "", "src/server.ts": "", "src/client.test.ts": "" });
  const read = (file_path: string) => call(readTool, { file_path });
  await expect(read("src/clinet.ts")).rejects.toThrow("There is no src/clinet.ts. Did you mean src/client.ts or");
  await expect(read("scr/client.ts")).rejects.toThrow("There is no scr. Did you mean src?");
  await expect(read("src/zzz")).rejects.toThrow("The folder src has no name like it; Ls shows what it has.");
});

test("what lies outside the worktree is refused with the reason", async () => {
  const { call } = worktreeFixture();
  await expect(call(readTool, { file_path: "/etc/passwd" })).rejects.toThrow("it leads outside the worktree");
});

test("a picture is shown, one that is too large or broken described", async () => {
  const size = (side: number) => Buffer.from([0, 0, side >> 8, side & 0xff]);
  const png = (side: number, data = 0) =>
    Buffer.concat([
      Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1"),
      size(side),
      size(side),
      Buffer.alloc(data),
      Buffer.from("IEND\xaeB`\x82", "latin1"),
    ]);
  const { call } = worktreeFixture({ good: png(800), wide: png(8_001), big: png(10, 4_000_000), odd: png(0) });
  const shown = await call(readTool, { file_path: "good" });
  expect(shown).toEqual({
    text: "good is a picture: image/png, 800 × 800 pixels, 32 bytes.",
    image: { mediaType: "image/png", bytes: png(800) },
  });
  for (const file_path of ["wide", "big"]) {
    const { text, image } = await call(readTool, { file_path });
    expect(image).toBeUndefined();
    expect(text).toContain("It is not shown: it may have 3.9 MB and 8000 pixels a side at most.");
  }
  expect((await call(readTool, { file_path: "odd" })).text).toContain("odd is not a text file: PNG image");
});
