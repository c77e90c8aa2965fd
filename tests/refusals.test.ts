import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type Ended, type RunOptions, type Story, type StoryOptions, story } from "./story.ts";

let bough: Story;

afterEach(() => bough[Symbol.asyncDispose]());

async function begin(options: StoryOptions = {}): Promise<Story> {
  bough = await story(options);
  return bough;
}

const noKeys = { ANTHROPIC_API_KEY: undefined, ANTHROPIC_BASE_URL: undefined };

/** Runs bough, which refuses, and sees to it that nothing is left of the attempt. */
async function refusal(options: RunOptions, ...args: string[]): Promise<Pick<Ended, "code" | "stderr">> {
  const refs = await bough.git("for-each-ref");
  const worktrees = await bough.git("worktree", "list");
  const before = await bough.repository.fingerprint();
  const { code, stdout, stderr } = await bough.runWith(options, ...args);
  expect(stdout).toBe("");
  expect(await bough.git("for-each-ref")).toBe(refs);
  expect(await bough.git("worktree", "list")).toBe(worktrees);
  expect(await bough.repository.fingerprint()).toBe(before);
  expect(await filesBelow(join(bough.repository.folder, "home/.local"))).toEqual([]);
  return { code, stderr };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => !entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name));
}

const ask = ["-p", "Hello"];

test("without any key it says where it looked, and what there is to do", async () => {
  await begin();
  expect(await refusal({ env: noKeys }, ...ask)).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      /^bough: No model: looked for --model and for BOUGH_MODEL, ANTHROPIC_API_KEY, .* \(in the environment; \.env files are not read\)\.\n.*bough tour\n$/,
    ),
  });
});

test("a model whose key is missing is named with the variable to set", async () => {
  await begin();
  expect(await refusal({ env: noKeys }, ...ask, "-m", "openai/gpt-5.5")).toEqual({
    code: 2,
    stderr:
      "bough: openai/gpt-5.5 needs a key, and OPENAI_API_KEY is not set. Set it in your shell (export OPENAI_API_KEY=…): .env files are not read.\n",
  });
});

test("a key in the project's .env is not used", async () => {
  await begin({ files: { ".env": "OPENAI_API_KEY=stolen\nBOUGH_MODEL=openai/gpt-5.5\n" } });
  expect(await refusal({ env: noKeys }, ...ask)).toMatchObject({ code: 2 });
});

test.each([
  [
    "antropic/claude",
    'There is no provider "antropic" for the model "antropic/claude". Did you mean anthropic/claude?',
  ],
  ["claude-sonnet-5-5", 'The model "claude-sonnet-5-5" names no provider. Write anthropic/claude-sonnet-5-5.'],
  ["anthropic", '"anthropic" is a provider and names no model.'],
])("a model that is none, %s, is a usage error", async (model, message) => {
  await begin();
  const { code, stderr } = await refusal({}, ...ask, "-m", model);
  expect(code).toBe(2);
  expect(stderr).toContain(`bough: ${message}`);
});

test("a model that the provider does not have is a usage error, and nothing is kept", async () => {
  await begin({ script: [{ status: 404, message: "model: claude-nonsense" }] });
  const { code, stderr } = await refusal({}, ...ask, "-m", "anthropic/claude-nonsense");
  expect(code).toBe(2);
  expect(stderr).toBe(
    `bough: anthropic has no model "claude-nonsense" at ${bough.server.url} (404: model: claude-nonsense). Check the id in "anthropic/claude-nonsense", and ANTHROPIC_BASE_URL if you set it.\n` +
      "Nothing was done and nothing is kept.\n",
  );
});

test("a key that the provider refuses fails the turn, and nothing is kept", async () => {
  await begin({ script: [{ status: 401, message: "invalid x-api-key" }] });
  const { code, stderr } = await refusal({}, ...ask, "-m", bough.model);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("Check ANTHROPIC_API_KEY") });
  expect(stderr).not.toContain("a-key");
});

test("an address where nobody answers fails the turn, and nothing is kept", async () => {
  await begin();
  await bough.server.close();
  const { code, stderr } = await refusal({}, ...ask, "-m", bough.model);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^bough: Cannot reach anthropic at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)\./),
  });
});

test("outside a repository it offers git init", async () => {
  await begin();
  expect(await refusal({ cwd: bough.repository.folder }, ...ask)).toEqual({
    code: 42,
    stderr: expect.stringContaining(
      `bough: ${bough.repository.folder} is not in a git repository, and bough keeps all it does in one. Run "git init" there, then try again.\n`,
    ),
  });
});

