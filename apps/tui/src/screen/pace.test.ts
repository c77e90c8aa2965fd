import { expect, test } from "vitest";
import { type Clock, Pace } from "./pace.ts";

/** A clock that stands until it is turned. */
function standing() {
  let now = 0;
  let held: { readonly at: number; readonly callback: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after(milliseconds, callback) {
      const one = { at: now + milliseconds, callback };
      held.push(one);
      return () => {
        held = held.filter((other) => other !== one);
      };
    },
  };
  const pass = (milliseconds: number) => {
    now += milliseconds;
    const due = held.filter(({ at }) => at <= now);
    held = held.filter(({ at }) => at > now);
    for (const { callback } of due) callback();
  };
  return { clock, pass, waits: () => held.length };
}

function drawing() {
  const { clock, pass, waits } = standing();
  const drawn: number[] = [];
  const pace = new Pace(() => drawn.push(clock.now()), clock);
  return { pace, pass, waits, drawn };
}

test("what changes in the same moment is one picture", () => {
  const { pace, pass, drawn } = drawing();
  for (let change = 0; change < 100; change++) pace.want();
  pass(0);
  expect(drawn).toEqual([0]);
});

test("there are 30 pictures a second at most, and the last change is seen", () => {
  const { pace, pass, drawn } = drawing();
  for (let time = 0; time < 1000; time++) {
    pace.want();
    pass(1);
  }
  expect(drawn.length).toBeLessThanOrEqual(31);
  expect(drawn.length).toBeGreaterThan(25);
  const before = drawn.length;
  pass(100);
  expect(drawn.length).toBe(before + 1);
});

test("a terminal that is behind is not drawn on, and catches up with one picture", () => {
  const { pace, pass, drawn } = drawing();
  pace.setBusy(true);
  for (let time = 0; time < 10; time++) {
    pace.want();
    pass(100);
  }
  expect(drawn).toEqual([]);
  pace.setBusy(false);
  pass(0);
  expect(drawn).toEqual([1000]);
});

test("where nothing changes nothing is waited for", () => {
  const { pace, pass, waits } = drawing();
  pace.want();
  pass(0);
  expect(waits()).toBe(0);
  pace.want();
  pace.stop();
  expect(waits()).toBe(0);
});
