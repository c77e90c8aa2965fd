import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A repository to measure in, with an environment that keeps bough's folders beside it. */
export interface Throwaway extends Disposable {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  git(...args: string[]): string;
}

/** Makes a repository of so many small files, a hundred to a folder. */
export function throwawayRepository(fileCount: number): Throwaway {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "bough-bench-")));
  const path = join(folder, "repository");
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    XDG_STATE_HOME: join(folder, "state"),
    XDG_CACHE_HOME: join(folder, "cache"),
    GIT_CONFIG_NOSYSTEM: "1",
  };
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: path, env, encoding: "utf8", maxBuffer: 2 ** 30 });
  for (let i = 0; i < fileCount; i++) {
    const into = join(path, `folder-${Math.floor(i / 100)}`);
    if (i % 100 === 0) mkdirSync(into, { recursive: true });
    writeFileSync(join(into, `file-${i}.txt`), `This is file ${i}.\n`.repeat(20));
  }
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Bench");
  git("config", "user.email", "bench@localhost");
  // It would run on in the background, into what is measured.
  git("config", "gc.auto", "0");
  git("add", "--all");
  git("commit", "--quiet", "--message=Files");
  git("repack", "-adq");
  return { path, env, git, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
