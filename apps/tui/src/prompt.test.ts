import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { UsageError } from "./exit-code.ts";
import { readPrompt } from "./prompt.ts";

/** Standard input that holds what is piped in, or the one given; what is said on standard error is kept. */
function streamsWith(stdin: Readable) {
  const said: string[] = [];
  const stderr = { write: (text: string) => said.push(text) };
  return { stdin, stdout: { write: () => {} }, stderr, said };
}

const piped = (...chunks: string[]) => streamsWith(Readable.from(chunks.map((chunk) => Buffer.from(chunk))));
const terminal = () => streamsWith(Object.assign(new Readable({ read() {} }), { isTTY: true }));

test("on a terminal the prompt is the argument", async () => {
  expect(await readPrompt("fix it", terminal())).toBe("fix it");
});

test("what is piped in is the prompt where there is no argument", async () => {
  expect(await readPrompt(undefined, piped("explain\n", "this\n"))).toBe("explain\nthis");
});

test("what is piped in follows the argument", async () => {
  expect(await readPrompt("explain this", piped("a log\n"))).toBe("explain this\n\na log");
});

test("a character that is cut between two chunks is read whole", async () => {
  const bytes = Buffer.from("ä");
  const streams = streamsWith(Readable.from([bytes.subarray(0, 1), bytes.subarray(1)]));
  expect(await readPrompt(undefined, streams)).toBe("ä");
});

test("an empty pipe adds nothing", async () => {
  expect(await readPrompt("fix it", piped())).toBe("fix it");
});

test("a pipe that stays silent is given up where there is an argument", async () => {
  const streams = streamsWith(new Readable({ read() {} }));
  expect(await readPrompt("fix it", streams, 1)).toBe("fix it");
  expect(streams.said.join("")).toMatch("nothing came on standard input");
});

test.each([
  ["nothing at all", undefined, piped()],
  ["an empty argument", "", piped()],
  ["blanks", " ", piped(" \n")],
  ["nothing on a terminal", undefined, terminal()],
])("%s is no prompt", async (_, argument, streams) => {
  await expect(readPrompt(argument, streams)).rejects.toThrow(UsageError);
});
