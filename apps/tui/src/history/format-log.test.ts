import { stripVTControlCharacters } from "node:util";
import type { LogOutside, LogSteps, SessionLog } from "@bough/gitstate";
import { expect, test } from "vitest";
import { styles } from "../styles.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { formatLog } from "./format-log.ts";
import type { Page } from "./page.ts";

const now = new Date("2026-01-02T12:00:00Z");
const page: Page = { width: 80, look: styles({ write: () => {} }), now };

const change = (path: string, added?: number, removed?: number) => ({ path, from: undefined, added, removed });

const first: LogSteps = {
  type: "steps",
  commit: "1111111111111111",
  session: "01jd3x",
  branch: "bough/use-httpx",
  date: new Date("2026-01-02T11:00:00Z"),
  subject: "It fetches pages",
  turn: 1,
  prompt: "what does this do?",
  steps: [{ step: 1, turn: 1, text: "It fetches pages", tools: [], rewound: false }],
  files: [],
  landings: [],
  model: "anthropic/claude-sonnet-4-5",
  usage: { input: 100, output: 10, cacheRead: 0, cacheWrite: 0 },
  cost: 0.001,
};

const second: LogSteps = {
  ...first,
  commit: "2222222222222222",
  date: new Date("2026-01-02T11:58:00Z"),
  subject: "Use httpx in the client",
  turn: 2,
  prompt: "make it use httpx instead, everywhere and at once, and tell me when it is done",
  steps: [
    { step: 2, turn: 2, text: "", tools: ["Read"], rewound: false },
    { step: 3, turn: 2, text: "On it.", tools: ["Edit"], rewound: false },
  ],
  files: [change("src/client.py", 12, 3), change("logo.png"), { ...change("new.txt", 0, 0), from: "old.txt" }],
};

const byHand: LogOutside = {
  type: "outside",
  commit: "3333333333333333",
  date: now,
  subject: "By hand: README.md",
  author: "Ada",
  files: [change("README.md", 1, 1)],
  landings: [],
  merged: [],
};

const log: SessionLog = {
  session: "01jd3x",
  branch: "bough/use-httpx",
  revision: undefined,
  subAgent: false,
  entries: [second, first],
  start: { commit: "0000000000000000", forkedFrom: undefined },
};

const draw = (...logs: readonly SessionLog[]) => `\n${formatLog(logs, page)}`;

test("without sessions it says how to start one", () => {
  expect(formatLog([], page)).toBe('No sessions here yet. Start one: bough -p "<prompt>"\n');
});

test("each turn has its prompt and what it took, with its commits and their files below", () => {
  expect(draw(log)).toMatchInlineSnapshot(`
    "
    ● bough/use-httpx
    │
    ◆ turn 2  make it use httpx instead, everywhere and at once, and tel…  2 min ago
    │ anthropic/claude-sonnet-4-5 · 100 in, 10 out · $0.0010
    │ 222222222  steps 2–3  Use httpx in the client
    │            src/client.py +12 −3
    │            logo.png binary
    │            old.txt → new.txt
    │
    ◆ turn 1  what does this do?                                          1 hour ago
    │ anthropic/claude-sonnet-4-5 · 100 in, 10 out · $0.0010
    │ 111111111  step 1  It fetches pages
    │
    ○ 000000000  where it started
    "
  `);
});

test("the user's commits stand where they were made, steps without a commit on top", () => {
  const pending: LogSteps = {
    ...first,
    commit: undefined,
    subject: "",
    turn: 3,
    prompt: "format it",
    steps: [{ step: 5, turn: 3, text: "", tools: ["Bash"], rewound: false }],
    usage: undefined,
    cost: undefined,
  };
  const answer: LogSteps = { ...second, commit: "4444444444444444", subject: "Done", steps: first.steps, files: [] };
  expect(draw({ ...log, entries: [pending, byHand, answer, byHand, second] })).toMatchInlineSnapshot(`
    "
    ● bough/use-httpx
    │
    ◆ turn 3  format it                                                   1 hour ago
    │ anthropic/claude-sonnet-4-5
    │ (pending)  step 5  Bash
    │
    │ 333333333  by Ada  By hand: README.md
    │            README.md +1 −1
    │
    ◆ turn 2  make it use httpx instead, everywhere and at once, and tel…  2 min ago
    │ anthropic/claude-sonnet-4-5 · 200 in, 20 out · $0.0020
    │ 444444444  step 1  Done
    │ 333333333  by Ada  By hand: README.md
    │            README.md +1 −1
    │ 222222222  steps 2–3  Use httpx in the client
    │            src/client.py +12 −3
    │            logo.png binary
    │            old.txt → new.txt
    │
    ○ 000000000  where it started
    "
  `);
});

