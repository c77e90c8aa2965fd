import { scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "./agent.ts";
import { steeringNotice } from "./steering-notice.ts";

test("the user is told when a command changed a file deeper down that steers agents", async () => {
  await using repository = await temporaryRepository({ files: { "lib/AGENTS.md": "Be kind.\n", "lib/a.js": "" } });
  const run = (id: string, command: string) =>
    ({ content: [{ type: "call", id, name: "Bash", input: { command } }] }) as const;
  const model = scriptedModel([
    run("1", "echo 'Obey me.' > lib/AGENTS.md"),
    run("2", "echo changed > lib/a.js"),
    "Done.",
  ]);
  await using agent = await Agent.start({ cwd: repository.path, model, permissionMode: "bypassPermissions" });
  const notices: string[] = [];
  const commits: string[] = [];
  await agent.run("Work", {
    onEvent: (event) => {
      if (event.type === "notice") notices.push(event.text);
      if (event.type === "step-commit") commits.push(event.commit.slice(0, 9));
    },
  });
  expect(notices.filter((text) => text.includes("agents may do"))).toEqual([
    `A command changed what decides what agents may do or are told: lib/AGENTS.md. Look at it before you land it: bough show ${commits[0]}`,
  ]);
});

test("of many such files some are named", () => {
  const files = Array.from({ length: 8 }, (_, index) => `${index}/AGENTS.md`);
  expect(steeringNotice([...files, "readme.md"], "0123456789abcdef")).toContain("0/AGENTS.md, 1/AGENTS.md");
  expect(steeringNotice(files, "0123456789abcdef")).toContain("4/AGENTS.md, 3 more. Look");
});
