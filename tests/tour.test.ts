import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { story } from "./story.ts";

const withoutKeys = { ANTHROPIC_API_KEY: undefined, ANTHROPIC_BASE_URL: undefined };

test("the tour needs neither key nor repository nor terminal, and ends by saying how to connect a model", async () => {
  await using bough = await story();
  const before = await bough.repository.fingerprint();
  const temporary = join(bough.repository.folder, "temporary");
  await mkdir(temporary);
  const cwd = bough.repository.folder;
  const { code, stdout, stderr } = await bough.runWith({ cwd, env: { ...withoutKeys, TMPDIR: temporary } }, "tour");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("> Write slug(title) in slug.js, with tests.");
  expect(stdout.trimEnd().split("\n").slice(-5)).toEqual([
    "Now on a repository of yours, with a real model:",
    "$ export ANTHROPIC_API_KEY=…      or OPENAI_API_KEY, GEMINI_API_KEY, …",
    "$ bough                           the screen: a tab for each branch",
    '$ bough -p "what does this project do?"',
    "A model on your own machine: -m ollama/<id>, lmstudio/<id>, llamacpp/<id>.",
  ]);
  expect(await readdir(temporary)).toEqual([]);
  expect(await bough.repository.fingerprint()).toBe(before);
  expect(bough.server.requests).toEqual([]);
});

test("the tour forks before a prompt, compares, lands beside an edit of the person's own, and asks why", async () => {
  await using bough = await story();
  const { stdout } = await bough.runWith({ env: withoutKeys }, "tour");
  const told = stdout.slice(stdout.indexOf("$ bough branch")).replaceAll(/\b[0-9a-f]{7,9}\b/g, "<commit>");
  expect(told.split("\n").filter((line) => line.startsWith("$ "))).toEqual([
    '$ bough branch --rev 2 "Let it cut long titles, but never inside a word."',
    "$ git log --graph --oneline bough/slug.1 bough/slug",
    "$ bough diff bough/slug bough/slug.1",
    "$ bough land bough/slug.1",
    "$ git status --short",
    "$ bough why slug.js:10",
    "$ export ANTHROPIC_API_KEY=…      or OPENAI_API_KEY, GEMINI_API_KEY, …",
    "$ bough                           the screen: a tab for each branch",
    '$ bough -p "what does this project do?"',
  ]);
  expect(told).toContain("Landed bough/slug.1 as <commit>: Write slug(title) in slug.js, with tests\n");
  expect(told).toContain("$ git status --short\n M README.md\n");
  expect(told).toContain("  > Let it cut long titles, but never inside a word.\n  scripted/tour");
  expect(told.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("what `npm start` runs is the tour where there is no terminal", async () => {
  await using bough = await story();
  const child = spawn(join(import.meta.dirname, "../scripts/start"), [], {
    cwd: join(import.meta.dirname, ".."),
    env: { ...bough.repository.env, INIT_CWD: bough.repository.path },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  expect({ code, first: stdout.split("\n", 1)[0] }).toEqual({
    code: 0,
    first: "A tour of bough. The model plays a script; agent, tools, tests and git are real.",
  });
});

test("the tour can be interrupted, and clears up", async () => {
  await using bough = await story();
  const temporary = join(bough.repository.folder, "temporary");
  await mkdir(temporary);
  const running = bough.startWith({ env: { ...withoutKeys, TMPDIR: temporary } }, "tour");
  await running.printed("> Write slug(title)");
  running.child.kill("SIGINT");
  expect(await running.ended).toMatchObject({ code: 130 });
  expect(await readdir(temporary)).toEqual([]);
});