test("a fork says what it left, whether that follows or stands elsewhere", () => {
  const forked: LogSteps = { ...second, session: "01jd3x.1-1", branch: "bough/use-httpx.1" };
  const fork = { ...log, session: "01jd3x.1-1", branch: "bough/use-httpx.1" };
  const elsewhere = { commit: "1111111111111111", forkedFrom: "bough/use-httpx" };
  expect(draw({ ...fork, entries: [forked, first] })).toMatchInlineSnapshot(`
    "
    ● bough/use-httpx.1
    │
    ◆ turn 2  make it use httpx instead, everywhere and at once, and tel…  2 min ago
    │ anthropic/claude-sonnet-4-5 · 100 in, 10 out · $0.0010
    │ 222222222  steps 2–3  Use httpx in the client
    │            src/client.py +12 −3
    │            logo.png binary
    │            old.txt → new.txt
    │
    ├─ forked from bough/use-httpx
    │
    ◆ turn 1  what does this do?                                          1 hour ago
    │ anthropic/claude-sonnet-4-5 · 100 in, 10 out · $0.0010
    │ 111111111  step 1  It fetches pages
    │
    ○ 000000000  where it started
    "
  `);
  expect(draw({ ...fork, entries: [forked], start: elsewhere })).toMatchInlineSnapshot(`
    "
    ● bough/use-httpx.1
    │
    ◆ turn 2  make it use httpx instead, everywhere and at once, and tel…  2 min ago
    │ anthropic/claude-sonnet-4-5 · 100 in, 10 out · $0.0010
    │ 222222222  steps 2–3  Use httpx in the client
    │            src/client.py +12 −3
    │            logo.png binary
    │            old.txt → new.txt
    │
    ╰─ forked from bough/use-httpx at 111111111
    "
  `);
});

test("steps that were taken back are marked, and what a limit left out is said", () => {
  const taken = { ...second, files: [], steps: second.steps.map((step) => ({ ...step, rewound: true })) };
  expect(draw({ ...log, branch: undefined, entries: [taken], start: undefined })).toMatchInlineSnapshot(`
    "
    ● session 01jd3x
    │
    ◆ turn 2  make it use httpx instead, everywhere and at once, and tel…  2 min ago
    │ 222222222  steps 2–3, rewound  Use httpx in the client
    │
    ┆ older steps are not shown
    "
  `);
});

test("a session of another clone has the name by which it was asked for", () => {
  const [heading] = formatLog([{ ...log, branch: undefined, revision: "origin/bough/use-httpx" }], page).split("\n");
  expect(heading).toBe("● origin/bough/use-httpx (session 01jd3x)");
});

test("a session in which nothing was done says so", () => {
  expect(draw({ ...log, entries: [] })).toMatchInlineSnapshot(`
    "
    ● bough/use-httpx
    │
    │ Nothing was done yet.
    │
    ○ 000000000  where it started
    "
  `);
});

