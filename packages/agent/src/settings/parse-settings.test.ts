import { expect, test } from "vitest";
import { parseSettings } from "./parse-settings.ts";
import { SettingsError } from "./settings-error.ts";

const name = ".bough/settings.json";
const read = (text: string, isForeign = false) => parseSettings(text, { name, isForeign });

test("settings are read, with their rules", () => {
  const { settings, warnings } = read(`{
    "model": "anthropic/claude-sonnet-4-5",
    "permissions": { "allow": ["Bash(npm run test:*)"], "deny": ["Read(./.env)"], "defaultMode": "acceptEdits" },
    "hooks": { "PreToolUse": [{ "matcher": "Bash", "hooks": [{ "type": "command", "command": "true", "timeout": 5 }] }] },
    "env": { "NODE_ENV": "test" },
    "sandbox": { "network": true }
  }`);
  expect(warnings).toEqual([]);
  expect(settings).toEqual({
    model: "anthropic/claude-sonnet-4-5",
    permissions: {
      allow: [{ text: "Bash(npm run test:*)", tool: "Bash", specifier: "npm run test:*" }],
      deny: [{ text: "Read(./.env)", tool: "Read", specifier: "./.env" }],
      defaultMode: "acceptEdits",
    },
    hooks: { PreToolUse: [{ matcher: "Bash", hooks: [{ type: "command", command: "true", timeout: 5 }] }] },
    env: { NODE_ENV: "test" },
    sandbox: { network: true },
  });
});

test("comments, a comma too many and a byte order mark do no harm", () => {
  expect(read('\uFEFF{\r\n  // mine\r\n  "model": "a/b", /* ours */\r\n}\r\n').settings).toEqual({ model: "a/b" });
});

test.each([
  ['{\n  "permissions": {\n    "allow": ["Read", 7]\n  }\n}', "3: permissions.allow[1] has to be a text, not 7."],
  ['{\n  "permissions": { "deny": "Bash" }\n}', '2: permissions.deny has to be a list, not "Bash".'],
  [
    '{\n\n"permissions": { "allow": ["npm test"] } }',
    '3: permissions.allow[0] has to be a rule such as "Bash(npm run test:*)", "Read(./.env)" or "Edit", not "npm test".',
  ],
  [
    '{ "permissions": { "defaultMode": "yolo" } }',
    '1: permissions.defaultMode has to be one of "default", "acceptEdits", "plan", "dontAsk", "bypassPermissions", not "yolo".',
  ],
  ['{ "sandbox": { "network": "yes" } }', '1: sandbox.network has to be true or false, not "yes".'],
  ['{ "env": { "A": 1 } }', "1: env.A has to be a text, not 1."],
  ['{ "env": { "A B": "1" } }', '1: env.A B has to be a name of letters, digits and _, not "1".'],
  [
    '{ "hooks": { "Stop": [{ "matcher": "(", "hooks": [] }] } }',
    '1: hooks.Stop[0].matcher has to be a regular expression over names of tools, not "(".',
  ],
  [
    '{ "hooks": { "Stop": [{ "hooks": [{ "type": "command", "command": "x", "timeout": 0 }] }] } }',
    "1: hooks.Stop[0].hooks[0].timeout has to be a number of seconds above 0, not 0.",
  ],
  [
    '{ "hooks": { "Stop": [{ "hooks": [\n{ "type": "command" }] }] } }',
    '2: hooks.Stop[0].hooks[0] has to have a "command".',
  ],
  ['{ "hooks": { "Stop": [{}] } }', "1: hooks.Stop[0].hooks has to be a list."],
  [
    '{ "context": {\n"shortenAt": 50 } }',
    "2: context.shortenAt has to be a share of the window, above 0 and up to 1, not 50.",
  ],
  ['{ "context": { "window": 12 } }', "1: context.window has to be 1000 tokens at least, not 12."],
  ["[]", "1: the file has to be an object, not a list."],
  ["", "1: expected JSON (ValueExpected)."],
  ['{\n"model": "a"\n"env": {} }', "3: expected JSON (CommaExpected)."],
  ['{ "permissions": { "deny": ["Bash"] },\n "permissions": {} }', '2: "permissions" is there twice.'],
])("%j is an error that says where and what", (text, message) => {
  expect(() => read(text)).toThrow(new SettingsError(`${name}:${message}`));
});

test("an unknown key is a warning, with the one that may be meant; the rest is used", () => {
  const { settings, warnings } = read(
    '{\n  "permisions": {},\n  "theme": "dark",\n  "permissions": { "alow": [] },\n  "model": "a/b"\n}',
  );
  expect(settings).toEqual({ permissions: {}, model: "a/b" });
  expect(warnings).toEqual([
    `${name}:2: "permisions" is no setting and is not used. Did you mean "permissions"?`,
    `${name}:3: "theme" is no setting and is not used.`,
    `${name}:4: "alow" is no setting and is not used. Did you mean "allow"?`,
  ]);
});

test("an event that there is not, and a hook of another kind, are said never to run", () => {
  const { warnings } = read('{ "hooks": { "PreCompact": [], "Stop": [{ "hooks": [{ "type": "prompt" }] }] } }');
  expect(warnings).toEqual([
    `${name}:1: hooks.PreCompact never runs. The events are PreToolUse, PostToolUse, UserPromptSubmit, SessionStart, SessionEnd, Stop.`,
    `${name}:1: a hook of the type "prompt" never runs; the type is "command".`,
  ]);
});

test("a provider's key is not taken from a file", () => {
  const { settings, warnings } = read('{ "env": { "OPENAI_API_KEY": "sk-1", "A": "1" } }');
  expect(settings.env).toEqual({ A: "1" });
  expect(warnings).toEqual([`${name}:1: OPENAI_API_KEY is not used: keys are taken from your environment only.`]);
});

test("of another agent's settings is used what both know, and nothing is said of the rest", () => {
  const { settings, warnings } = read(
    `{ "model": "opus", "statusLine": { "type": "command" }, "sandbox": { "network": { "allowedDomains": [] } },
       "permissions": { "allow": ["mcp__x__*", "Bash(ls)"], "deny": ["Read(./.env)"], "additionalDirectories": [], "defaultMode": "auto" },
       "hooks": { "Stop": [{ "hooks": [{ "type": "command", "command": "x", "async": true }] }] } }`,
    true,
  );
  expect(settings).toMatchObject({
    permissions: { allow: [{ text: "Bash(ls)" }], deny: [{ text: "Read(./.env)" }] },
  });
  expect(settings.model).toBeUndefined();
  expect(settings.sandbox).toBeUndefined();
  expect(settings.hooks?.Stop).toEqual([{ hooks: [{ type: "command", command: "x" }] }]);
  expect(warnings).toEqual([
    `${name}:2: "mcp__x__*" is no rule here and is not used.`,
    `${name}:2: there is no mode "auto" here; it is not used.`,
  ]);
  expect(() => read('{ "permissions": { "deny": ["mcp__x__*"] } }', true)).toThrow(/deny\[0\] has to be a rule/);
});
