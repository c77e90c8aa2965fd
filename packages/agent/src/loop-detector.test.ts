import type { CallBlock, ResultBlock } from "@bough/models";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LoopDetector } from "./loop-detector.ts";

let calls = 0;

/** A step that calls one tool; every call has an id of its own. */
function step(input: Record<string, unknown>, text: string): [CallBlock[], ResultBlock[]] {
  const [id, name] = [`call-${++calls}`, "Bash"];
  return [[{ type: "call", id, name, input }], [{ type: "result", id, name, text }]];
}

const verdicts = (steps: Iterable<string>, detector = new LoopDetector()) =>
  Array.from(steps, (letter) => detector.observe(...step({ command: letter }, `did ${letter}`)).type);

/** W for a warning, S for a stop, a point for none. */
const told = (steps: string) =>
  verdicts(steps)
    .map((type) => ({ none: ".", warn: "W", stop: "S" })[type])
    .join("");

test.each([
  ["AAAAAAA", "..W..SS"],
  ["ABABABABABAB", ".....W.....S"],
  ["ABCABCABCABCABCABC", "........W........S"],
  // The round may begin anywhere, and something else before.
  ["XYABABABABABAB", ".......W.....S"],
])("the model is told of a loop once, and then the turn ends: %s", (steps, expected) => {
  expect(told(steps)).toBe(expected);
});

test.each(["ABCDEFGHIJ", "AABBCCDD", "AABAABCAAB", "ABACADAEAF"])(
  "steps that go somewhere are no loop: %s",
  (steps) => {
    expect(told(steps)).not.toMatch(/[WS]/);
  },
);

test("a loop that was left and is entered again is told of again", () => {
  expect(told("AAAAXAAAA")).toBe("..W....W.");
});

test("the same call with another result is no loop, as a job that is polled", () => {
  const detector = new LoopDetector();
  const seen = Array.from({ length: 50 }, (_, n) => detector.observe(...step({ action: "logs" }, `line ${n}`)).type);
  expect(new Set(seen)).toEqual(new Set(["none"]));
});

test("the order of an input's fields means nothing", () => {
  const detector = new LoopDetector();
  const seen = [
    { a: 1, b: { c: 2, d: 3 } },
    { b: { d: 3, c: 2 }, a: 1 },
    { a: 1, b: { c: 2, d: 3 } },
  ].map((input) => detector.observe(...step(input, "same")).type);
  expect(seen).toEqual(["none", "none", "warn"]);
});

test("after something new was said a loop is counted from the beginning", () => {
  const detector = new LoopDetector();
  expect(verdicts("AAAAA", detector)).toContain("warn");
  detector.reset();
  expect(verdicts("AAA", detector)).toEqual(["none", "none", "warn"]);
});

test("the warning names the round", () => {
  const detector = new LoopDetector();
  const texts = Array.from("ABABAB", (letter) => {
    const verdict = detector.observe(...step({ letter }, ""));
    return verdict.type === "warn" ? verdict.text : "";
  });
  expect(texts.join("")).toContain("The same 2 steps were made 3 times");
});

const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 30 });

test("property: a round of up to six steps that is made six times ends the turn, whatever was before", () => {
  const rounds = fc.string({ unit: fc.constantFrom("x", "y", "z"), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.tuple(letters, rounds), ([before, round]) => {
      expect(verdicts(before + round.repeat(6))).toContain("stop");
    }),
  );
});

test("property: a turn ends only when its last steps are one round made six times, and never without a warning", () => {
  const isLoop = (steps: string) => /(.{1,6}?)\1{5}$/s.test(steps);
  fc.assert(
    fc.property(letters, (steps) => {
      const seen = verdicts(steps);
      const stopped = seen.map((type, at) => (type === "stop" ? at : -1)).filter((at) => at >= 0);
      expect(stopped.filter((at) => !isLoop(steps.slice(0, at + 1)))).toEqual([]);
      const first = seen.indexOf("stop");
      if (first >= 0) expect(seen.slice(0, first)).toContain("warn");
    }),
    { numRuns: 500 },
  );
});

test("property: steps of which no two are alike are never told of", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 60 }), (steps) => {
      expect(verdicts(steps).filter((type) => type !== "none")).toEqual([]);
    }),
  );
});
