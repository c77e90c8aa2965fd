import { expect, onTestFinished, test } from "vitest";
import { editTool } from "./edit.ts";
import { readTool } from "./read.ts";
import { worktreeFixtures } from "./worktree-fixture.ts";
import { writeTool } from "./write.ts";

const worktreeFixture = worktreeFixtures(onTestFinished);
const settings = "TOKEN=q8wd7f6g5h4j\nMODE=test\n";
const masked = "TOKEN=[masked: TOKEN]\nMODE=live\n";

test("a mask is not written over the secret that it stands for", async () => {
  const { call, text } = worktreeFixture({ settings });
  await call(readTool, { file_path: "settings" });
  const replaced = call(writeTool, { file_path: "settings", content: masked });
  await expect(replaced).rejects.toThrow("[masked: TOKEN] stands for a secret that you are not shown");
  const edited = call(editTool, { file_path: "settings", old_string: "MODE=test", new_string: "B=[masked: TOKEN]" });
  await expect(edited).rejects.toThrow("it would take the secret's place");
  expect(text("settings")).toBe(settings);
});

test("around a secret a file can be edited, and a text about masks written", async () => {
  const { call, text } = worktreeFixture({ settings, "about.md": "It says [masked: TOKEN].\n" });
  await call(editTool, { file_path: "settings", old_string: "MODE=test", new_string: "MODE=live" });
  expect(text("settings")).toBe("TOKEN=q8wd7f6g5h4j\nMODE=live\n");
  await call(editTool, { file_path: "about.md", old_string: "says", new_string: "shows" });
  await call(writeTool, { file_path: "new.md", content: masked });
  expect([text("about.md"), text("new.md")]).toEqual(["It shows [masked: TOKEN].\n", masked]);
});
