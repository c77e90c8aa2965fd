import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { NO_PAST } from "../context/past.ts";
import { Hooks } from "../hooks/hooks.ts";
import { TurnHooks } from "../hooks/turn-hooks.ts";
import { Jobs } from "../jobs/jobs.ts";
import { runCalls } from "../run-calls.ts";
import { Masker } from "../secrets/masker.ts";
import { builtinTools } from "../tools/builtin-tools.ts";
import { worktreeFixtures } from "../tools/worktree-fixture.ts";
import type { Ask } from "./modes.ts";
import { Permissions } from "./permissions.ts";
import { parseRule } from "./rule.ts";

const worktreeFixture = worktreeFixtures(onTestFinished);

const project = { ".env": "KEY=needle\n", "secrets/a.txt": "needle\n", "src/a.ts": "needle\n" };

/** What a call is answered under rules, somebody allowing all that is asked. */
function projectUnder({ deny = [], ask = [] }: { deny?: readonly string[]; ask?: readonly string[] } = {}) {
  const { root, files, shell } = worktreeFixture(project);
  const parse = (texts: readonly string[]) => texts.flatMap((text) => parseRule(text) ?? []);
  const permissions = new Permissions({
    mode: "default",
    rules: { allow: [], ask: parse(ask), deny: parse(deny) },
    checkout: "/home/u/project",
    canConfine: async () => false,
  });
  const allowing: Ask = async () => ({ allow: true });
  const signal = new AbortController().signal;
  const none = new Hooks({ settings: [], session: "", branch: "", worktree: root, checkout: root, commonDir: root });
  const hooks = new TurnHooks({ hooks: none, mode: () => "default", files, signal, emit: () => {} });
  const answer = async (name: string, input: Record<string, unknown>) => {
    const context = {
      tools: builtinTools,
      files,
      shell,
      permissions,
      jobs: new Jobs(),
      past: NO_PAST,
      hooks,
      masker: new Masker([]),
      ask: allowing,
      emit: () => {},
    };
    const { results } = await runCalls([{ type: "call", id: "1", name, input }], { ...context, signal });
    return results[0]?.text;
  };
  return { root, answer };
}

const deny = ["Read(.env)", "Read(./secrets/**)"];
const named = "Read(.env), Read(./secrets/**)";

test("without a rule every file is searched, found and listed", async () => {
  const { answer } = projectUnder();
  expect(await answer("Grep", { pattern: "needle" })).toBe(
    ".env:1:KEY=needle\nsecrets/a.txt:1:needle\nsrc/a.ts:1:needle",
  );
  expect(await answer("Find", {})).toBe(".env\nsecrets/\nsecrets/a.txt\nsrc/\nsrc/a.ts");
  expect(await answer("Ls", {})).toBe("secrets/\nsrc/\n.env  11 bytes");
});

test("what may not be read is in no result of a search, and the result says so", async () => {
  const { answer } = projectUnder({ deny });
  expect(await answer("Grep", { pattern: "needle" })).toBe(
    `src/a.ts:1:needle\n(Not searched: what may not be read by ${named}.)`,
  );
  expect(await answer("Find", {})).toBe(`secrets/\nsrc/\nsrc/a.ts\n(2 left out, which may not be read by ${named}.)`);
  expect(await answer("Ls", {})).toBe(`secrets/\nsrc/\n(1 left out, which may not be read by ${named}.)`);
});

test("Grep says the same whether a file that may not be read matches or not, also with a limit", async () => {
  const { answer } = projectUnder({ deny });
  const answers = ["KEY=n", "KEY=x"].map((pattern) => answer("Grep", { pattern, limit: 1 }));
  const nothing = `(Nothing matches.)\n(Not searched: what may not be read by ${named}.)`;
  expect(await Promise.all(answers)).toEqual([nothing, nothing]);
});

test("nothing of a file that may not be read is told by editing it, nor its name by looking for another", async () => {
  const { root, answer } = projectUnder({ deny });
  for (const old_string of ["needle", "wrong", "KEY=needles"]) {
    expect(await answer("Edit", { file_path: ".env", old_string, new_string: "x" })).toContain(
      "the rule Read(.env) forbids it",
    );
  }
  expect(await answer("Write", { file_path: ".env", content: "KEY=x\n" })).toContain("you have not read it");
  expect(readFileSync(join(root, ".env"), "utf8")).toBe("KEY=needle\n");
  expect(await answer("Read", { file_path: ".envs" })).not.toContain("Did you mean");
  // The control: without the rule all of it is told.
  const open = projectUnder();
  expect(await open.answer("Read", { file_path: ".envs" })).toContain("Did you mean .env?");
  expect(await open.answer("Edit", { file_path: ".env", old_string: "KEY=needles", new_string: "x" })).toContain(
    "needle",
  );
});

test("capitals and links lead around no rule", async () => {
  const { root, answer } = projectUnder({ deny: ["Read(.ENV)", "Read(Secrets)"] });
  symlinkSync("secrets", join(root, "open"));
  expect(await answer("Grep", { pattern: "needle" })).not.toContain("KEY");
  for (const path of ["open", "./open/a.txt"]) {
    expect(await answer("Grep", { pattern: "needle", path })).toContain("the rule Read(Secrets) forbids it");
  }
  expect(await answer("Read", { file_path: "open/a.txt" })).toContain("the rule Read(Secrets) forbids it");
});

test("a rule about one tool that reads is about no other", async () => {
  const { answer } = projectUnder({ deny: ["Grep(.env)"] });
  expect(await answer("Grep", { pattern: "KEY" })).toContain("Nothing matches.");
  expect(await answer("Read", { file_path: ".env" })).toContain("KEY=needle");
});

test("what a rule asks about is found by nobody who was not asked about it", async () => {
  const { answer } = projectUnder({ ask: ["Read(.env)"] });
  expect(await answer("Grep", { pattern: "KEY" })).toContain("Nothing matches.");
  expect(await answer("Grep", { pattern: "KEY", path: ".env" })).toBe(".env:1:KEY=needle");
});
