import fc from "fast-check";
import { expect, test } from "vitest";
import { findKnownShapes } from "./known-shapes.ts";
import { MaskStream } from "./mask-stream.ts";
import { Masker } from "./masker.ts";

const secrets = [
  { name: "API_KEY", value: "k3y-0123456789abcdef" },
  { name: "PASSWORD", value: "Tr0ub4dor" },
];
const masker = new Masker(secrets, findKnownShapes);
const token = `ghp_${"aB3dE5gH7jK9".repeat(3)}`;
const key = `-----BEGIN PRIVATE KEY-----\n${`MIIE${"vQIB".repeat(15)}\n`.repeat(5)}-----END PRIVATE KEY-----`;

const anyText = fc
  .array(fc.constantFrom("k3y-0123456789abcdef", "Tr0ub4dor", token, key, " ", "\n", "\r\n", "\r", "word", "=", "-"), {
    maxLength: 30,
  })
  .map((parts) => parts.join(""));

/** Divides a text at the given places. */
function divide(text: string, places: readonly number[]): string[] {
  const cuts = [0, ...places.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length];
  return cuts.slice(1).map((cut, index) => text.slice(cuts[index], cut));
}

function stream(parts: readonly string[], by: Masker = masker): string {
  const masked = new MaskStream(by);
  return [...parts.map((part) => masked.push(part)), masked.end()].join("");
}

test("however a text is divided, it is masked as the whole is", () => {
  fc.assert(
    fc.property(anyText, fc.array(fc.nat(), { maxLength: 12 }), (text, places) => {
      expect(stream(divide(text, places))).toBe(masker.mask(text));
    }),
  );
});

test("a line is let go when it ends, and a private key when it ends", () => {
  const masked = new MaskStream(masker);
  expect(masked.push("one\ntwo Tr0ub")).toBe("one\n");
  expect(masked.push("4dor\n")).toBe("two [masked: PASSWORD]\n");
  expect(masked.push("-----BEGIN PRIVATE KEY-----\n")).toBe("");
  expect(masked.push(`${"MIIEvQIB".repeat(8)}\n`)).toBe("");
  expect(masked.push("-----END PRIVATE KEY-----\nthree\n")).toBe("[masked: private key]\nthree\n");
});

test("a line without an end is let go in parts, and no part shows a piece of a secret", () => {
  const text = `${"word ".repeat(10_000)}k3y-0123456789abcdef `.repeat(3);
  const parts = text.match(/.{1,1000}/g) ?? [];
  const masked = new MaskStream(masker);
  const shown = parts.map((part) => masked.push(part));
  expect(shown.filter((part) => part !== "").length).toBeGreaterThan(5);
  expect([...shown, masked.end()].join("")).toBe(masker.mask(text));
});
