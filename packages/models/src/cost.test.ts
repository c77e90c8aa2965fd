import fc from "fast-check";
import { expect, test } from "vitest";
import { costOf } from "./cost.ts";

const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
const usage = (tokens: Partial<Parameters<typeof costOf>[0]>) => ({
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  ...tokens,
});

test("each kind of token has its price, by the million", () => {
  expect(costOf(usage({ input: 1_000_000 }), price)).toBe(3);
  expect(costOf(usage({ output: 1_000_000 }), price)).toBe(15);
  expect(costOf(usage({ cacheRead: 1_000_000 }), price)).toBe(0.3);
  expect(costOf(usage({ cacheWrite: 1_000_000 }), price)).toBe(3.75);
  expect(costOf(usage({ input: 320, output: 311, cacheRead: 4800 }), price)).toBe(0.007065);
});

test("where a cache has no price of its own, its tokens cost what others do", () => {
  expect(costOf(usage({ cacheRead: 500_000, cacheWrite: 500_000 }), { input: 2, output: 8 })).toBe(2);
});

test("all tokens of a long request cost more, the cached ones counted as sent", () => {
  const tiered = {
    ...price,
    long: [
      { over: 200_000, input: 6, output: 22.5, cacheRead: 0.6 },
      { over: 500_000, input: 9, output: 30 },
    ],
  };
  expect(costOf(usage({ input: 100_000, cacheRead: 100_000 }), tiered)).toBe(0.33);
  expect(costOf(usage({ input: 100_000, cacheRead: 100_001, output: 1000 }), tiered)).toBe(0.6825006);
  expect(costOf(usage({ input: 600_000 }), tiered)).toBe(5.4);
});

test("property: more tokens never cost less", () => {
  const tokens = fc.nat({ max: 2_000_000 });
  const amounts = fc.record({ input: tokens, output: tokens, cacheRead: tokens, cacheWrite: tokens });
  const more = fc.constantFrom("input" as const, "output" as const, "cacheRead" as const, "cacheWrite" as const);
  const tiered = { ...price, long: [{ over: 200_000, input: 6, output: 22.5, cacheRead: 0.6, cacheWrite: 7.5 }] };
  fc.assert(
    fc.property(amounts, more, (given, kind) => {
      expect(costOf({ ...given, [kind]: given[kind] + 1 }, tiered)).toBeGreaterThan(costOf(given, tiered));
    }),
  );
});
