import { expect, test } from "vitest";
import { forkId, isOurs, isSessionId, newSessionId, rootSession } from "./lineage.ts";

const S = "01jd3xabcdefghjkmnpqrstvwx";

test("ids sort by the time they were made and never repeat", () => {
  const ids = [1, 2, 1_800_000_000_000].map((now) => newSessionId(now));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(Array.from({ length: 1000 }, () => newSessionId(7))).size).toBe(1000);
});

test("a fork's id names its whole lineage", () => {
  const fork = forkId(forkId(S, 7, 1), 12, 2);
  expect(fork).toBe(`${S}.7-1.12-2`);
  expect(rootSession(fork)).toBe(S);
  expect([S, fork].every(isSessionId)).toBe(true);
  expect(["", "main", `${S}.7`, `${S}.7-1-1`, `${S}\n`].some(isSessionId)).toBe(false);
});

test("a session owns its own records and its ancestors' up to the step it left them after", () => {
  const fork = forkId(S, 7, 1);
  expect(isOurs(fork, { session: fork, step: 99 })).toBe(true);
  expect(isOurs(fork, { session: S, step: 7 })).toBe(true);
  expect(isOurs(fork, { session: S, step: 8 })).toBe(false);
  expect(isOurs(S, { session: fork, step: 1 })).toBe(false);
  expect(isOurs(forkId(S, 7, 11), { session: fork, step: 1 })).toBe(false);
});
