import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { git, gitEnvironment, RUN_NOTHING } from "./git.ts";

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
  const identity = ["-c", "user.name=You", "-c", "user.email=you@localhost"];
  await run("init", "--quiet", "--initial-branch=main");
  await run("add", "--all");
  await run(...identity, "commit", "--quiet", `--message=${message}`);
}
