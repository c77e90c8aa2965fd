import { expect, test } from "vitest";
import { checkLimits } from "./limits.ts";

test("no limit is a limit too", () => {
  expect(checkLimits()).toEqual({});
  expect(checkLimits({ replies: undefined })).toEqual({ replies: undefined });
  expect(checkLimits({ replies: 1, seconds: 0.5 })).toEqual({ replies: 1, seconds: 0.5 });
});

test.each([{ replies: 0 }, { replies: 1.5 }, { replies: -1 }, { replies: Number.NaN }])(
  "replies are counted: %j",
  (limits) => {
    expect(() => checkLimits(limits)).toThrow(
      `limits.replies is ${limits.replies}; it takes a whole number from 1 on.`,
    );
  },
);

test.each([{ seconds: 0 }, { seconds: -1 }, { seconds: Number.NaN }, { seconds: Number.POSITIVE_INFINITY }])(
  "seconds are what a timer can wait for: %j",
  (limits) => {
    expect(() => checkLimits(limits)).toThrow(`limits.seconds is ${limits.seconds}`);
  },
);

test.each([{ tokens: 0 }, { tokens: 0.5 }, { tokens: Number.POSITIVE_INFINITY }])(
  "tokens are counted: %j",
  (limits) => {
    expect(() => checkLimits(limits)).toThrow(`limits.tokens is ${limits.tokens}; it takes a whole number from 1 on.`);
  },
);

test.each([{ cost: 0 }, { cost: -1 }, { cost: Number.NaN }, { cost: Number.POSITIVE_INFINITY }])(
  "cost is an amount of money: %j",
  (limits) => {
    expect(() => checkLimits(limits)).toThrow(
      `limits.cost is ${limits.cost}; it takes a number of US dollars above 0.`,
    );
  },
);
