import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { git, gitEnvironment, RUN_NOTHING } from "./git.ts";

/** Settings of its own: in a repository that is nobody's, nothing signs, and no hook of a person's runs. */
const SETTINGS = {
  "user.name": "You",
  "user.email": "you@localhost",
  "commit.gpgSign": "false",
  "core.hooksPath": "/dev/null",
};

/** Makes a repository with one commit, whose branch is `main`. */
export async function createRepository(
  path: string,
  { files, message }: { files: Readonly<Record<string, string>>; message: string },
): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  const run = (...args: string[]) => git([...RUN_NOTHING, ...args], { cwd: path, env: gitEnvironment() });
  await run("init", "--quiet", "--initial-branch=main");
  for (const [name, value] of Object.entries(SETTINGS)) await run("config", name, value);
  await run("add", "--all");
  await run("commit", "--quiet", `--message=${message}`);
}
