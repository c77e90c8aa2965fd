import { expect, test } from "vitest";
import { type Conversation, FIRST_STEP, fold, type HistoryCommit } from "./fold.ts";
import { forkId } from "./lineage.ts";
import type { Block, StepRecord } from "./step-record.ts";

const S = "01jd3xabcdefghjkmnpqrstvwx";
const OTHER = "01jd3y000000000000000000zz";

function step(number: number, blocks: readonly Block[] = [], session = S): StepRecord {
  return { session, step: number, turn: number, blocks };
}

function said(text: string): Block {
  return { type: "user", text };
}

function rewind(to: number): Block {
  return { type: "rewind", to, text: "" };
}

const FIRST = step(FIRST_STEP, [{ type: "config", text: "be good" }]);

/** A line of commits, given oldest first, as the fold is handed it. A string is a commit that holds no record. */
function line(...commits: (readonly StepRecord[] | string)[]): HistoryCommit[] {
  return commits
    .map((commit, i) =>
      typeof commit === "string"
        ? { id: `c${i}`, subject: commit, author: "Ada", records: [] }
        : { id: `c${i}`, subject: `commit ${i}`, author: "m (bough)", records: commit },
    )
    .toReversed();
}

/** Step numbers, and the subjects of commits from outside. */
function outline({ entries }: Conversation): (number | string)[] {
  return entries.map((entry) => (entry.type === "step" ? entry.step : entry.subject));
}

async function outlineOf(commits: HistoryCommit[], session = S) {
  return outline(await fold(commits, session));
}

test("steps come oldest first, several of one commit too", async () => {
  expect(await outlineOf(line([FIRST, step(1)], [step(2), step(3)], [step(4)]))).toEqual([0, 1, 2, 3, 4]);
});

test("the walk ends at the lineage's first step, so what the session started from is no part of it", async () => {
  async function* commits() {
    yield* line([FIRST, step(1)]);
    throw new Error("It read on.");
  }
  expect(outline(await fold(commits(), S))).toEqual([0, 1]);
});

test("where the first step is gone, what lies before the oldest one that is left is no part of it either", async () => {
  expect(await outlineOf(line("Ada's work", [step(3)], [step(4)]))).toEqual([3, 4]);
});

test("a commit of the user's is a note in its place", async () => {
  const { entries } = await fold(line([FIRST, step(1)], "Fix a typo", [step(2)]), S);
  expect(entries[2]).toEqual({ type: "outside", commit: "c1", subject: "Fix a typo", author: "Ada" });
  expect(entries).toHaveLength(4);
});

test("a step of a session that is no ancestor is a note", async () => {
  expect(await outlineOf(line([FIRST], [step(9, [said("x")], OTHER)], [step(1)]))).toEqual([0, "commit 1", 1]);
});

test("in a squashed commit the records of other sessions are passed over", async () => {
  expect(await outlineOf(line([FIRST], [step(1), step(9, [], OTHER), step(2)]))).toEqual([0, 1, 2]);
});

test("a step that was picked again counts once, where it stands last", async () => {
  const conversation = await fold(line([FIRST], [step(1)], [step(2)], [step(1)]), S);
  expect(outline(conversation)).toEqual([0, 2, 1]);
});

test("of several versions of a step the newest counts", async () => {
  const { entries } = await fold(line([FIRST], [step(1, [said("first")]), step(1, [said("second")])]), S);
  expect(entries.at(-1)).toMatchObject({ step: 1, blocks: [said("second")] });
});

test("after a rewind what was said since is out, with the user's commits of that time", async () => {
  const history = line([FIRST], [step(1)], "kept", [step(2)], "gone", [step(3)], [step(4, [rewind(1)])]);
  expect(await outlineOf(history)).toEqual([0, 1, 4]);
  expect(await outlineOf(line([FIRST], [step(1)], "gone", [step(2, [rewind(1)])], "kept"))).toEqual([0, 1, 2, "kept"]);
});

test("a rewind that names the last commit of its moment keeps the user's commits up to that one", async () => {
  const rewound: Block = { type: "rewind", to: 1, text: "", extra: { at: "c2" } };
  const history = line([FIRST], [step(1)], "kept", "gone", [step(2)], [step(3, [rewound])]);
  expect(await outlineOf(history)).toEqual([0, 1, "kept", 3]);
  const rebased = history.map((commit) => ({ ...commit, id: `new ${commit.id}` }));
  expect(await outlineOf(rebased)).toEqual([0, 1, 3]);
});

test("rewinding to the step before a rewind undoes it", async () => {
  const history = line([FIRST], [step(1)], [step(2)], [step(3, [rewind(1)])], [step(4, [rewind(2)])]);
  expect(await outlineOf(history)).toEqual([0, 1, 2, 4]);
});

test("a rewind within a rewind reaches as far back as the farther of them", async () => {
  const history = line([FIRST], [step(1)], [step(2)], [step(3, [rewind(1)])], [step(4)], [step(5, [rewind(4)])]);
  expect(await outlineOf(history)).toEqual([0, 1, 3, 4, 5]);
});

test("a fork reads its ancestors up to the step it left them after", async () => {
  const fork = forkId(S, 2, 1);
  const history = line([FIRST], [step(1)], [step(2)], [step(3, [], fork)]);
  expect(await outlineOf(history, fork)).toEqual([0, 1, 2, 3]);
  const parentWentOn = line([FIRST], [step(1)], [step(2)], [step(3, [], S)], [step(3, [], fork)]);
  expect(await outlineOf(parentWentOn, fork)).toEqual([0, 1, 2, "commit 3", 3]);
});

test("a fork of a fork reads both", async () => {
  const grandchild = forkId(forkId(S, 1, 2), 2, 1);
  const history = line([FIRST], [step(1)], [step(2, [], forkId(S, 1, 2))], [step(3, [], grandchild)]);
  expect(await outlineOf(history, grandchild)).toEqual([0, 1, 2, 3]);
  expect(await outlineOf(history, forkId(S, 1, 1))).toEqual([0, 1, "commit 2", "commit 3"]);
});

test("the last configuration wins", async () => {
  const history = line([FIRST], [step(1, [{ type: "config", text: "be better" }])], [step(2)]);
  expect((await fold(history, S)).config).toEqual({ type: "config", text: "be better" });
});

test("a configuration that was rewound does not count", async () => {
  const history = line([FIRST], [step(1, [{ type: "config", text: "be better" }])], [step(2, [rewind(0)])]);
  expect((await fold(history, S)).config?.text).toBe("be good");
});

test("a call without a result is answered, and a result without its call is dropped", async () => {
  const call = { type: "call", name: "Bash", id: "1", text: "{}" } as const;
  const result = { type: "result", name: "Bash", id: "2", text: "hi" } as const;
  const { entries } = await fold(line([FIRST, step(1, [call, result])]), S);
  expect(entries.at(-1)).toMatchObject({
    blocks: [call, { type: "result", name: "Bash", id: "1", text: "interrupted", extra: { error: true } }],
  });
});

test("numbers that were given out stay given out when their step was rewound", async () => {
  const history = line([FIRST], [step(1)], [{ ...step(7), turn: 3 }], [step(8, [rewind(1)])]);
  const conversation = await fold(history, S);
  expect(conversation).toMatchObject({ lastStep: 8, lastTurn: 8 });
});

test("a line without a record of the session is an empty conversation", async () => {
  const nothing = { entries: [], config: undefined, lastStep: -1, lastTurn: 0 };
  expect(await fold(line("a", [step(1, [], OTHER)]), S)).toEqual(nothing);
});
