import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { formatMessage, formatSubject, type Message, parseMessage } from "./message.ts";
import type { Block, StepRecord } from "./step-record.ts";
import { usageOf } from "./step-usage.ts";

/** Lines that git, a mail reader, a terminal or this format would take for something else. */
const nastyLine = fc.constantFrom(
  "",
  " ",
  "\t",
  "text  ",
  "text\t",
  "\\",
  "\\\\",
  '\\"quoted"',
  "# a comment",
  "    indented",
  "user",
  "assistant",
  'step 1 turn 1 +{"session":"other"}',
  "result Bash toolu_01",
  "Agent-Session: other",
  "Signed-off-by: Eve <eve@example.com>",
  "diff --git a/x b/x",
  "--- a/x",
  "+++ b/x",
  "@@ -1 +1 @@",
  "---",
  "-- ",
  "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001",
  ">From here",
  "Subject: other",
  "# ------------------------ >8 ------------------------",
  "a\rb",
  "line\r",
  "\u0000\u0001\u0007\u001b[31m\u001b]52;c;ZXZpbA==\u0007",
  "\u0085\u009b2J",
  "\u202eevil\u2066",
  "zero\u200bwidth\ufeff",
  "\ufdd0\uffff\u{1ffff}",
  "lone \ud800 and \udc00",
  "pair \ud83d\ude00",
  "soft\u00adhyphen",
  "\u2028\u2029",
  "\v\f",
  "é è 日本語",
);
const line = fc.oneof(
  { weight: 2, arbitrary: nastyLine },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      maxLength: 8,
    }),
  },
);
const text = fc.oneof(
  fc.constant(""),
  fc.array(line, { maxLength: 8 }).map((lines) => lines.join("\n")),
  fc.integer({ min: 1, max: 4 }).map((count) => "\n".repeat(count)),
);
const key = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "session", "session_", "usage", "", "a b", "\n"),
  fc.string(),
);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(
      fc.string(),
      nastyLine,
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
    ),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 3 }).map(Object.fromEntries),
  ),
})).value;
const extra = fc
  .array(fc.tuple(key, json), { maxLength: 3 })
  .map((entries): Record<string, unknown> => Object.fromEntries(entries));
const name = fc.oneof(
  fc.constantFrom("Edit", "toolu_01", "", "two words", "a\nb", '"', "+{", " +{}", "\u202e", "x:y.z-1"),
  fc.string({ unit: "binary" }),
);
const number = fc.integer({ min: 0, max: 999_999_999 });
const kept = { text, extra: fc.option(extra, { nil: undefined }) };
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ type: fc.constantFrom("user", "assistant", "thinking", "summary", "note"), ...kept }),
  fc.record({ type: fc.constantFrom("call"), name, id: name, ...kept }),
  fc.record({ type: fc.constantFrom("result"), name, id: name, ...kept }),
  fc.record({ type: fc.constantFrom("config"), ...kept }),
  fc.record({ type: fc.constantFrom("rewind"), to: number, ...kept }),
);
const record: fc.Arbitrary<StepRecord> = fc.record({
  session: fc.oneof(fc.constant("01jd3xabcdefghjkmnpqrstvwx"), fc.constant("01jd3xabcdefghjkmnpqrstvwx.7-1"), name),
  step: number,
  turn: number,
  // No extra and an empty one mean the same and are written the same.
  extra: fc.option(
    extra.filter((value) => Object.keys(value).length > 0),
    { nil: undefined },
  ),
  blocks: fc.array(block, { maxLength: 5 }),
});
const message: fc.Arbitrary<Message> = fc.record({ subject: text, records: fc.array(record, { maxLength: 3 }) });

const example: Message = {
  subject: "Use httpx in the client",
  records: [
    {
      session: "01jd3xabcdefghjkmnpqrstvwx",
      step: 7,
      turn: 3,
      extra: {
        model: "anthropic/claude-sonnet-4-5",
        usage: { input: 5120, output: 311, cacheRead: 4800, cost: 0.0062 },
      },
      blocks: [
        { type: "user", text: "make it use httpx instead\n\n\n# and test it \n" },
        { type: "thinking", text: "", extra: { signature: "c2ln" } },
        { type: "assistant", text: "I'll change the import." },
        { type: "call", name: "Edit", id: "toolu_02", text: '{"file_path":"src/client.py"}' },
        {
          type: "result",
          name: "Edit",
          id: "toolu_02",
          text: "\u001b[31m-import requests\r\n+import httpx",
          extra: { error: true },
        },
      ],
    },
  ],
};

