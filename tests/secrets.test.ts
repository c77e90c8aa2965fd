import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { story } from "./story.ts";

// Put together here, so that no program that looks for keys finds any in this file.
const random = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3hJ5";
const secrets = {
  environment: `env-${random.slice(0, 20)}`,
  model: `model-${random.slice(0, 20)}`,
  file: `file-${random.slice(0, 20)}`,
  shape: `ghp_${random}`,
};
const values = Object.values(secrets);

test("a key that a tool prints is masked for the model, in git, in every view and on export", async () => {
  await using bough = await story({
    env: { DEPLOY_TOKEN: secrets.environment, ANTHROPIC_API_KEY: secrets.model },
    files: {
      "README.md": "# A project\n",
      ".env": `DB_PASSWORD=${secrets.file}\nMODE=development\n`,
      "notes.txt": secrets.shape,
    },
    script: [
      { text: "I look.", calls: [{ name: "Bash", input: { command: "cat .env notes.txt" } }] },
      { text: "I look closer.", calls: [{ name: "Read", input: { file_path: "notes.txt" } }] },
      { text: "Noted.", calls: [{ name: "Write", input: { file_path: "seen.txt", content: "seen\n" } }] },
      { text: "Done." },
    ],
  });
  const { repository, server } = bough;
  const prompt = `Compare with ${secrets.environment} and ${secrets.model}`;
  const ran = await bough.run(
    "-p",
    prompt,
    "--branch",
    "work",
    "--output-format",
    "stream-json",
    "--permission-mode",
    "bypassPermissions",
  );
  expect(ran.code).toBe(0);

  expect(server.requests[0]?.messages).toEqual([
    { role: "user", text: "Compare with [masked: DEPLOY_TOKEN] and [masked: ANTHROPIC_API_KEY]" },
  ]);
  expect(server.requests[1]?.messages.at(-1)?.results).toMatchObject([
    { text: "DB_PASSWORD=[masked: DB_PASSWORD]\nMODE=development\n[masked: GITHUB_TOKEN]" },
  ]);
  const views = [
    ran.stdout + ran.stderr,
    // Without the headers: there a key belongs.
    JSON.stringify(server.requests.map(({ body }) => body)),
    await bough.git("log", "--format=%B", "bough/work", "^main"),
  ];
  for (const args of [
    ["log"],
    ["show", "bough/work~1"],
    ["export", "bough/work"],
    ["export", "bough/work", "--format", "json"],
  ]) {
    views.push((await bough.run(...args)).stdout);
  }
  for (const view of views) expect(values.filter((value) => view === "" || view.includes(value))).toEqual([]);
  // Files are never altered, so whoever prints them by other means sees all.
  expect(await readFile(join(repository.path, ".env"), "utf8")).toContain(secrets.file);
  expect(await bough.git("show", "bough/work:.env", "bough/work:notes.txt")).toContain(secrets.shape);
});

test("a secret that a provider repeats in its refusal is in no commit", async () => {
  await using bough = await story({
    env: { PROXY_TOKEN: secrets.environment },
    script: [
      { text: "I write.", calls: [{ name: "Write", input: { file_path: "a", content: "a\n" } }] },
      { status: 400, message: `The key ${secrets.environment} is used up.` },
    ],
  });
  expect(await bough.run("-p", "Write", "--branch", "work")).toMatchObject({ code: 1 });
  const messages = await bough.git("log", "--format=%B", "bough/work", "^main");
  expect(messages).toContain("The key [masked: PROXY_TOKEN] is used up");
  expect(messages).not.toContain(secrets.environment);
});
