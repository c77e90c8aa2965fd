import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ShellSession, WorktreeFiles } from "@bough/sandbox";
import { NO_PAST } from "../context/past.ts";
import { Jobs } from "../jobs/jobs.ts";
import type { Tool, ToolContext, ToolOutput } from "../tool.ts";

/** Makes folders with some files in them, each for one test, and a way to call tools on it as a model would. */
export function worktreeFixtures(onTestFinished: (cleanUp: () => void | Promise<void>) => void) {
  return (contents: Record<string, string | Uint8Array> = {}) => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "bough-tools-")));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const put = (path: string, content: string | Uint8Array) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    };
    for (const [path, content] of Object.entries(contents)) put(path, content);
    const shell = new ShellSession({ worktree: root });
    onTestFinished(() => shell.close());
    const jobs = new Jobs();
    onTestFinished(() => jobs.close());
    const printed: string[] = [];
    const context: ToolContext = {
      files: new WorktreeFiles({ root }),
      shell,
      hasNetwork: false,
      jobs,
      past: NO_PAST,
      mayRead: () => true,
      hiddenBy: [],
      signal: new AbortController().signal,
      onOutput: (text) => printed.push(text),
    };
    return {
      root,
      files: context.files,
      shell,
      printed,
      put,
      bytes: (path: string) => readFileSync(join(root, path)),
      text: (path: string) => readFileSync(join(root, path), "utf8"),
      call: async (tool: Tool, input: unknown, given: Partial<ToolContext> = {}): Promise<ToolOutput> =>
        tool.execute(tool.input.parse(input), { ...context, ...given }),
    };
  };
}
