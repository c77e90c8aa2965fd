import { expect, test } from "vitest";
import { whatNext } from "./what-next.ts";

const asked = { branch: "bough/work", maxTurns: 3, maxCost: 0.5, maxTime: 60 };

test.each([
  ["turn-limit", 3, 'Go on with as much again: bough -p -r bough/work --max-turns 3 "Go on"'],
  ["cost-limit", 3, 'Go on with as much again: bough -p -r bough/work --max-cost 0.5 "Go on"'],
  ["cost-limit", 0, 'One request alone costs more. Allow more: bough -p -r bough/work --max-cost <USD> "Go on"'],
  ["time-limit", 3, 'Go on with as much again: bough -p -r bough/work --max-time 60 "Go on"'],
  ["token-limit", 3, 'Go on: bough -p -r bough/work "Go on"'],
  ["interrupted", 0, 'What was said and changed until then is kept. Go on: bough -p -r bough/work "Go on"'],
  [
    "loop",
    6,
    'Say what to do otherwise: bough -p -r bough/work "…", or take the turn back: bough rewind --in bough/work --turns 1',
  ],
  ["refused", 1, 'Ask in other words, or another model: bough -p -r bough/work -m <provider>/<id> "…"'],
  ["error", 0, ""],
  ["done", 1, ""],
] as const)("what to do after %s and %i replies", (stop, replies, text) => {
  expect(whatNext({ stop, replies }, asked)).toBe(text);
});
