import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "../agent.ts";
import { loadAgentFile } from "./load-agent-file.ts";

async function reading(name: string, content: string) {
  await using repository = await temporaryRepository();
  const path = join(repository.folder, name);
  await writeFile(path, content);
  return loadAgentFile(path).catch((error: Error) => `${error.name}: ${error.message.replace(path, name)}`);
}

test("an agent file is YAML or JSON", async () => {
  const agent = { model: "anthropic/x", system: "You review.", tools: ["Read", "Find"], permissionMode: "plan" };
  expect(await reading("a.json", JSON.stringify({ ...agent, tools: ["Read", "Glob"] }))).toEqual(agent);
  const yaml = "# mine\nmodel: anthropic/x\nsystem: |\n  You review.\ntools: Read, Glob\npermissionMode: plan\n";
  expect(await reading("a.yaml", yaml)).toEqual(agent);
  expect(await reading("a.yml", "system: Be brief: always")).toEqual({ system: "Be brief: always" });
});

test("JSON that says nothing of an agent is settings, and so is what settings alone may hold", async () => {
  expect(await reading("a.json", '{ "model": "a/b", "permissions": {} }')).toBeUndefined();
  expect(await reading("a.json", '{\n// mine\n"model": "a/b", }')).toBeUndefined();
  expect(await loadAgentFile("/nowhere.yaml")).toBeUndefined();
});

test("what is wrong is told with file and line", async () => {
  expect(await reading("a.yaml", "system: x\ntols: [Read]")).toBe(
    'SettingsError: a.yaml:2: an agent file has no "tols"; it may have model, system, tools, permissionMode.',
  );
  expect(await reading("a.json", '{ "system": "x",\n "hooks": {} }')).toBe(
    'SettingsError: a.json:2: an agent file has no "hooks"; it may have model, system, tools, permissionMode.',
  );
  expect(await reading("a.yaml", "system: x\npermissionMode: yolo")).toMatch(
    /^SettingsError: a\.yaml:2: permissionMode has to be one of /,
  );
  expect(await reading("a.yaml", "tools: 5")).toBe(
    "SettingsError: a.yaml:1: tools has to be names of tools, such as [Read, Grep].",
  );
  expect(await reading("a.yaml", '"')).toMatch(/^SettingsError: a\.yaml:1: it is no YAML: /);
  expect(await reading("a.yaml", "a: &a [x]\nb: *a")).toBe(
    "SettingsError: a.yaml:1: it has to be fields, without aliases.",
  );
});

test("a named pipe is refused, and nothing waits", async () => {
  await using repository = await temporaryRepository();
  const path = join(repository.folder, "a.yaml");
  execFileSync("mkfifo", [path]);
  await expect(loadAgentFile(path)).rejects.toThrow("is not a file");
});

test("an agent is another from the middle of a conversation on, which goes on and says so", async () => {
  await using repository = await temporaryRepository({ files: { "a.txt": "a\n" }, enter: true });
  const path = join(repository.folder, "reviewer.yaml");
  await writeFile(path, "system: You review.\ntools: [Read]\npermissionMode: plan\n");
  const model = scriptedModel(["Hello.", "I review."]);
  await using agent = await Agent.start({ cwd: repository.path, model, instructions: [] });
  await agent.run("Hi");
  await agent.configure((await loadAgentFile(path)) ?? {});
  await agent.run("Go on");
  expect(model.requests[1]).toMatchObject({ system: "You review.", tools: [{ name: "Read" }] });
  expect(model.requests[1]?.messages).toHaveLength(3);
  expect(agent.permissionMode).toBe("plan");
  const message = await repository.git("log", "--format=%B", agent.branch);
  expect(message.match(/^config /gm)).toHaveLength(2);
  expect(message).toContain("    You review.");
});
