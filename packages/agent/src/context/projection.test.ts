import type { Block, NewStep, OutsideCommit } from "@bough/gitstate";
import type { Message } from "@bough/models";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Entry } from "../conversation.ts";
import { roomFor } from "./context-settings.ts";
import { Projection } from "./projection.ts";
import { longStep, prompted } from "./projection-fixture.ts";

const room = roomFor({ window: 20_000 });
const summary = (text: string, extra?: Record<string, unknown>): Block => ({ type: "summary", text, extra });
const says = (step: number, ...blocks: Block[]): NewStep => ({ step, turn: 1, blocks });
const user = (text: string): Block => ({ type: "user", text });
const outside: OutsideCommit = { type: "outside", commit: "a1b2c3d4e5f6a7b8", subject: "Fix typo", author: "Ada" };

function project(entries: readonly Entry[], fixed = 100): Projection {
  const projection = new Projection({ room, fixed });
  for (const entry of entries) projection.add(entry);
  return projection;
}

const textsOf = (messages: readonly Message[]) =>
  messages.map(({ role, content }) => [role, ...content.map((block) => ("text" in block ? block.text : block.name))]);

test("all of a conversation is shown while there is room", () => {
  const messages = project([prompted(1, "Look"), longStep(2)]).messages();
  expect(JSON.stringify(messages)).toContain("line 100 of step 2");
  expect(JSON.stringify(messages)).not.toContain("left out");
});

test("when the window fills, the oldest results are shortened and the last four steps are not", () => {
  const entries = [prompted(1, "Look"), ...Array.from({ length: 9 }, (_, at) => longStep(at + 2))];
  const results = project(entries)
    .messages()
    .flatMap(({ content }) => content.flatMap((block) => (block.type === "result" ? [block.text] : [])));
  const isShort = results.map((text) => text.includes("left out"));
  expect(isShort.slice(0, 4)).toEqual([true, true, true, true]);
  expect(isShort.slice(-4)).toEqual([false, false, false, false]);
  expect(results[0]).toMatch(
    /^line 1 of step 1.*\n\[… 92 of 100 lines left out to save room; they are in step 1 …\]$/s,
  );
});

test("of a command both ends are left; what went wrong and what was edited stays whole", () => {
  const entries = [
    prompted(1, "Look", { tool: "Bash" }),
    longStep(2, { tool: "Bash", isError: true }),
    longStep(3, { tool: "Edit" }),
    ...Array.from({ length: 8 }, (_, at) => longStep(at + 4)),
  ];
  const shown = JSON.stringify(project(entries).messages());
  expect(shown).toMatch(/line 5 of step 1:.*?85 of 100 lines left out.*?line 91 of step 1:/);
  expect(shown).not.toContain("line 50 of step 1:");
  expect(shown).toContain("line 50 of step 2:");
  expect(shown).toContain("line 50 of step 3:");
});

test("a picture that is left out is told of", () => {
  const picture = { type: "result", name: "Read", id: "1", text: "a.png is a picture", extra: { image: {} } } as const;
  const entries = [
    says(1, user("Look"), { type: "call", name: "Read", id: "1", text: "{}" }, picture),
    ...Array.from({ length: 10 }, (_, at) => longStep(at + 2)),
  ];
  expect(JSON.stringify(project(entries).messages())).toContain(
    "a.png is a picture\\n(The picture is not shown again.)",
  );
});

test("between two moves of the cut each request begins with the one before, byte for byte", () => {
  const projection = new Projection({ room, fixed: 100 });
  projection.add(prompted(1, "Look"));
  let before = projection.messages();
  let moves = 0;
  for (let step = 2; step <= 60; step++) {
    // Some 500 tokens a step, of which a few stay when it is shortened.
    projection.add(longStep(step, { lines: 30 }));
    const now = projection.messages();
    if (JSON.stringify(now.slice(0, before.length)) !== JSON.stringify(before)) moves++;
    before = now;
  }
  expect(projection.size()).toBeLessThan(room.summarizeAt);
  expect(moves).toBeGreaterThan(0);
  expect(moves).toBeLessThan(10);
});

test("what the provider counted is what counts, unless it cannot be true", () => {
  const told = (input: number): NewStep => ({
    ...prompted(1, "Look", { lines: 1_000 }),
    extra: { usage: { input, output: 0, cacheRead: 0, cacheWrite: 0 } },
  });
  const plain = project([prompted(1, "Look", { lines: 1_000 })]).size();
  expect(project([told(230)]).size()).toBeGreaterThan(plain * 1.4);
  expect(project([told(0)]).size()).toBe(plain);
  expect(project([told(1e12)]).size()).toBe(plain);
});

test("a summary takes the place of its steps and of what others committed between them", () => {
  const steps = [prompted(1, "One"), outside, longStep(2), outside, longStep(3, { lines: 1 })];
  const entries = [...steps, says(4, user("Two"), summary("Long ago.", { from: 0, to: 2 }))];
  expect(textsOf(project(entries).messages())).toEqual([
    ["user", expect.stringContaining("steps 0 to 2"), expect.stringContaining("Ada committed")],
    ["assistant", "I look at file 3.", "Read"],
    ["user", expect.stringContaining("line 1 of step 3"), "Two"],
  ]);
  expect(JSON.stringify(project(entries).messages())).toContain("Long ago.");
});

