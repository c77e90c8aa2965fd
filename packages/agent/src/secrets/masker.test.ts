import { expect, test } from "vitest";
import { findMask, Masker } from "./masker.ts";

const masker = new Masker([
  { name: "ANTHROPIC_API_KEY", value: "sk-ant-0123456789abcdef" },
  { name: "PASSWORD", value: "Tr0ub4dor" },
  { name: "LONGER", value: "Tr0ub4dor&3" },
]);

test("a mask names the secret, the same wherever it stands", () => {
  expect(masker.mask("KEY=sk-ant-0123456789abcdef\nxsk-ant-0123456789abcdefx")).toBe(
    "KEY=[masked: ANTHROPIC_API_KEY]\nx[masked: ANTHROPIC_API_KEY]x",
  );
});

test("a short secret that is a part of a word stays", () => {
  expect(masker.mask("Tr0ub4dors aTr0ub4dor (Tr0ub4dor)")).toBe("Tr0ub4dors aTr0ub4dor ([masked: PASSWORD])");
});

test("of secrets that begin alike the longer one is masked", () => {
  expect(masker.mask("Tr0ub4dor&3")).toBe("[masked: LONGER]");
});

test("masking again changes nothing, and a mask is found", () => {
  const masked = masker.mask("a sk-ant-0123456789abcdef b");
  expect(masker.mask(masked)).toBe(masked);
  expect(findMask(masked)).toBe("[masked: ANTHROPIC_API_KEY]");
});

test("what overlaps is one mask", () => {
  const both = new Masker([{ name: "A", value: "0123456789abcdefgh" }], () => [{ start: 10, end: 25, name: "B" }]);
  expect(both.mask("0123456789abcdefghijklmnopqrstuv")).toBe("[masked: A]pqrstuv");
});