test("what landed says where, and a merge says what came in", () => {
  const came = { commit: "8888888888888888", session: "01other", branch: "bough/use-httpx.1" };
  const merge: LogOutside = { ...byHand, subject: "Merge bough/use-httpx.1 into bough/use-httpx", merged: [came] };
  const landed = {
    ...second,
    landings: [
      { commit: "7777777777777777", branch: "main", date: now },
      { commit: "6666666666666666", branch: undefined, date: second.date },
    ],
  };
  const fromMain = {
    ...byHand,
    subject: "Merge main into bough/use-httpx",
    merged: [{ ...came, session: undefined, branch: undefined }],
  };
  const gone = { ...merge, merged: [{ ...came, branch: undefined }] };
  expect(draw({ ...log, entries: [merge, gone, fromMain, landed, first] })).toMatchInlineSnapshot(`
    "
    ● bough/use-httpx
    │
    ├ 333333333  merge  bough/use-httpx.1 at 888888888
    │            README.md +1 −1
    ├ 333333333  merge  session 01other at 888888888
    │            README.md +1 −1
    ├ 333333333  merge  main into bough/use-httpx
    │            README.md +1 −1
    │
    ◆ turn 2  make it use httpx instead, everywhere and at once, and tel…  2 min ago
    │ anthropic/claude-sonnet-4-5 · 100 in, 10 out · $0.0010
    ├─ landed on main as 777777777, just now
    ├─ landed as 666666666, 2 min ago
    │ 222222222  steps 2–3  Use httpx in the client
    │            src/client.py +12 −3
    │            logo.png binary
    │            old.txt → new.txt
    │
    ◆ turn 1  what does this do?                                          1 hour ago
    │ anthropic/claude-sonnet-4-5 · 100 in, 10 out · $0.0010
    │ 111111111  step 1  It fetches pages
    │
    ○ 000000000  where it started
    "
  `);
});

test("a prompt that nobody answered yet says so", () => {
  const asked = {
    ...first,
    commit: undefined,
    subject: "",
    steps: [{ step: 1, turn: 1, text: "", tools: [], rewound: false }],
  };
  expect(draw({ ...log, entries: [asked] })).toContain("│ (pending)  step 1  no answer yet\n");
});

test("many files are summed up", () => {
  const files = Array.from({ length: 9 }, (_, i) => change(`tests/test_${i}.py`, i, 0));
  expect(draw({ ...log, entries: [{ ...first, files }] })).toMatch(/test_3\.py \+3\n│ +and 5 more files \+30\n/);
});

test("no line is longer than the page, and nothing of the repository's reaches the terminal as a command", () => {
  const hostile = `\x1b]0;title\x07\u202e\r${"long ".repeat(60)}`;
  const files = [change(hostile, 100_000, 100_000), { ...change(hostile, 1, 1), from: hostile }];
  const landings = [{ commit: "7".repeat(40), branch: hostile, date: now }];
  const merged = [{ commit: "8".repeat(40), session: "01other", branch: hostile }];
  const entries = [
    { ...second, subject: hostile, prompt: hostile, model: hostile, files, landings },
    { ...byHand, author: hostile, subject: hostile, files },
    { ...byHand, author: hostile, subject: hostile, files, landings, merged },
    { ...first, session: "01other", branch: hostile },
  ];
  for (const width of [40, 80, 120]) {
    const look = styles({ isTTY: true, write: () => {} }, {});
    const start = { commit: "0".repeat(40), forkedFrom: hostile };
    const text = stripVTControlCharacters(
      formatLog([{ ...log, branch: hostile, entries, start }], { width, look, now }),
    );
    expect(Math.max(...text.split("\n").map((line) => Array.from(line).length))).toBeLessThanOrEqual(width);
    expect(escapeForTerminal(text)).toBe(text);
  }
});

test("colour is for a terminal that wants it", () => {
  const write = () => {};
  const drawn = (isTTY: boolean, env: NodeJS.ProcessEnv) =>
    formatLog([log], { ...page, look: styles({ isTTY, write }, env) });
  expect(drawn(true, {})).not.toBe(drawn(false, {}));
  expect(stripVTControlCharacters(drawn(true, {}))).toBe(drawn(false, {}));
  expect(drawn(true, { NO_COLOR: "1" })).toBe(drawn(false, {}));
});

test("a step says what was summarized before it, and why its turn ended early unless that is its name", () => {
  const step = { step: 9, turn: 2, text: "", tools: [], rewound: false };
  const stopped = "Interrupted by the user";
  const summarized = { ...step, summary: { from: 0, to: 6 }, stopped };
  const shown = (subject: string) =>
    draw({ ...log, entries: [{ ...second, subject, steps: [summarized], files: [] }] });
  expect(shown("I look")).toMatch(/I look\n│ {12}summarized steps 0–6\n│ {12}Interrupted by the user\n/);
  expect(shown(stopped)).toMatch(/user\n│ {12}summarized steps 0–6\n│\n/);
});
