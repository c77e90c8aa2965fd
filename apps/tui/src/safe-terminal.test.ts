import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { withSafeTerminals } from "./safe-terminal.ts";

function streams(isTTY: boolean) {
  const written: (string | Uint8Array)[] = [];
  const output = { isTTY, columns: 72, write: (text: string | Uint8Array) => written.push(text) };
  return { written, safe: withSafeTerminals({ stdin: Readable.from([]), stdout: output, stderr: output }) };
}

test("a terminal is sent no control, whoever writes it and in whatever parts", () => {
  const { written, safe } = streams(true);
  for (const part of ["\x1b", "]0;title\x07", Buffer.from("\x1b[2J")]) safe.stdout.write(part);
  safe.end();
  expect(written.join("")).toBe(String.raw`\x1b]0;title\x07\x1b[2J`);
  expect(safe.stdout).toMatchObject({ isTTY: true, columns: 72 });
});

test("a file or a pipe gets the bytes as they are", () => {
  const { written, safe } = streams(false);
  const bytes = Buffer.from([0x1b, 0xff, 0x00]);
  safe.stdout.write(bytes);
  safe.stderr.write("\x1b[2J");
  safe.end();
  expect(written).toEqual([bytes, "\x1b[2J"]);
});
