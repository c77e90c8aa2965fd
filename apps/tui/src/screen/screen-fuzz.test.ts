import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScreen } from "./screen-fixture.ts";

let repository: TemporaryRepository;
beforeAll(async () => {
  repository = await temporaryRepository({ enter: true, files: { "README.md": "# A project\n" } });
});
afterAll(() => repository[Symbol.asyncDispose]());

/** What a terminal obeys that we send: looks, places, and an update that is shown as one. */
const own = /\p{Cc}\[(?:[\d;]*m|\d+;\d+H|2J|\?25[hl]|\?2026[hl])/gu;

/** Texts that go for the terminal: sequences of every kind, whole and cut, and what is wide, joined or turned around. */
const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom(
    "\x1b]52;c;cm0gLXJmIH4=\x07",
    "\x1b]0;owned\x07",
    "\x1b[2J\x1b[H",
    "\x1b[?1049l",
    "\x1bPq#0;2;0;0;0\x1b\\",
    "\x9b31m",
    "\x1b[",
    "\u202e",
    "a\rb\bc",
    "\u{e0041}",
    "👩‍👩‍👧‍👦",
    "日本語",
    "`".repeat(5),
    "| a | b |\n|---|---|\n",
    "```ts\nlet a = 1\n",
    "\n\n- ",
  ),
);

/** What may come from a keyboard, or from whoever writes to the terminal's other end. */
const keys = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc
    .constantFrom(
      "\x1b[A",
      "\x1b[5~",
      "\x1b.",
      "\x1bn",
      "\x0f",
      "\x13",
      "?",
      "\x1b",
      "\x03",
      "\x1b[200~x\ny\x1b[201~",
      "\x1b[<64;3;3M",
    )
    .map((text) => new TextEncoder().encode(text)),
);

const chrome = (shown: string) => shown.split("\n").slice(-4, -1);

test("whatever is typed, nothing but our own sequences is written", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(keys, { maxLength: 25 }), async (pressed) => {
      await using seen = await openScreen(repository, []);
      for (const bytes of pressed) {
        // Enter would start a session for each of them.
        seen.screen.take(bytes.filter((byte) => byte !== 13));
        seen.clock.pass(200);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await seen.settled();
      expect(seen.written.join("").replaceAll(own, "")).not.toMatch(/\p{Cc}/u);
      expect(seen.emulator.buffer.active.type).toBe("alternate");
    }),
    { numRuns: 60 },
  );
});

test("whatever a model says, it stays in the transcript, and nothing but our own sequences is written", async () => {
  await using seen = await openScreen(repository, [], { rows: 14, columns: 40 });
  const before = await seen.until((shown) => shown.includes("What is to be done?"));
  const { transcript } = seen.program.active;
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 12 }), async (parts) => {
      transcript.clear();
      const branch = "bough/x";
      transcript.take({ type: "turn-start", branch, turn: 1, prompt: parts.join("") }, 0);
      for (const text of parts) {
        transcript.take({ type: "text-delta", branch, text }, 0);
        seen.screen.changed();
        await new Promise((resolve) => setImmediate(resolve));
      }
      transcript.take(
        { type: "tool-start", branch, id: "1", name: parts.join(""), input: { command: parts.join("") } },
        0,
      );
      transcript.take(
        { type: "tool-end", branch, id: "1", name: "x", text: parts.join(""), isError: true, isDenied: false },
        0,
      );
      seen.screen.changed();
      await seen.settled();
      expect(chrome(seen.shown())).toEqual(chrome(before));
      expect(seen.shown().split("\n").slice(1, 3)).toEqual([" 1 new", ""]);
    }),
    { numRuns: 80 },
  );
  expect(seen.written.join("").replaceAll(own, "")).not.toMatch(/\p{Cc}/u);
});