test("a later summary takes the place of the earlier one, and a rewind to before it brings back what it stood for", () => {
  const steps = [prompted(1, "One"), longStep(2), longStep(3)];
  const first = says(4, user("Two"), summary("First.", { from: 0, to: 2 }));
  const second = says(5, user("Three"), summary("Second.", { from: 0, to: 4 }));
  expect(textsOf(project([...steps, first, second]).messages())).toEqual([
    ["user", expect.stringContaining("Second."), "Three"],
  ]);
  expect(JSON.stringify(project([...steps, first]).messages())).not.toContain("Second.");
  expect(JSON.stringify(project(steps).messages())).toContain("line 50 of step 2");
});

test("what came before a clearing is told by its text alone, and by nothing when it has none", () => {
  const [one, two] = [says(1, user("One")), says(2, user("old"), summary("Long ago."), user("Two"))];
  expect(textsOf(project([outside, one, two]).messages())).toEqual([["user", "Long ago.", "Two"]]);
  const ranged = says(3, summary("Older.", { from: 0, to: 1 }));
  expect(textsOf(project([one, ranged, says(4, summary("")), says(5, user("Three"))]).messages())).toEqual([
    ["user", "Three"],
  ]);
});

test.each([
  ["itself", { from: 0, to: 2 }],
  ["later steps", { from: 0, to: 9 }],
  ["steps in the wrong order", { from: 1, to: 0 }],
  ["no numbers", { from: "0", to: "1" }],
  ["something else", { stop: "done" }],
])("a record whose summary stands for %s changes nothing", (_, extra) => {
  const messages = project([prompted(1, "One"), says(2, user("Two"), summary("Forged.", extra))]).messages();
  expect(JSON.stringify(messages)).toContain("line 50 of step 1");
  expect(JSON.stringify(messages)).not.toContain("Forged.");
});

const tools = fc.constantFrom("Read", "Bash", "Grep", "Edit", "Made");
const someStep = fc.record({ tool: tools, lines: fc.integer({ min: 1, max: 400 }), isError: fc.boolean() });
const part = fc.oneof(
  { weight: 8, arbitrary: someStep },
  { weight: 2, arbitrary: fc.constant("prompt" as const) },
  { weight: 1, arbitrary: fc.constant("outside" as const) },
  { weight: 1, arbitrary: fc.record({ covers: fc.double({ min: 0, max: 1, noNaN: true }), hard: fc.boolean() }) },
);

function build(parts: readonly (typeof part extends fc.Arbitrary<infer Part> ? Part : never)[]): Entry[] {
  return parts.map((each, at): Entry => {
    const step = at + 1;
    if (each === "outside") return outside;
    if (each === "prompt") return says(step, user(`Prompt ${step}.`), { type: "assistant", text: "Yes." });
    if ("tool" in each) return longStep(step, each);
    const to = Math.floor(each.covers * at);
    const extra = { from: 0, to, ...(each.hard ? { hard: at } : {}) };
    return says(step, user(`Prompt ${step}.`), summary("What was.", extra), { type: "assistant", text: "Yes." });
  });
}

test("property: no call is apart from its result, roles alternate, and no prompt that is not summarized is lost", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const entries = [says(0, user("Prompt 0.")), ...build(parts)];
      const messages = project(entries).messages(says(99, user("And now?")));
      expect(messages.map(({ role }) => role)).toEqual(messages.map((_, at) => (at % 2 === 0 ? "user" : "assistant")));
      for (const [at, { content }] of messages.entries()) {
        const calls = content.flatMap((block) => (block.type === "call" ? [block.id] : []));
        const results = messages[at + 1]?.content.flatMap((block) => (block.type === "result" ? [block.id] : [])) ?? [];
        if (messages[at]?.role === "assistant") expect(results).toEqual(calls);
      }
      const isSummarized = parts.some((each) => typeof each === "object" && "covers" in each);
      const texts = JSON.stringify(messages);
      if (isSummarized) return;
      for (const [at, each] of parts.entries()) if (each === "prompt") expect(texts).toContain(`Prompt ${at + 1}.`);
    }),
  );
});

test("property: what is shown at a moment is the same live and made anew from the entries until then", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const entries = [says(0, user("Prompt 0.")), ...build(parts)];
      const live = new Projection({ room, fixed: 100 });
      for (const [at, entry] of entries.entries()) {
        if ("blocks" in entry) {
          const opening = entry.blocks.filter(({ type }) => type === "user" || type === "summary");
          // As a turn asks: without the summary first, then with it, and perhaps again.
          live.messages({ ...entry, blocks: opening.filter(({ type }) => type === "user") });
          live.messages({ ...entry, blocks: opening });
          const asked = live.messages({ ...entry, blocks: opening });
          expect(asked).toEqual(project(entries.slice(0, at)).messages({ ...entry, blocks: opening }));
        }
        live.add(entry);
        expect(live.size()).toBe(project(entries.slice(0, at + 1)).size());
      }
    }),
    { numRuns: 40 },
  );
});

test("where a summary begins, a call that sub-agents answered a step later is not parted from the answer", () => {
  const call: Block = { type: "call", name: "Agent", id: "a", text: "{}" };
  const answer: Block = { type: "result", name: "Agent", id: "a", text: "Done." };
  const entries = [
    prompted(1, "Look"),
    longStep(2),
    says(3, { type: "assistant", text: "I share." }, call),
    says(4, answer),
  ];
  const part = project(entries).oldPart("hard");
  expect(part).toMatchObject({ from: 1, to: 2 });
  const messages = project([...entries, says(5, summary("All before.", { from: 1, to: 2 }))]).messages();
  expect(messages.at(-1)).toMatchObject({ role: "user", content: [{ type: "result", id: "a" }] });
  expect(messages.at(-2)).toMatchObject({
    role: "assistant",
    content: [{ text: "I share." }, { type: "call", id: "a" }],
  });
});
