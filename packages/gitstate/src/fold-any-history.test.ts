import fc from "fast-check";
import { expect, test } from "vitest";
import { type Conversation, FIRST_STEP, fold, MERGED, REWOUND_TO } from "./fold.ts";
import { forkId, isOurs } from "./lineage.ts";
import type { Block, StepRecord } from "./step-record.ts";

const ROOT = "01jd3xabcdefghjkmnpqrstvwx";
const FOREIGN = "01jd3y000000000000000000zz";

/** What can happen to a session. What it points at is counted from the end, and wraps around. */
type Act =
  | { readonly act: "chat" | "edit" | "end" | "retry" | "config" | "summary" | "undo" | "merge" | "user commit" }
  | { readonly act: "foreign pick" }
  | { readonly act: "rewind" | "rewind to commit" | "fork"; readonly back: number };

/** What a user does to the branch: it is a branch like any other. */
type Surgery =
  | { readonly act: "drop" | "pick again" | "reword" | "split"; readonly at: number }
  | { readonly act: "squash" | "move"; readonly at: number; readonly by: number };

interface Commit {
  readonly id: string;
  /** What a reader is told of a commit that is none of the session's. */
  readonly subject: string;
  readonly records: readonly StepRecord[];
}

interface Moment {
  readonly commit: string;
  readonly last: number;
  readonly view: readonly string[];
}

/** A branch, and what somebody who was there remembers. */
interface Line {
  readonly session: string;
  /** Oldest first. */
  readonly commits: readonly Commit[];
  /** Records of the running turn. */
  readonly pending: readonly StepRecord[];
  readonly last: number;
  /** What counts after each step, as remembered: what a rewind to it, or a fork after it, brings back. */
  readonly views: ReadonlyMap<number, readonly string[]>;
  readonly view: readonly string[];
  /** What counted at each commit that a rewind may name, and the highest number by then. */
  readonly moments: readonly Moment[];
  readonly rewinds: readonly number[];
  /** How much has happened: makes texts and ids unlike any before. */
  readonly count: number;
}

function begin(): Line {
  const line: Line = {
    session: ROOT,
    commits: [],
    pending: [],
    last: -1,
    views: new Map(),
    view: [],
    moments: [],
    rewinds: [],
    count: 0,
  };
  return save(addStep(line, [{ type: "config", text: "be good" }]));
}

function perform(line: Line, action: Act): Line {
  const text = `${action.act} ${line.count}`;
  switch (action.act) {
    case "chat":
      return addStep(line, [{ type: "assistant", text }]);
    case "edit":
    case "end":
      return save(addStep(line, [{ type: "assistant", text }]));
    case "config":
      return addStep(line, [{ type: "config", text }]);
    case "summary":
      return save(addStep(line, [{ type: "summary", text }]));
    case "retry":
      return retry(line, text);
    case "user commit":
      return addOutside(save(line), text, []);
    case "foreign pick":
      return addOutside(save(line), text, [step(line.last + 5, [{ type: "rewind", to: 0, text: "" }], FOREIGN)]);
    case "merge":
      return merge(save(line), text);
    case "rewind":
      return rewindTo(line, pick([...line.views.keys()], action.back) ?? FIRST_STEP);
    case "rewind to commit": {
      const moment = pick(line.moments, action.back);
      return moment === undefined ? line : rewindTo(line, moment.last, moment);
    }
    case "undo":
      return line.rewinds.length === 0 ? line : rewindTo(line, Number(line.rewinds.at(-1)) - 1);
    case "fork":
      return forkAfter(line, pick([...line.views.keys()], action.back) ?? FIRST_STEP);
    default:
      return action satisfies never;
  }
}

function step(number: number, blocks: readonly Block[], session: string): StepRecord {
  return { session, step: number, turn: number, blocks };
}

function textOf({ blocks }: Pick<StepRecord, "blocks">): string {
  return blocks.map(({ type, text }) => `${type}: ${text}`).join(", ");
}

function pick<Item>(items: readonly Item[], back: number): Item | undefined {
  return items.at(-1 - (back % items.length));
}

/** A step; what counts after it is what counted before, unless it is told otherwise, and the step. */
function addStep(line: Line, blocks: readonly Block[], before = line.view): Line {
  const record = step(line.last + 1, blocks, line.session);
  const view = [...before, textOf(record)];
  const views = new Map(line.views).set(record.step, view);
  return { ...line, last: record.step, pending: [...line.pending, record], view, views, count: line.count + 1 };
}

function save(line: Line): Line {
  return line.pending.length === 0 ? line : addCommit({ ...line, pending: [] }, commit(line, "a step's", line.pending));
}