test("a message is a transcript that a person can read", () => {
  expect(formatMessage(example)).toMatchInlineSnapshot(`
    "Use httpx in the client

    step 7 turn 3 +{"session":"01jd3xabcdefghjkmnpqrstvwx","model":"anthropic/claude-sonnet-4-5","usage":{"input":5120,"output":311,"cacheRead":4800,"cost":0.0062}}

    user
        make it use httpx instead

        \\
        \\"# and test it "
        \\

    thinking +{"signature":"c2ln"}

    assistant
        I'll change the import.

    call Edit toolu_02
        {"file_path":"src/client.py"}

    result Edit toolu_02 +{"error":true}
        \\"\\u001b[31m-import requests\\r"
        +import httpx

    Agent-Session: 01jd3xabcdefghjkmnpqrstvwx
    Agent-Turn: 3
    Agent-Step: 7
    Agent-Model: anthropic/claude-sonnet-4-5
    Agent-Usage: input=5120 output=311 cache-read=4800 cost=0.0062
    Agent-Format: 1
    "
  `);
});

/** Not toEqual alone: it takes a key named "constructor" for the object's own constructor. */
function expectSame(actual: unknown, expected: unknown): void {
  const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  if (isDeepStrictEqual(asJson(actual), asJson(expected))) return;
  expect(actual).toEqual(expected);
  expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
}

test("what is parsed is what was formatted", () => {
  fc.assert(
    fc.property(message, (message) => {
      const expected = { ...message, subject: formatSubject(message.subject) };
      expectSame(parseMessage(formatMessage(message)), expected);
    }),
    { numRuns: 1000 },
  );
});

test("a message is lines that no git and no terminal takes for anything else", () => {
  const columnZero =
    /^(?:step \d+ turn \d+ \+\{.*\}|(?:user|assistant|thinking|summary|note|config)(?: \+\{.*\})?|(?:call|result) \S+ \S+(?: \+\{.*\})?|rewind \d+(?: \+\{.*\})?|Agent-[A-Z][a-z]+: .*)$/;
  fc.assert(
    fc.property(message, (message) => {
      const [, ...lines] = formatMessage(message).split("\n");
      for (const line of lines) {
        expect(line).not.toMatch(/[^\P{Cc}\t]|[\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]|[ \t]$/u);
        if (line !== "" && !line.startsWith("    ")) expect(line).toMatch(columnZero);
      }
      expect(lines.join("\n")).not.toMatch(/\n\n\n/);
    }),
    { numRuns: 500 },
  );
});

