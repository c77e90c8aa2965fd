import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Story, story } from "./story.ts";

const bash = (command: string, network = false) => ({
  text: "I run it.",
  calls: [{ name: "Bash", input: { command, network } }],
});

/** Writes the user's own settings. */
async function settings(bough: Story, value: unknown): Promise<void> {
  const folder = join(bough.repository.folder, "home/.config/bough");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "settings.json"), typeof value === "string" ? value : JSON.stringify(value));
}

const result = ({ server }: Story) => JSON.stringify(server.requests.at(-1)?.messages.at(-1));

test("the model is the flag's, the environment's, then the settings'", async () => {
  await using bough = await story({ script: () => ({ text: "Hello." }) });
  await settings(bough, { model: "anthropic/of-the-settings" });
  const asked = async (env: Record<string, string>, ...args: string[]) => {
    const { stderr } = await bough.runWith({ env }, "-p", "Hi", "--clean", ...args);
    return [bough.server.requests.at(-1)?.model, stderr.split("\n")[0]];
  };
  expect(await asked({})).toEqual(["of-the-settings", "model anthropic/of-the-settings (from the settings)"]);
  expect(await asked({ BOUGH_MODEL: "anthropic/of-the-environment" })).toContain("of-the-environment");
  expect(await asked({}, "-m", "anthropic/of-the-flag")).toContain("of-the-flag");
});

test("the settings' variables are there for commands", async () => {
  await using bough = await story({
    script: [bash('echo "it is $GREETING"; export GREETING=bye'), bash('echo "then $GREETING"'), { text: "Ok." }],
  });
  await settings(bough, { env: { GREETING: "hello there" }, permissions: { allow: ["Bash"] } });
  await bough.run("-p", "Greet", "-m", bough.model);
  expect(JSON.stringify(bough.server.requests.at(-1)?.messages)).toMatch(/it is hello there.*then bye/);
});

test("rules of the command line allow and deny, and denying comes first", async () => {
  await using bough = await story({ script: () => bash("mkdir -p out && echo went out", true) });
  const run = async (...args: string[]) => {
    await bough.run("-p", "Go", "-m", bough.model, "--max-turns", "2", ...args);
    return result(bough);
  };
  expect(await run()).toContain("needs a permission");
  expect(await run("--allowed-tools", "Bash(mkdir:*), Network")).toContain("went out");
  expect(await run("--allowedTools=Bash,Network", "--disallowedTools", "Bash(mkdir:*)")).toContain(
    "the rule Bash(mkdir:*) forbids it",
  );
});

test("a rule that is none is a usage error that shows one", async () => {
  await using bough = await story();
  expect(await bough.run("-p", "Go", "--allowed-tools", "npm run test:*)")).toEqual({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining('--allowed-tools takes rules such as "Bash(npm run test:*)"'),
  });
});

test("settings that are wrong are bad input, with file, line and what was expected, and nothing is made", async () => {
  await using bough = await story();
  await settings(bough, '{\n  "permissions": {\n    "defaultMode": "yolo"\n  }\n}');
  const { code, stderr } = await bough.run("-p", "Go", "-m", bough.model);
  expect({ code, stderr }).toEqual({
    code: 42,
    stderr: expect.stringMatching(
      /^bough: \/.*\/bough\/settings\.json:3: permissions\.defaultMode has to be one of "default",.*not "yolo"\.\n$/,
    ),
  });
  expect(await bough.git("branch", "--list", "bough/*")).toBe("");
});

test("a key that is no setting is named on standard error with the one that is meant, and the rest is used", async () => {
  await using bough = await story({ script: [{ text: "Hello." }] });
  await settings(bough, '{\n  "modle": "a/b"\n}');
  const { code, stderr } = await bough.run("-p", "Hi", "-m", bough.model);
  expect(code).toBe(0);
  expect(stderr).toMatch(/settings\.json:2: "modle" is no setting and is not used\. Did you mean "model"\?\n/);
});

test("--config names further settings, which come last", async () => {
  await using bough = await story({ script: [{ text: "Hello." }] });
  await settings(bough, { model: "anthropic/mine" });
  await writeFile(join(bough.repository.folder, "ci.json"), '{ "model": "anthropic/for-ci" }');
  await bough.run("-p", "Hi", "--config", join(bough.repository.folder, "ci.json"));
  expect(bough.server.requests.at(-1)?.model).toBe("for-ci");
  expect(await bough.run("-p", "Hi", "--config", "/nowhere.json")).toMatchObject({
    code: 42,
    stderr: "bough: There is no file /nowhere.json.\n",
  });
});

test("--config names an agent file too, also in the middle of a conversation, and flags come first", async () => {
  await using bough = await story({ script: () => ({ text: "Hello." }) });
  const file = join(bough.repository.folder, "reviewer.yaml");
  await writeFile(file, "model: anthropic/reviewer\nsystem: You review.\ntools: [Read, Glob]\npermissionMode: plan\n");
  await bough.run("-p", "Hi", "-m", bough.model, "--branch", "one");
  const { stdout } = await bough.run("-p", "Go on", "-c", "--config", file, "--output-format", "stream-json");
  expect(bough.server.requests.at(-1)).toMatchObject({
    model: "reviewer",
    system: "You review.",
    tools: ["Read", "Find"],
  });
  expect(bough.server.requests.at(-1)?.messages).toHaveLength(3);
  expect(JSON.parse(stdout.split("\n")[0] ?? "")).toMatchObject({ permissionMode: "plan", branch: "bough/one" });
  expect((await bough.git("log", "--format=%B", "bough/one")).match(/^config /gm)).toHaveLength(2);
  await bough.run("-p", "And on", "-c", "--config", file, "-m", "anthropic/other", "--system", "Be brief.");
  expect(bough.server.requests.at(-1)).toMatchObject({ model: "other", system: "Be brief." });
  await writeFile(file, "system: You review.\nhooks: {}\n");
  expect(await bough.run("-p", "Hi", "-c", "--config", file)).toEqual({
    code: 42,
    stdout: "",
    stderr: `bough: ${file}:2: an agent file has no "hooks"; it may have model, system, tools, permissionMode.\n`,
  });
});
