import type { SessionSummary } from "@bough/gitstate";
import { expect, test } from "vitest";
import { styles } from "../styles.ts";
import { formatSessions } from "./format-sessions.ts";
import type { Page } from "./page.ts";

const page: Page = { width: 80, look: styles({ write: () => {} }), now: new Date("2026-01-02T12:00:00Z") };

const session: SessionSummary = {
  name: "use-httpx",
  id: "01jd3x",
  branch: "bough/use-httpx",
  tip: "0123456789",
  state: "idle",
  subAgent: false,
  turns: 3,
  lastPrompt: "make it use\nhttpx instead",
  model: "anthropic/claude-sonnet-4-5",
  cost: 0.0213,
  costWithSubAgents: 0.0213,
  worktree: { path: "/state/bough/worktrees/app/use-httpx", exists: true },
  lastActivity: new Date("2026-01-02T11:58:00Z"),
};

test("without sessions it says how to start one", () => {
  expect(formatSessions([], page)).toBe('No sessions here yet. Start one: bough -p "<prompt>"\n');
});

test("in a clone it names those that were fetched, and how to go on with one", () => {
  expect(`\n${formatSessions([], page, ["origin/bough/fix", "origin/bough/fix.1"])}`).toMatchInlineSnapshot(`
    "
    No sessions here yet, but in other clones, as they were when last fetched:
      origin/bough/fix
      origin/bough/fix.1
    Go on with one here: bough -p "<prompt>" --resume origin/bough/fix
    "
  `);
});

test("figures stand in columns, the prompt and the worktree below", () => {
  const other: SessionSummary = {
    ...session,
    branch: "bough/fix-\x1b[31mlogin.1",
    state: "interrupted",
    turns: 1,
    cost: undefined,
    worktree: { path: "/gone", exists: false },
    lastPrompt: `a prompt that is ${"very ".repeat(20)}long`,
  };
  const fresh: SessionSummary = { ...session, state: "running", turns: 0, lastPrompt: undefined, model: undefined };
  expect(`\n${formatSessions([session, other, fresh], page)}`).toMatchInlineSnapshot(`
    "
    ● bough/use-httpx            idle         3 turns  $0.0213  2 min ago
      > make it use httpx instead
      anthropic/claude-sonnet-4-5
      /state/bough/worktrees/app/use-httpx

    ◌ bough/fix-\\x1b[31mlogin.1  interrupted  1 turn            2 min ago
      > a prompt that is very very very very very very very very very very very ver…
      anthropic/claude-sonnet-4-5
      worktree removed, the branch holds everything

    ◐ bough/use-httpx            at work      0 turns  $0.0213  2 min ago
      /state/bough/worktrees/app/use-httpx
    "
  `);
});

test("an archived session says how it comes back", () => {
  const archived: SessionSummary = { ...session, state: "archived", worktree: { ...session.worktree, exists: false } };
  expect(formatSessions([archived], page)).toMatch(/^○ bough\/use-httpx {2}archived.*--resume brings it back\n$/s);
});

test("a branch that is too long for its column is not cut, since it has to be typed", () => {
  const long: SessionSummary = { ...session, branch: `bough/${"a-long-name-".repeat(5)}` };
  expect(`\n${formatSessions([long, session], page)}`).toMatchInlineSnapshot(`
    "
    ● bough/a-long-name-a-long-name-a-long-name-a-long-name-a-long-name-
      idle  3 turns  $0.0213  2 min ago
      > make it use httpx instead
      anthropic/claude-sonnet-4-5
      /state/bough/worktrees/app/use-httpx

    ● bough/use-httpx  idle  3 turns  $0.0213  2 min ago
      > make it use httpx instead
      anthropic/claude-sonnet-4-5
      /state/bough/worktrees/app/use-httpx
    "
  `);
});

test("a sub-agent is dimmed and says what it is", () => {
  const child: SessionSummary = {
    ...session,
    branch: "bough/use-httpx.1",
    subAgent: true,
    lastPrompt: "find all uses",
  };
  const styled = { ...page, look: styles({ write: () => {}, isTTY: true }, {}) };
  expect(formatSessions([child], styled)).toContain("\x1b[2mbough/use-httpx.1\x1b[22m");
  expect(`\n${formatSessions([session, child], page)}`).toMatchInlineSnapshot(`
    "
    ● bough/use-httpx    idle             3 turns  $0.0213  2 min ago
      > make it use httpx instead
      anthropic/claude-sonnet-4-5
      /state/bough/worktrees/app/use-httpx

    ● bough/use-httpx.1  sub-agent, idle  3 turns  $0.0213  2 min ago
      > find all uses
      anthropic/claude-sonnet-4-5
      /state/bough/worktrees/app/use-httpx
    "
  `);
});

test("a session with sub-agents says what it cost with them, or that it is more than is known", () => {
  const shown = (costWithSubAgents: number | undefined) =>
    formatSessions([{ ...session, costWithSubAgents }], page).split("\n", 1)[0];
  expect(shown(0.5)).toBe("● bough/use-httpx  idle  3 turns  $0.50 in all  2 min ago");
  expect(shown(undefined)).toContain("$0.0213 and more");
});
