import { chmod, mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { main } from "../main.ts";

let repository: TemporaryRepository;

beforeEach(async () => {
  repository = await temporaryRepository({ enter: true });
  process.env["BOUGH_MODEL"] = "ollama/some-model";
});

afterEach(async () => {
  delete process.env["BOUGH_MODEL"];
  await repository[Symbol.asyncDispose]();
});

async function doctor(...args: string[]) {
  const written = { stdout: "", stderr: "" };
  const code = await main(["doctor", "--cwd", repository.path, ...args], {
    stdin: Object.assign(Readable.from([]), { isTTY: false }),
    stdout: { isTTY: false, write: (text) => (written.stdout += text) },
    stderr: { isTTY: false, write: (text) => (written.stderr += text) },
  });
  return { code, ...written };
}

/** The line about one thing, without the padding. */
async function lineOf(name: string): Promise<string | undefined> {
  const { stdout } = await doctor();
  const lines = stdout.split("\n").map((line) => line.replace(/ {2,}/g, " "));
  return lines.find((line) => line.split(" ")[1] === name);
}

test("in an ordinary repository nothing is blocked, and nothing is changed", async () => {
  const before = await repository.fingerprint();
  const { code, stdout, stderr } = await doctor();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^Ready(\.|, with \d+ warnings?\.)$/m);
  expect(stdout).not.toContain("blocked");
  expect(await repository.fingerprint()).toBe(before);
});

test("--json prints what was looked at, with the state and what was found", async () => {
  const { stdout } = await doctor("--json");
  expect(JSON.parse(stdout)).toContainEqual({
    name: "repository",
    state: "ready",
    message: `${repository.path}, on main`,
  });
});

describe("git", () => {
  test("an old one is blocked with the version it should be, and not asked about the repository", async () => {
    const bin = join(repository.folder, "bin");
    await mkdir(bin);
    await writeFile(join(bin, "git"), "#!/bin/sh\necho git version 2.30.2\n");
    await chmod(join(bin, "git"), 0o755);
    process.env["PATH"] = `${bin}:${repository.env["PATH"]}`;
    const { code, stdout } = await doctor();
    expect(code).toBe(42);
    expect(stdout).toMatch(/^blocked {2}git +This is git 2\.30\.2\. Install git 2\.38 or later/m);
    expect(stdout).not.toMatch(/repository/);
  });

  test("none is blocked too", async () => {
    process.env["PATH"] = join(repository.folder, "empty");
    expect(await lineOf("git")).toMatch(/^blocked git There is no git on the PATH\. Install git/);
  });
});

describe("the repository", () => {
  test("a folder in none is told to make one", async () => {
    const { code, stdout } = await doctor("--cwd", repository.folder);
    expect(code).toBe(42);
    expect(stdout).toMatch(/^blocked {2}repository +.*is not in a git repository.*"git init"/m);
  });

  test("a bare one has no files to work on", async () => {
    await repository.git("init", "--bare", join(repository.folder, "bare.git"));
    const { code, stdout } = await doctor("--cwd", join(repository.folder, "bare.git"));
    expect(code).toBe(42);
    expect(stdout).toMatch(/^blocked {2}repository +.*is a bare repository.*Clone it/m);
  });

  test("one without a commit is ready", async () => {
    await repository.git("checkout", "--orphan", "fresh");
    expect(await lineOf("repository")).toMatch(/^ready repository .*, on fresh; no commit yet/);
  });

  test("a branch in the way of the sessions' is named", async () => {
    await repository.git("branch", "bough");
    expect(await lineOf("branches")).toMatch(/^blocked branches .*refs\/heads\/bough stands where.*git branch -m/);
  });

  test("a mirror would lose sessions with its next fetch", async () => {
    await repository.git("remote", "add", "--mirror=fetch", "origin", repository.folder);
    expect(await lineOf("branches")).toMatch(/^blocked branches .*mirrors another.*ordinary clone/);
  });

  test("a remote that has sessions is warned of, with how to take one back", async () => {
    const remote = join(repository.folder, "remote.git");
    await repository.git("init", "--bare", remote);
    await repository.git("remote", "add", "origin", remote);
    await repository.git("branch", "bough/fix");
    expect(await lineOf("publishing")).toBe("ready publishing no remote has conversations");
    await repository.git("push", "--verbose", "--all", "origin");
    expect(await lineOf("publishing")).toMatch(
      /^warning .*origin has bough\/fix: .*git push origin --delete bough\/fix/,
    );
    await repository.git("config", "remote.origin.push", "refs/heads/*");
    expect(await lineOf("publishing")).toMatch(/^warning .*git config --unset-all remote\.origin\.push/);
  });

  test("without a name the user is told how to give one", async () => {
    expect(await lineOf("identity")).toBe("ready identity Ada <ada@example.com>");
    await writeFile(join(repository.folder, "home/.gitconfig"), "");
    expect(await lineOf("identity")).toMatch(/^warning identity .*git config --global user\.name/);
  });
});

describe("what killed programs left", () => {
  test("a lock, a landing and a worktree are a line each", async () => {
    expect(await lineOf("leftovers")).toMatch(/^ready/);
    const lock = join(repository.path, ".git/index.lock");
    await writeFile(lock, "");
    await utimes(lock, 0, 0);
    await mkdir(join(repository.path, ".git/bough-land-4194999-xyz"));
    await repository.git("worktree", "add", join(repository.folder, "gone"));
    await rm(join(repository.folder, "gone"), { recursive: true });
    expect(await lineOf("lock")).toBe(
      `warning lock A git that was killed left its lock. If no git is running here: rm '${lock}'`,
    );
    expect(await lineOf("landing")).toMatch(/^warning landing .*`bough land`/);
    expect(await lineOf("worktree")).toMatch(
      /^warning worktree git lists a worktree that is gone: .*git worktree prune/,
    );
  });
});

describe("folders", () => {
  test("one that cannot be made is blocked, with how to have it elsewhere", async () => {
    await writeFile(join(repository.folder, "file"), "");
    process.env["XDG_STATE_HOME"] = join(repository.folder, "file/state");
    expect(await lineOf("worktrees")).toMatch(/^blocked worktrees .*file is not a folder\. Set XDG_STATE_HOME/);
    process.env["XDG_CACHE_HOME"] = join(repository.folder, "file");
    expect(await lineOf("cache")).toMatch(/^blocked cache .*file is not a folder\. Set XDG_CACHE_HOME/);
  });
});

describe("the model", () => {
  test("it is named with what chose it, and the key's variable but never the key", async () => {
    process.env["BOUGH_MODEL"] = "openai/gpt-5.5";
    process.env["OPENAI_API_KEY"] = "sk-very-secret";
    try {
      expect(await lineOf("model")).toBe("ready model openai/gpt-5.5 (from BOUGH_MODEL), key in OPENAI_API_KEY");
      expect((await doctor("--json")).stdout).not.toContain("very-secret");
    } finally {
      delete process.env["OPENAI_API_KEY"];
    }
  });

  test("a missing key is blocked with the variable to set", async () => {
    const { code, stdout } = await doctor("--model", "groq/llama");
    expect(code).toBe(42);
    expect(stdout).toMatch(/^blocked {2}model +groq\/llama needs a key, and GROQ_API_KEY is not set\. Set it/m);
  });

  test("one that needs no key says so", async () => {
    expect(await lineOf("model")).toBe("ready model ollama/some-model (from BOUGH_MODEL), which needs no key");
  });
});