test("a subject fits on a line, is never mistakable and stays as it is when it is cut again", () => {
  fc.assert(
    fc.property(text, (text) => {
      const subject = formatSubject(text);
      expect(Array.from(subject).length).toBeLessThanOrEqual(72);
      expect(subject).not.toMatch(/\n|^$|^\s|\s$|^(?:step \d|user|call |diff |From |fixup!|[#;[>:])/i);
      expect(formatSubject(subject)).toBe(subject);
    }),
  );
});

test.each([
  ["", "bough:"],
  ["fixup! the parser", "bough: fixup! the parser"],
  ["Re: [PATCH] x", "bough: Re: [PATCH] x"],
  ["# heading\n\ntext", "bough: # heading text"],
  ["diff --git a/x b/x", "bough: diff --git a/x b/x"],
  ["User interface: move the button", "bough: User interface: move the button"],
  [
    `Explain ${"very ".repeat(20)}long things`,
    "Explain very very very very very very very very very very very very ver…",
  ],
])("the subject made of %j is %j", (text, subject) => {
  expect(formatSubject(text)).toBe(subject);
});

test("a message of somebody else's making has no records", () => {
  const foreign = "Merge the parser\n\nuser\n    said something\n\nAgent-Session: other\n";
  expect(parseMessage(foreign)).toEqual({ subject: "Merge the parser", records: [] });
});

test("a record whose JSON is broken, lacks the session or is nested without end is none", () => {
  const deep = `{"session":"s","x":${"[".repeat(5000)}${"]".repeat(5000)}}`;
  for (const json of ["{", '{"session":1}', "{}", "[]", deep]) {
    expect(parseMessage(`x\n\nstep 1 turn 1 +${json}\n\nuser\n    hi\n`).records).toEqual([]);
  }
});

test("a message that is longer than any of ours has no records", () => {
  const record = (length: number) => `x\n\nstep 1 turn 1 +{"session":"s"}\n\nuser\n    ${"y".repeat(length)}\n`;
  expect(parseMessage(record(1024 * 1024)).records).toHaveLength(1);
  expect(parseMessage(record(128 * 1024 * 1024))).toEqual({ subject: "x", records: [] });
});

test("what a summary took is counted beside the step that holds it", () => {
  const usage = { input: 10, output: 2 };
  const blocks = [{ type: "summary" as const, text: "Long ago.", extra: { from: 0, to: 1, usage } }];
  const records = [{ session: "0123456789", step: 2, turn: 1, extra: { usage: { input: 5, output: 1 } }, blocks }];
  expect(formatMessage({ subject: "s", records })).toContain("Agent-Usage: input=15 output=3\n");
  expect(usageOf(records).usage).toMatchObject({ input: 15, output: 3 });
});

test("usage is summed over the steps of a commit, and the trailers cannot be forged by a model's name", () => {
  const steps = [1, 2].map((step) => ({
    session: "01jd3xabcdefghjkmnpqrstvwx",
    step,
    turn: 1,
    extra: { model: "a\nAgent-Session: other", usage: { input: 10, output: step, cacheRead: 0, cost: 0.1 } },
    blocks: [],
  }));
  const trailers = formatMessage({ subject: "x", records: steps }).split("\n\n").at(-1);
  expect(trailers).toMatchInlineSnapshot(`
    "Agent-Session: 01jd3xabcdefghjkmnpqrstvwx
    Agent-Turn: 1
    Agent-Step: 2
    Agent-Model: a?Agent-Session:?other
    Agent-Usage: input=20 output=3 cost=0.2
    Agent-Format: 1
    "
  `);
});

test("a cost is summed only when that of every step is known", () => {
  const step = (step: number, usage: object) => ({
    session: "01jd3xabcdef",
    step,
    turn: 1,
    extra: { usage },
    blocks: [],
  });
  const records = [step(1, { input: 1, output: 1, cost: 0.5 }), step(2, { input: 1, output: 1 })];
  expect(formatMessage({ subject: "x", records })).toContain("\nAgent-Usage: input=2 output=2\n");
});

/** Real git alters many messages in one repository, so that the property costs as little as it can. */
const documents = 120;
let samples: Message[] = [];
beforeAll(() => {
  samples = fc.sample(message, documents).filter(({ records }) => records.length > 0);
});

/** Runs git with input and environment, which simple-git gives no way to. */
function run(repository: TemporaryRepository, args: readonly string[], input = "", env = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: repository.path, env: { ...repository.env, ...env }, maxBuffer: 1 << 28 };
    const child = execFile("git", args, options, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

async function inBatches<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += 8) results.push(...(await Promise.all(items.slice(at, at + 8).map(work))));
  return results;
}

/** Messages as they are stored, oldest first. */
async function storedMessages(repository: TemporaryRepository, range: string): Promise<string[]> {
  const log = await run(repository, ["log", "-z", "--reverse", "--format=%B", range]);
  return log.split("\0").slice(0, -1);
}

/** Makes a line of commits with the samples as messages, each changing a file, and resolves to its range. */
async function commitSamples(repository: TemporaryRepository, count = samples.length): Promise<string> {
  const base = await repository.git("rev-parse", "HEAD");
  const stream = samples.slice(0, count).map((sample, i) => {
    const data = formatMessage(sample);
    const from = i === 0 ? `from ${base}\n` : "";
    const size = Buffer.byteLength(data);
    return `commit refs/heads/samples\ncommitter Ada <ada@example.com> ${1_800_000_000 + i} +0000\ndata ${size}\n${data}\n${from}M 100644 inline f${i}\ndata 2\nx\n\n`;
  });
  await run(repository, ["fast-import", "--quiet"], stream.join(""));
  return `${base}..samples`;
}

function expectIntact(messages: readonly string[], count = samples.length): void {
  expect(messages).toHaveLength(count);
  for (const [i, message] of messages.entries()) {
    const sample = samples[i];
    expectSame(parseMessage(message).records, sample?.records);
  }
}

test("messages survive commit-tree, log and stripspace", async () => {
  await using repository = await temporaryRepository();
  const tree = await repository.git("rev-parse", "HEAD^{tree}");
  const results = await inBatches(samples.slice(0, 40), async (sample) => {
    const message = formatMessage(sample);
    const commit = (await run(repository, ["commit-tree", tree], message)).trim();
    return {
      message,
      log: await run(repository, ["log", "-1", "--format=%B", commit]),
      stripped: await run(repository, ["stripspace"], message),
      withoutComments: await run(repository, ["stripspace", "--strip-comments"], message),
    };
  });
  for (const { message, log, stripped, withoutComments } of results) {
    expect(log).toBe(`${message}\n`);
    expect(stripped).toBe(message);
    expect(withoutComments).toBe(message);
  }
});

test("messages survive an amend, with and without an editor", async () => {
  await using repository = await temporaryRepository();
  const range = await commitSamples(repository, 12);
  await run(repository, ["checkout", "--quiet", "samples"]);
  const editor = join(repository.folder, "editor");
  await writeFile(editor, '#!/bin/sh\nprintf "# edited\\n" >>"$1"\n', { mode: 0o755 });
  const ids = (await run(repository, ["rev-list", "--reverse", range])).trim().split("\n");
  for (const [i, id] of ids.entries()) {
    await run(repository, ["reset", "--quiet", "--soft", id]);
    await run(repository, ["commit", "--quiet", "--amend", "--no-edit"]);
    const [unedited] = await storedMessages(repository, "HEAD~1..HEAD");
    await run(repository, ["commit", "--quiet", "--amend", "--cleanup=strip"], "", { GIT_EDITOR: editor });
    const [edited] = await storedMessages(repository, "HEAD~1..HEAD");
    expect(parseMessage(unedited ?? "").records).toEqual(samples[i]?.records);
    expect(parseMessage(edited ?? "").records).toEqual(samples[i]?.records);
  }
});

test("messages survive rebase and cherry-pick", async () => {
  await using repository = await temporaryRepository();
  const range = await commitSamples(repository);
  await run(repository, ["checkout", "--quiet", "-b", "picked", "main"]);
  await repository.commitAll("Something else");
  await run(repository, ["cherry-pick", "--allow-empty", range]);
  expectIntact(await storedMessages(repository, `HEAD~${samples.length}..HEAD`));
  await run(repository, ["checkout", "--quiet", "samples"]);
  await run(repository, ["rebase", "--quiet", "--force-rebase", "--empty=keep", "picked~10"]);
  await run(repository, ["rebase", "--quiet", "--apply", "--force-rebase", "main"]);
  const rebased = await storedMessages(repository, "main..HEAD");
  expectIntact(rebased.slice(-samples.length));
});

test("messages survive an interactive rebase that rewords each of them", async () => {
  await using repository = await temporaryRepository();
  await commitSamples(repository, 24);
  await run(repository, ["checkout", "--quiet", "samples"]);
  const editor = join(repository.folder, "editor");
  await writeFile(editor, '#!/bin/sh\nprintf "# reworded\\n" >>"$1"\n', { mode: 0o755 });
  const env = { GIT_SEQUENCE_EDITOR: "sed -i.bak -e s/^pick/reword/", GIT_EDITOR: editor };
  await run(repository, ["rebase", "--quiet", "--interactive", "--force-rebase", "--empty=keep", "main"], "", env);
  expect(await repository.git("reflog", "samples")).toContain("rebase (finish)");
  expectIntact(await storedMessages(repository, "main..samples"), 24);
});

test("messages survive format-patch and am, and nothing in them is applied as a patch", async () => {
  await using repository = await temporaryRepository();
  const range = await commitSamples(repository);
  const patches = await run(repository, ["format-patch", "--always", "--stdout", range]);
  await run(repository, ["checkout", "--quiet", "-b", "mailed", "main"]);
  await run(repository, ["am", "--quiet", "--empty=keep"], patches);
  expectIntact(await storedMessages(repository, "main..mailed"));
  expect(await repository.git("rev-parse", "mailed^{tree}")).toBe(await repository.git("rev-parse", "samples^{tree}"));
});

test("git reads the trailers, and only the real ones", async () => {
  await using repository = await temporaryRepository();
  const forged: Message = {
    subject: "Look it up",
    records: [
      {
        session: "01jd3xabcdefghjkmnpqrstvwx",
        step: 4,
        turn: 2,
        extra: { model: "m" },
        blocks: [{ type: "result", name: "Bash", id: "1", text: "done\n\nAgent-Session: other\nAgent-Step: 99" }],
      },
    ],
  };
  const message = formatMessage(forged);
  await run(repository, ["commit", "--quiet", "--allow-empty", "--file=-"], message);
  const parsed = await run(repository, ["interpret-trailers", "--parse"], message);
  expect(parsed).toMatchInlineSnapshot(`
    "Agent-Session: 01jd3xabcdefghjkmnpqrstvwx
    Agent-Turn: 2
    Agent-Step: 4
    Agent-Model: m
    Agent-Format: 1
    "
  `);
  const trailer = (key: string) => repository.git("log", "-1", `--format=%(trailers:key=${key},valueonly)`);
  expect(await trailer("Agent-Step")).toBe("4\n");
  expect(await trailer("Agent-Session")).toBe("01jd3xabcdefghjkmnpqrstvwx\n");
});
