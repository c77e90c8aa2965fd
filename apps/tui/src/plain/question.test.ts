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
    "? Bash: npm test\\x1b[2J
      It reaches the network.
      y  yes, this once
      n  no; what follows it is told to the model: n <reason>
      1  yes, and from now on: Bash(npm:*) (1 always: in later sessions too)
      2  yes, and from now on: Bash(npm test) (2 always: in later sessions too)"
  `);
});

test("an edit is shown with its lines, and of many the first", () => {
  const input = { file_path: "a.txt", old_string: "one\n", new_string: "x\n".repeat(100) };
  const lines = formatQuestion({ ...question, tool: "Edit", input }).split("\n");
  expect(lines.slice(0, 3)).toEqual(["? Edit: a.txt", "  - one", "  + x"]);
  expect(lines).toContain("  … 61 more lines");
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