/** What the user commits after a step is part of a moment that is named by the commit, not of the one after the step. */
function addCommit(line: Line, commit: Commit): Line {
  const moment = { commit: commit.id, last: line.last, view: line.view };
  return { ...line, commits: [...line.commits, commit], moments: [...line.moments, moment] };
}

function commit({ count, commits }: Line, subject: string, records: readonly StepRecord[]): Commit {
  return { id: `c${count}.${commits.length}`, subject, records };
}

/** A reply that was broken off is kept, and takes the place of what was kept of it before. */
function retry(line: Line, text: string): Line {
  const again = line.pending.at(-1);
  if (again === undefined || again.blocks.some(({ type }) => type !== "assistant")) return line;
  const record = { ...again, blocks: [...again.blocks, { type: "assistant", text } as const] };
  const view = [...line.view.slice(0, -1), textOf(record)];
  const views = new Map(line.views).set(record.step, view);
  return { ...line, pending: [...line.pending, record], view, views, count: line.count + 1 };
}

function addOutside(line: Line, subject: string, records: readonly StepRecord[]): Line {
  const view = [...line.view, subject];
  return addCommit({ ...line, view, count: line.count + 1 }, commit(line, subject, records));
}

/** The merge itself is told of by the note that names it. */
function merge(line: Line, text: string): Line {
  const merged = commit(line, text, []);
  const note: Block = { type: "note", text, extra: { [MERGED]: merged.id } };
  return save(addStep({ ...line, commits: [...line.commits, merged] }, [note]));
}

/** A rewind brings back what counted at a moment; what the user did since is out with the rest. */
function rewindTo(line: Line, to: number, moment?: Moment): Line {
  const named = moment === undefined ? {} : { extra: { [REWOUND_TO]: moment.commit } };
  const block: Block = { type: "rewind", to, text: String(line.count), ...named };
  const rewound = addStep(line, [block], moment?.view ?? line.views.get(to) ?? []);
  return save({ ...rewound, rewinds: [...line.rewinds, rewound.last] });
}

/** A fork has the commits up to a step; of the commit that holds it the earlier records wait for the fork's first. */
function forkAfter(line: Line, at: number): Line {
  const { commits } = save(line);
  const holder = commits.findIndex(({ records }) =>
    records.some(({ session, step }) => step === at && session !== FOREIGN),
  );
  const pending = (commits[holder]?.records ?? []).filter(({ step }) => step <= at);
  const views = new Map([...line.views].filter(([step]) => step <= at));
  const rewinds = line.rewinds.filter((step) => step <= at);
  const moments = line.moments.filter(({ commit }) => commits.slice(0, holder).some(({ id }) => id === commit));
  const session = forkId(ownerOf(line, at), at, line.count + 1);
  const left = { ...line, commits: commits.slice(0, holder), pending, last: at, views, moments, rewinds, session };
  return addStep({ ...left, view: views.get(at) ?? [] }, [{ type: "config", text: session }]);
}

function ownerOf({ commits, pending, session }: Line, at: number): string {
  const records = [...commits.flatMap((commit) => commit.records), ...pending];
  return records.find((record) => record.step === at && record.session !== FOREIGN)?.session ?? session;
}

/** The user's rebase: afterwards nobody remembers; what counts is a matter of the rules. */
function operate(commits: readonly Commit[], surgery: Surgery): readonly Commit[] {
  const at = surgery.at % Math.max(1, commits.length);
  const [before, chosen, after] = [commits.slice(0, at), commits.slice(at, at + 1), commits.slice(at + 1)];
  // Whatever stands on top of a commit that a rebase changes has another id then.
  const rebased = (...rest: Commit[]) => [...before, ...rest.map(rewritten)];
  switch (surgery.act) {
    case "drop":
      return rebased(...after);
    case "pick again":
      return [...commits, ...chosen.map(rewritten)];
    case "reword":
      return rebased(...chosen, ...after);
    case "split":
      return rebased(...chosen.flatMap(splitUp), ...after);
    case "squash": {
      const squashed = commits.slice(at, at + 1 + surgery.by);
      const records = squashed.flatMap((commit) => commit.records);
      return rebased(...chosen.map((commit) => ({ ...commit, records })), ...after.slice(surgery.by));
    }
    case "move":
      return rebased(...after.slice(0, surgery.by), ...chosen, ...after.slice(surgery.by));
    default:
      return surgery satisfies never;
  }
}

function rewritten({ id, subject, records }: Commit): Commit {
  return { id: `${id}'`, subject, records: records.map((record) => ({ ...record })) };
}

function splitUp(commit: Commit): Commit[] {
  if (commit.records.length < 2) return [commit];
  return commit.records.map((record, i) => ({ ...commit, id: `${commit.id}/${i}`, records: [record] }));
}

