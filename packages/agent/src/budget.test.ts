import fc from "fast-check";
import { expect, test } from "vitest";
import { Budget } from "./budget.ts";
import type { Limits } from "./limits.ts";

const reply = (tokens: number, cost?: number) => ({
  usage: { input: tokens, output: 0, cacheRead: 0, cacheWrite: 0 },
  cost,
});

function spend(budget: Budget, tokens: number, cost?: number): void {
  budget.open().settle(reply(tokens, cost));
}

test("without limits nothing is ever reached", () => {
  const budget = new Budget();
  spend(budget, 1e12);
  expect(budget.check({ tokens: 1e12, cost: 1e12 })).toBeUndefined();
  expect(budget.deadline).toBeUndefined();
});

test("replies are counted up to the limit", () => {
  const budget = new Budget({ replies: 2 });
  spend(budget, 1);
  expect(budget.check()).toBeUndefined();
  spend(budget, 1);
  expect(budget.check()).toEqual({ stop: "turn-limit", limit: 2, isShared: false });
});

test("tokens count whether they were sent, received, or in a cache", () => {
  const budget = new Budget({ tokens: 10 });
  budget.open().settle({ usage: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 }, cost: undefined });
  expect(budget.spent.tokens).toBe(10);
  expect(budget.check()).toEqual({ stop: "token-limit", limit: 10, isShared: false });
});

test("a request that is known to cost more than is left is not to be sent", () => {
  const budget = new Budget({ cost: 0.1 });
  spend(budget, 1, 0.06);
  expect(budget.check({ tokens: 0, cost: 0.04 })).toBeUndefined();
  expect(budget.check({ tokens: 0, cost: 0.05 })).toEqual({ stop: "cost-limit", limit: 0.1, isShared: false });
});

test("a cost that is not known stays unknown, and is over every limit of cost", () => {
  const budget = new Budget({ cost: 5 });
  spend(budget, 1, 0.01);
  spend(budget, 1);
  spend(budget, 1, 0.01);
  expect(budget.spent.cost).toBeUndefined();
  expect(budget.check()?.stop).toBe("cost-limit");
});

test("what a child spends counts for all above it, and not for its siblings", () => {
  const root = new Budget();
  const [child, sibling] = [root.child(), root.child()];
  spend(child.child(), 5, 0.5);
  expect(root.spent).toEqual({ replies: 1, tokens: 5, cost: 0.5 });
  expect(child.spent).toEqual({ replies: 1, tokens: 5, cost: 0.5 });
  expect(sibling.spent).toEqual({ replies: 0, tokens: 0, cost: 0 });
});

test("a child that is given more than its parent has is bounded by what is left of its parent's", () => {
  const root = new Budget({ cost: 1 });
  const child = root.child({ cost: 100 });
  spend(root, 1, 0.9);
  expect(child.check({ tokens: 0, cost: 0.2 })).toEqual({ stop: "cost-limit", limit: 1, isShared: true });
});

test("a child's own limit does not bound its parent", () => {
  const root = new Budget({ replies: 9 });
  const child = root.child({ replies: 1 });
  spend(child, 1);
  expect(child.check()).toEqual({ stop: "turn-limit", limit: 1, isShared: false });
  expect(root.check()).toBeUndefined();
});

test("a request on its way holds its share, and gives it back when there was no reply", () => {
  const root = new Budget({ replies: 1, cost: 1 });
  const [one, other] = [root.child(), root.child()];
  const request = one.open({ tokens: 1, cost: 0.8 });
  expect(other.check()?.stop).toBe("turn-limit");
  request.settle();
  expect(other.check()).toBeUndefined();
  expect(root.spent.replies).toBe(0);
});

test("a request that is settled twice counts once", () => {
  const budget = new Budget();
  const request = budget.open();
  request.settle(reply(1, 1));
  request.settle(reply(1, 1));
  expect(budget.spent).toEqual({ replies: 1, tokens: 1, cost: 1 });
});

test("when the time of one is over it is over for its children, and they can tell whose it was", async () => {
  const root = new Budget({ seconds: 0.01 });
  const child = root.child({ seconds: 1000 });
  const deadline = child.deadline;
  await new Promise((resolve) => deadline?.addEventListener("abort", resolve));
  expect(deadline?.reason).toBe(root.deadline?.reason);
  expect(child.check()).toEqual({ stop: "time-limit", limit: 0.01, isShared: true });
  expect(root.check()).toEqual({ stop: "time-limit", limit: 0.01, isShared: false });
});

test("a limit holds for a child when it holds for one above", () => {
  const child = new Budget({ cost: 1 }).child({ replies: 1 }).child();
  expect(child.isLimited("cost")).toBe(true);
  expect(child.isLimited("replies")).toBe(true);
  expect(child.isLimited("tokens")).toBe(false);
});

test("limits that are none are refused", () => {
  expect(() => new Budget({ cost: -1 })).toThrow(RangeError);
  expect(() => new Budget().child({ tokens: 0.5 })).toThrow(RangeError);
});

const limits = fc.record(
  {
    replies: fc.integer({ min: 1, max: 20 }),
    tokens: fc.integer({ min: 1, max: 2000 }),
    cost: fc.integer({ min: 1, max: 50 }),
  },
  { requiredKeys: [] },
);

interface Act {
  readonly what: "child" | "open" | "reply" | "fail";
  /** Which of the budgets there are acts. */
  readonly who: number;
  readonly limits: Limits;
  readonly tokens: number;
  readonly cost: number;
}

const acts = fc.array(
  fc.record({
    what: fc.constantFrom("child" as const, "open", "reply", "fail"),
    who: fc.nat(),
    limits,
    tokens: fc.integer({ min: 1, max: 200 }),
    // Whole dollars, so that a sum of them is exact.
    cost: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 120 },
);

/** Plays the acts, each by one of a growing tree of budgets, and gives the tree. */
function play(root: Limits, played: readonly Act[]): readonly Budget[] {
  const budgets = [new Budget(root)];
  const open: ((failed: boolean) => void)[] = [];
  for (const { what, who, tokens, cost, ...act } of played) {
    const budget = budgets[who % budgets.length] ?? new Budget();
    if (what === "child") budgets.push(budget.child(act.limits));
    else if (what !== "open") open.shift()?.(what === "fail");
    else if (budget.check({ tokens, cost }) === undefined) {
      const request = budget.open({ tokens, cost });
      open.push((failed) => request.settle(failed ? undefined : reply(tokens, cost)));
    }
  }
  for (const settle of open) settle(false);
  return budgets;
}

test("property: whatever a tree of agents does, requests whose cost is known exceed no budget of it", () => {
  const most = Number.POSITIVE_INFINITY;
  fc.assert(
    fc.property(limits, acts, (root, played) => {
      const exceeded = play(root, played).filter(
        ({ limits: given, spent }) =>
          spent.replies > (given.replies ?? most) ||
          spent.tokens > (given.tokens ?? most) ||
          (spent.cost ?? most) > (given.cost ?? most),
      );
      expect(exceeded).toEqual([]);
    }),
  );
});
