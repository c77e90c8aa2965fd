import xterm from "@xterm/headless";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Line, Role, Style } from "../text/line.ts";
import { Frame } from "./frame.ts";
import { FrameWriter } from "./frame-writer.ts";
import { Theme } from "./theme.ts";

const theme = new Theme({ background: "dark", depth: "256" });
const ROWS = 6;
const COLUMNS = 20;

type Drawing = { readonly row: number; readonly column: number; readonly columns: number; readonly line: Line };

function frameOf(drawings: readonly Drawing[], rows = ROWS, columns = COLUMNS): Frame {
  const frame = new Frame(rows, columns, theme);
  for (const { line, ...area } of drawings) frame.draw({ ...area, rows: 1 }, [line]);
  return frame;
}

function terminal(rows = ROWS, columns = COLUMNS) {
  const emulator = new xterm.Terminal({ rows, cols: columns, allowProposedApi: true });
  const write = (text: string) => new Promise<void>((resolve) => emulator.write(text, resolve));
  const screen = () =>
    Array.from({ length: rows }, (_, row) => emulator.buffer.active.getLine(row)?.translateToString(false) ?? "");
  const lookAt = (row: number, column: number) => emulator.buffer.active.getLine(row)?.getCell(column);
  return { emulator, write, screen, lookAt };
}

const rowsOf = ({ rows, columns, characters }: Frame) =>
  Array.from({ length: rows }, (_, row) => characters.slice(row * columns, (row + 1) * columns).join(""));

const text = (value: string, style?: Style): Line => [style === undefined ? { text: value } : { text: value, style }];

const ownSequence = /\p{Cc}\[[0-9;?]*[a-zA-Z]/gu;

test("a terminal shows what was drawn", async () => {
  const { write, screen, lookAt } = terminal();
  const drawings = [{ row: 1, column: 2, columns: 10, line: text("日本 ok", { role: "accent", bold: true }) }];
  await write(new FrameWriter().write(frameOf(drawings)));
  expect(screen()[1]).toBe(`  日本 ok${" ".repeat(11)}`);
  expect([lookAt(1, 2)?.getFgColor(), lookAt(1, 2)?.isBold() !== 0, lookAt(1, 0)?.isBold()]).toEqual([80, true, 0]);
});

test("nothing is written when nothing changed", () => {
  const writer = new FrameWriter();
  const drawings = [{ row: 0, column: 0, columns: 20, line: text("same") }];
  writer.write(frameOf(drawings));
  expect(writer.write(frameOf(drawings))).toBe("");
});

test("what changed is written as one update, and little besides", () => {
  const writer = new FrameWriter();
  writer.write(frameOf([{ row: 2, column: 0, columns: 20, line: text("count 41 of 99") }]));
  const update = writer.write(frameOf([{ row: 2, column: 0, columns: 20, line: text("count 42 of 99") }]));
  expect(update).toBe("\x1b[?2026h\x1b[?25l\x1b[3;8H\x1b[0m2\x1b[0m\x1b[?25l\x1b[?2026l");
});

test("nothing is drawn outside of its area", () => {
  const frame = frameOf([{ row: 0, column: 18, columns: 9, line: text("日本語") }], 2);
  expect(rowsOf(frame)).toEqual([`${" ".repeat(18)}日`, " ".repeat(20)]);
  const narrow = frameOf([{ row: 0, column: 0, columns: 3, line: text("日本語") }], 1);
  expect(rowsOf(narrow)).toEqual([`日${" ".repeat(18)}`]);
});

test("half of a wide character that is drawn over is a blank", () => {
  const line = text("x");
  const wide = { row: 0, column: 0, columns: 20, line: text("日本") };
  expect(rowsOf(frameOf([wide, { row: 0, column: 1, columns: 1, line }], 1))[0]).toBe(` x本${" ".repeat(16)}`);
  expect(rowsOf(frameOf([wide, { row: 0, column: 2, columns: 1, line }], 1))[0]).toBe(`日x ${" ".repeat(16)}`);
});

test("a control character that nobody escaped is not written", () => {
  const frame = frameOf([{ row: 0, column: 0, columns: 20, line: text("a\x1b[2Jb\x9bc") }]);
  const written = new FrameWriter().write(frame);
  expect(written.replaceAll(ownSequence, "")).not.toMatch(/\p{Cc}/u);
  expect(written).not.toContain("\x1b[2Jb");
});

test("after a resize all is written anew", async () => {
  const writer = new FrameWriter();
  const { emulator, write, screen } = terminal();
  await write("\x1b[?1049h");
  await write(writer.write(frameOf([{ row: 5, column: 0, columns: 20, line: text("bottom") }])));
  emulator.resize(10, 3);
  await write(writer.write(frameOf([{ row: 0, column: 0, columns: 10, line: text("top") }], 3, 10)));
  expect(
    screen()
      .slice(0, 3)
      .map((row) => row.trimEnd()),
  ).toEqual(["top", "", ""]);
});

const roles: readonly Role[] = ["accent", "muted", "selected", "added-part"];
const drawing: fc.Arbitrary<Drawing> = fc.record({
  row: fc.integer({ min: -1, max: ROWS }),
  column: fc.integer({ min: -2, max: COLUMNS }),
  columns: fc.integer({ min: 0, max: COLUMNS }),
  line: fc.array(
    fc.record({
      text: fc.string({ unit: fc.constantFrom("a", "b", " ", "日", "é", "本"), maxLength: 8 }),
      style: fc.record({ role: fc.constantFrom(...roles), bold: fc.boolean() }),
    }),
    { maxLength: 4 },
  ),
});

test("whatever picture follows whatever other, the terminal shows it, looks and all", async () => {
  const pictures = fc.array(fc.array(drawing, { maxLength: 6 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(pictures, async (drawn) => {
      const { write, screen, lookAt } = terminal();
      const writer = new FrameWriter();
      for (const drawings of drawn) {
        const frame = frameOf(drawings);
        await write(writer.write(frame));
        expect(screen()).toEqual(rowsOf(frame));
        for (const [index, look] of frame.looks.entries()) {
          const isBold = look.split(";").includes("1");
          expect(lookAt(Math.floor(index / COLUMNS), index % COLUMNS)?.isBold() !== 0).toBe(isBold);
        }
      }
    }),
    { numRuns: 60 },
  );
});