test("a folder that is not there is bad input", async () => {
  await begin();
  const { code, stderr } = await refusal({}, ...ask, "--cwd", "nowhere");
  expect({ code, stderr }).toEqual({ code: 42, stderr: expect.stringContaining("There is no folder") });
});

test("a bare repository has no files to work on", async () => {
  await begin({ bare: true });
  const { code, stderr } = await refusal({}, ...ask);
  expect({ code, stderr }).toEqual({
    code: 42,
    stderr: expect.stringContaining("is a bare repository: it has no files to work on."),
  });
});

test("unresolved conflicts are named, and --clean offered", async () => {
  await begin();
  const { git, repository } = bough;
  await git("switch", "--create", "other");
  await repository.write({ "README.md": "# Theirs\n" });
  await repository.commitAll("Theirs");
  await git("switch", "main");
  await repository.write({ "README.md": "# Ours\n" });
  await repository.commitAll("Ours");
  await git("merge", "other").catch(() => "as it should");
  expect(await refusal({}, ...ask)).toEqual({
    code: 42,
    stderr: expect.stringContaining(
      "bough: The checkout has unresolved conflicts in README.md. Resolve them, or start from the last commit with --clean.\n",
    ),
  });
});

test.each(["absent", "bough/absent", "v9", "0123456789", "-D", "../../etc/passwd", "HEAD~5", "a..b"])(
  "a revision that is none, %j, is bad input",
  async (revision) => {
    await begin();
    const { code, stderr } = await refusal({}, ...ask, `--resume=${revision}`);
    expect({ code, stderr }).toEqual({
      code: 42,
      stderr: expect.stringContaining("names no branch, commit or session here"),
    });
  },
);

test("a commit that no session led to cannot be gone on with", async () => {
  await begin();
  const { code, stderr } = await refusal({}, ...ask, "--resume", "main");
  expect({ code, stderr }).toEqual({
    code: 42,
    stderr: expect.stringContaining("there is no conversation to go on with"),
  });
});

test("where there is no session, --continue says how to start one", async () => {
  await begin();
  const { code, stderr } = await refusal({}, ...ask, "--continue");
  expect({ code, stderr }).toEqual({ code: 42, stderr: expect.stringContaining('Start one: bough -p "…".') });
});

test.each(["-D", "../../x", "a..b", "new\nline", "--upload-pack=x", "Upper", "a/b", "x.lock", ".", "refs/heads/main"])(
  "a branch name that is none, %j, is a usage error",
  async (name) => {
    await begin();
    const { code, stderr } = await refusal({}, ...ask, `--branch=${name}`);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("cannot name a session.") });
  },
);

test("a branch name that is taken is bad input", async () => {
  await begin();
  await bough.git("branch", "bough/mine");
  const { code, stderr } = await refusal({}, ...ask, "--branch", "mine");
  expect({ code, stderr }).toEqual({
    code: 42,
    stderr: expect.stringContaining('There is, or was, a session named "mine".'),
  });
});

test("a user's branch that stands in the way is named", async () => {
  await begin();
  await bough.git("branch", "bough");
  const { code, stderr } = await refusal({}, ...ask);
  expect({ code, stderr }).toEqual({
    code: 42,
    stderr: expect.stringContaining("A ref named refs/heads/bough stands where bough keeps its branches"),
  });
});

test("a clone whose next fetch would delete bough's branches is refused", async () => {
  await begin();
  await bough.git("config", "remote.origin.fetch", "+refs/*:refs/*");
  const { code, stderr } = await refusal({}, ...ask);
  expect({ code, stderr }).toEqual({ code: 42, stderr: expect.stringContaining("This repository mirrors another") });
});

test("a prompt in a session that cannot be reached leaves no fork either", async () => {
  await begin({ script: [{ text: "One." }, { text: "Two." }] });
  await bough.run("-p", "One", "--branch", "work");
  const commit = await bough.git("rev-parse", "bough/work");
  await bough.run("-p", "-c", "Two");
  const refs = await bough.git("for-each-ref");
  await bough.server.close();
  expect(await bough.run("-p", "Another way", "-r", commit)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("nothing is kept"),
  });
  expect(await bough.git("for-each-ref")).toBe(refs);
});
