import type { Question } from "@bough/agent";
import { expect, test } from "vitest";
import { formatQuestion, parseAnswer } from "./question.ts";

const question: Question = {
  type: "permission",
  tool: "Bash",
  input: { command: "npm test\u001b[2J" },
  why: "It reaches the network",
  rules: ["Bash(npm:*)", "Bash(npm test)"],
};

test("a question shows the whole command, escaped, why it is asked, and what can be answered", () => {
  expect(formatQuestion(question)).toMatchInlineSnapshot(`
    "? Bash asks: It reaches the network
      npm test\\x1b[2J
      y  yes, this once
      n  no; what follows it is told to the model: n <reason>
      1  yes, and from now on: Bash(npm:*) (1 always: in later sessions too)
      2  yes, and from now on: Bash(npm test) (2 always: in later sessions too)"
  `);
});

test("an edit is shown with its lines, and of many the first", () => {
  const input = { file_path: "a.txt", old_string: "one\n", new_string: "x\n".repeat(100) };
  const lines = formatQuestion({ ...question, tool: "Edit", input }).split("\n");
  expect(lines.slice(0, 4)).toEqual(["? Edit asks: It reaches the network", "  a.txt", "  - one", "  + x"]);
  expect(lines).toContain("  … 61 more lines");
});

test("a plan is carried out, sent back or refused", () => {
  const plan: Question = { type: "plan", plan: "1. Read\n2. Write", mode: "default" };
  expect(formatQuestion(plan)).toMatchInlineSnapshot(`
    "? The plan: a yes carries it out, in the mode default
      1. Read
      2. Write
      y  yes
      n  no; n <what to change> sends it back"
  `);
  expect(["y", "n", "n write it first"].map((line) => parseAnswer(line, plan))).toEqual([
    { allow: true },
    { allow: false },
    { text: "write it first" },
  ]);
});

test("what the agent asks is answered by a number or in words", () => {
  const asked: Question = { type: "question", question: "Which?", options: ["This", "That"], agent: "bough/x.1" };
  expect(formatQuestion(asked)).toMatchInlineSnapshot(`
    "? bough/x.1: The agent asks: it goes on when you have answered
      Which?
      1  This
      2  That
      or in your own words"
  `);
  expect(["2", "3", "neither", ""].map((line) => parseAnswer(line, asked))).toEqual([
    { text: "That" },
    { text: "3" },
    { text: "neither" },
    undefined,
  ]);
});

test("only a line that is an answer is one", () => {
  const answers = ["y", "YES", "n", "no, not that", "n not that", "1", "2 always"];
  expect(answers.map((line) => parseAnswer(line, question))).toEqual([
    { allow: true },
    { allow: true },
    { allow: false },
    undefined,
    { allow: false, reason: "not that" },
    { allow: true, remember: { rule: "Bash(npm:*)", for: "session" } },
    { allow: true, remember: { rule: "Bash(npm test)", for: "always" } },
  ]);
  for (const line of ["", "yes please do", "3", "0", "1 forever", "ok"])
    expect(parseAnswer(line, question)).toBeUndefined();
});
