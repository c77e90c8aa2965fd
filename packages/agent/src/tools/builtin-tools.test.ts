import { expect, test } from "vitest";
import * as z from "zod";
import { builtinTools } from "./builtin-tools.ts";

test("the tools, their order, their fields and what they may change", () => {
  const table = builtinTools.map(({ name, effect, input }) => {
    const { type, properties = {}, required = [] } = z.toJSONSchema(input, { io: "input" });
    expect(type).toBe("object");
    const fields = Object.keys(properties).map((field) => (required.includes(field) ? field : `${field}?`));
    return `${name} {${fields.join(", ")}} ${effect}`;
  });
  expect(table).toMatchInlineSnapshot(`
    [
      "Read {file_path, offset?, limit?} read",
      "Write {file_path, content} edit",
      "Edit {file_path, old_string?, new_string?, replace_all?, edits?} edit",
      "Bash {command, timeout?, run_in_background?, network?} execute",
      "Jobs {action, id?, pattern?, port?, timeout?} read",
      "Grep {pattern, path?, glob?, ignore_case?, literal?, context?, limit?} read",
      "Find {pattern?, path?, type?, limit?} read",
      "Ls {path?} read",
      "Agent {task, tools?, model?, isolation?, kind?} read",
      "Merge {branch, take?} edit",
      "Skill {name} read",
      "Recall {query?, step?, branch?, offset?, limit?} read",
      "AskUserQuestion {question, options?} read",
    ]
  `);
});

test("every field is described to the model", () => {
  for (const { input } of builtinTools) {
    for (const field of Object.values(z.toJSONSchema(input, { io: "input" }).properties ?? {})) {
      expect(field).toHaveProperty("description");
    }
  }
});

test("keys that a tool does not know are passed over", () => {
  const inputs: Record<string, object> = {
    Edit: { file_path: "a", old_string: "x", new_string: "y" },
    Write: { file_path: "a", content: "" },
    Bash: { command: "true" },
    Jobs: { action: "list" },
    Agent: { task: "x" },
    Merge: { branch: "bough/x.1" },
    Skill: { name: "a" },
    Recall: { query: "a" },
    AskUserQuestion: { question: "Which?" },
  };
  for (const { name, input } of builtinTools) {
    const given = inputs[name] ?? { file_path: "a", pattern: "x" };
    expect(input.safeParse({ ...given, description: "why" }).success).toBe(true);
  }
});
