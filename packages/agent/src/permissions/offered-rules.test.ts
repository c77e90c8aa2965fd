import { expect, test } from "vitest";
import { analyzeCommand, whyNotAllowed } from "./command-rules.ts";
import { offersFor } from "./offered-rules.ts";
import { parseRule } from "./rule.ts";

const offers = (command: string) => offersFor(analyzeCommand(command));

test.each([
  ["npm run build -- --x", ["Bash(npm run build:*)"]],
  ["ls -la", ["Bash(ls:*)"]],
  ["node --test test/a.js", ["Bash(node --test:*)"]],
  ["python3 -m pytest -q", ["Bash(python3 -m pytest:*)"]],
  ["git log --oneline | head -n 5", ["Bash(git log:*)", "Bash(head:*)"]],
  ["npm test 2>&1 | tail -n 20", ["Bash(npm test:*)", "Bash(tail:*)"]],
  ["cd src && ls && ls -la", ["Bash(ls:*)"]],
  ["cargo build && cargo test || echo failed", ["Bash(cargo build:*)", "Bash(cargo test:*)"]],
])("for %j the wider offer is a rule for each of its commands", (command, rules) => {
  expect(offers(command)).toEqual([rules, [`Bash(${command})`]]);
});

test.each([
  ["sets a variable", "x=1 ls"],
  ["writes by an option", "ls && find . -delete"],
  ["runs another program", "ls && sh -c ls"],
  ["writes to a file", "ls && cat a > f"],
  ["names a program by a variable", "ls && $x"],
  ["holds what is not written out", "ls && cat $(ls)"],
  ["reads another folder's git", "cd .. && git log"],
  ["deletes", "rm -rf dist"],
  ["leaves the machine", "curl localhost:3000 | head"],
  ["has more parts than anybody looks over", "a && b && c && d && e"],
])("a command that %s is allowed as it is written, or not at all", (_, command) => {
  expect(offers(command)).toEqual([[`Bash(${command})`]]);
});

test("what is offered allows the command that it is offered for", () => {
  for (const command of ["git log | head", "npm test 2>&1 | tail -n 3", "ls > f", "a && b; c"]) {
    for (const offer of offers(command)) {
      const rules = offer.flatMap((rule) => parseRule(rule) ?? []);
      expect(whyNotAllowed(analyzeCommand(command), rules), command).toBeUndefined();
    }
  }
});