/** Something that a reader may be told: a record of the session, or a commit in which there is none. */
interface Item {
  readonly commit: Commit;
  readonly record?: StepRecord;
}

function itemsOf(commits: readonly Commit[], session: string): Item[] {
  const items = commits.flatMap((commit): Item[] => {
    const ours = commit.records.filter((record) => isOurs(session, record));
    return ours.length === 0 ? [{ commit }] : ours.map((record) => ({ commit, record }));
  });
  const first = items.findLastIndex(({ record }) => record?.session === ROOT && record.step === FIRST_STEP);
  return items.slice(Math.max(first, 0));
}

/**
 * The rules, said without a walk. A step counts unless it stands again later, or a rewind that counts stands later and
 * goes to before it. A commit from outside counts after a step that counts, unless the next thing that counts is a rewind
 * that does not name it or what comes after it, or a note that counts has told of it.
 */
function whatCounts(commits: readonly Commit[], session: string): Item[] {
  const items = itemsOf(commits, session);
  const counting = new Set<Item>();
  const blocks = ({ record }: Item) => record?.blocks ?? [];
  for (const [i, item] of [...items.entries()].reverse()) {
    const { record } = item;
    if (record === undefined) continue;
    const later = items.slice(i + 1);
    const standsAgain = later.some((other) => other.record?.step === record.step);
    const rewinds = later.filter((other) => counting.has(other)).flatMap(blocks);
    const isOut = rewinds.some((block) => block.type === "rewind" && block.to < record.step);
    if (!standsAgain && !isOut) counting.add(item);
  }
  const told = new Set([...counting].flatMap(blocks).map((block) => block.type === "note" && block.extra?.[MERGED]));
  return items.filter((item, i) => {
    if (item.record !== undefined) return counting.has(item);
    const next = items.findIndex((other, at) => at > i && counting.has(other));
    const rewind = items
      .slice(next, next + 1)
      .flatMap(blocks)
      .find(({ type }) => type === "rewind");
    const isNamed = items.slice(i, next).some(({ commit }) => commit.id === rewind?.extra?.[REWOUND_TO]);
    const isAfterAStep = items.slice(0, i).some((other) => counting.has(other));
    return isAfterAStep && (next === -1 || rewind === undefined || isNamed) && !told.has(item.commit.id);
  });
}

const tell = (items: readonly Item[]) => items.map(({ commit, record }) => (record ? textOf(record) : commit.subject));

function read(commits: readonly Commit[], session: string): Promise<Conversation> {
  return fold(commits.map((commit) => ({ ...commit, author: "Ada" })).toReversed(), session);
}

const outline = ({ entries }: Conversation) =>
  entries.map((entry) => (entry.type === "step" ? textOf(entry) : entry.subject));

const back = fc.nat(12);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ act: fc.constantFrom("chat", "edit", "end") }) },
  { weight: 5, arbitrary: fc.record({ act: fc.constantFrom("retry", "config", "summary", "merge", "undo") }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom("user commit", "foreign pick") }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constantFrom("rewind", "rewind to commit", "fork"), back }) },
);
const acts = fc.array(act, { maxLength: 30 });
const at = fc.nat(30);
const surgery: fc.Arbitrary<Surgery> = fc.oneof(
  fc.record({ act: fc.constantFrom("drop", "pick again", "reword", "split"), at }),
  fc.record({ act: fc.constantFrom("squash", "move"), at, by: fc.integer({ min: 1, max: 5 }) }),
);

test("whatever happened to a session, the fold finds what somebody who was there remembers", async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (acts) => {
      const line = save(acts.reduce(perform, begin()));
      const conversation = await read(line.commits, line.session);
      expect(outline(conversation)).toEqual(line.view);
      expect(conversation.lastStep).toBe(line.last);
      expect(`config: ${conversation.config?.text}`).toBe(line.view.findLast((text) => text.startsWith("config: ")));
      expect(tell(whatCounts(line.commits, line.session))).toEqual(line.view);
    }),
    { numRuns: 4000 },
  );
});

test("after whatever rebase of the user's the fold finds what counts by the rules", async () => {
  await fc.assert(
    fc.asyncProperty(acts, fc.array(surgery, { minLength: 1, maxLength: 6 }), async (acts, surgeries) => {
      const line = save(acts.reduce(perform, begin()));
      const commits = surgeries.reduce(operate, line.commits);
      const conversation = await read(commits, line.session);
      expect(outline(conversation)).toEqual(tell(whatCounts(commits, line.session)));
    }),
    { numRuns: 4000 },
  );
});
