import fc from "fast-check";
import { expect, test } from "vitest";
import { conversationAt, cutAfter, cutAt, cutBefore, cutNow, type LineCommit, type SessionLine } from "./cut.ts";
import { forkId } from "./lineage.ts";
import type { Block, StepRecord } from "./step-record.ts";

const S = "01jd3xabcdefghjkmnpqrstvwx";
const OTHER = "01jd3y000000000000000000zz";

/** What a person who was there remembers of a moment. */
interface Moment {
  /** The commit that held the files. */
  readonly commit: string;
  readonly outline: readonly (number | string)[];
}

interface History {
  line: SessionLine;
  now: Moment;
  readonly before: Map<number, Moment>;
  readonly after: Map<number, Moment>;
}

type Act = { readonly act: "chat" | "edit" | "by hand" | "foreign pick" } | { readonly act: "rewind"; back: number };

function begin(): History {
  const config: StepRecord = { session: S, step: 0, turn: 0, blocks: [{ type: "config", text: "" }] };
  const now = { commit: "base", outline: [0] };
  const line = { session: S, tip: "base", unsaved: [config], commits: [] };
  return { line, now, before: new Map(), after: new Map([[0, now]]) };
}

function addCommit(history: History, records: readonly StepRecord[], author: string): string {
  const { tip, commits } = history.line;
  const id = `c${commits.length}`;
  const commit: LineCommit = { id, subject: id, author, parents: [tip], records };
  history.line = { session: S, tip: id, unsaved: [], commits: [commit, ...commits] };
  return id;
}

function addStep(history: History, blocks: readonly Block[], { commits }: { commits: boolean }): void {
  const step = Math.max(...history.after.keys()) + 1;
  const record = { session: S, step, turn: step, blocks };
  history.before.set(step, history.now);
  const { line, now, after } = history;
  const rewound = blocks.find((block) => block.type === "rewind");
  const outline = [...(rewound === undefined ? now : (after.get(rewound.to) ?? now)).outline, step];
  history.line = { ...line, unsaved: [...line.unsaved, record] };
  const commit = commits ? addCommit(history, history.line.unsaved, "m (bough)") : now.commit;
  history.now = { commit, outline };
  after.set(step, history.now);
}

function perform(history: History, action: Act): void {
  const prompt: Block = { type: "user", text: "x" };
  switch (action.act) {
    case "chat":
    case "edit":
      addStep(history, [prompt], { commits: action.act === "edit" });
      return;
    case "rewind": {
      const to = Math.max(0, Math.max(...history.after.keys()) - action.back);
      addStep(history, [{ type: "rewind", to, text: "" }, prompt], { commits: true });
      return;
    }
    case "by hand":
    case "foreign pick": {
      // Between turns only, when nothing waits for a commit.
      if (history.line.unsaved.length > 0) return;
      const picked = { session: OTHER, step: 7, turn: 1, blocks: [prompt] };
      const commit = addCommit(history, action.act === "by hand" ? [] : [picked], "Ada");
      history.now = { commit, outline: [...history.now.outline, commit] };
      return;
    }
    default:
      action satisfies never;
  }
}

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ act: fc.constantFrom("chat", "edit") }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom("by hand", "foreign pick") }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("rewind" as const), back: fc.nat(6) }) },
);

async function momentOf(line: SessionLine, cut: ReturnType<typeof cutAfter>): Promise<Moment | undefined> {
  if (cut === undefined) return undefined;
  const { entries } = await conversationAt(line, cut);
  const outline = entries.map((entry) => (entry.type === "step" ? entry.step : entry.subject));
  return { commit: cut.commit, outline };
}

test("whatever happened to a session, each of its moments is found as a reader who was there remembers it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
      const history = begin();
      for (const action of acts) perform(history, action);
      const { line, now, before, after } = history;
      expect(await momentOf(line, cutNow(line))).toEqual(now);
      for (const [turn, moment] of before) expect(await momentOf(line, cutBefore(line, turn))).toEqual(moment);
      for (const [step, moment] of after) expect(await momentOf(line, cutAfter(line, step))).toEqual(moment);
      const last = Math.max(...after.keys());
      expect([cutAfter(line, last + 1), cutBefore(line, last + 1), cutAt(line, "other")]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }),
    { numRuns: 1000 },
  );
});

test("after a squash by the user, the moment in the middle stands on the commit before, with what was said by then", () => {
  const steps = [1, 2, 3].map((step): StepRecord => ({ session: S, step, turn: step, blocks: [] }));
  const squashed = { id: "c", subject: "Squashed", author: "Ada", parents: ["base"], records: steps };
  const line = { session: S, tip: "c", unsaved: [], commits: [squashed] };
  expect(cutAfter(line, 2)).toEqual({ commit: "base", records: steps.slice(0, 2), commits: [] });
  expect(cutAfter(line, 3)).toEqual({ commit: "c", records: [], commits: [squashed] });
});

test("a commit without a parent has no moment before it", () => {
  const record = { session: forkId(S, 0, 1), step: 1, turn: 1, blocks: [{ type: "user", text: "x" }] } as const;
  const root = { id: "c", subject: "All of it", author: "Ada", parents: [], records: [record] };
  const line = { session: record.session, tip: "c", unsaved: [], commits: [root] };
  expect(cutBefore(line, 1)).toBeUndefined();
});
