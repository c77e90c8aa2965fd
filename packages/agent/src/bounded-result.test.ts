import fc from "fast-check";
import { expect, test } from "vitest";
import { boundedResult } from "./bounded-result.ts";

test("a text of up to 32 KB is left as it is", () => {
  for (const text of ["", "short", "x".repeat(32_768), "ä".repeat(16_384)]) expect(boundedResult(text)).toBe(text);
});

test("of a long text the beginning and the end are given, in whole lines, and the cut is said", () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index + 1}`);
  const shown = boundedResult(lines.join("\n")).split("\n");
  const cut = shown.findIndex((line) => line.startsWith("["));
  expect(shown[cut]).toMatch(/^\[… 68,\d{3} bytes cut here …\]$/);
  expect(shown.slice(0, cut)).toEqual(lines.slice(0, cut));
  expect(shown.slice(cut + 1)).toEqual(lines.slice(-(shown.length - cut - 1)));
});

test("one line of a megabyte is cut within", () => {
  expect(boundedResult("x".repeat(1_000_000))).toBe(
    `${"x".repeat(20_480)}\n[… 969,280 bytes cut here …]\n${"x".repeat(10_240)}`,
  );
});

test("whatever the text, the result is bounded, well-formed and made of its beginning and its end", () => {
  const part = fc.constantFrom("\n", "é", "漢", "👩‍👧", "a\n", "x".repeat(999));
  const texts = fc.tuple(fc.array(part, { maxLength: 40 }), fc.nat({ max: 2_000 }), part);
  fc.assert(
    fc.property(texts, ([parts, times, filling]) => {
      const text = parts.join("") + filling.repeat(times) + parts.join("");
      const shown = boundedResult(text);
      expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(32_768);
      expect(shown.isWellFormed()).toBe(true);
      const [head = "", tail = ""] = shown.split(/\n\[… [\d,]+ bytes cut here …\]\n/);
      expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
    }),
  );
});
