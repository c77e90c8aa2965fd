import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SandboxOptions } from "./sandbox-options.ts";
import { seatbeltRules } from "./seatbelt.ts";

const options: SandboxOptions = {
  confinement: { kind: "seatbelt" },
  worktree: "/Users/ann/state/worktree",
  readOnly: ["AGENTS.md"],
  readable: ["/Users/ann/project/.git"],
  replaced: [{ from: "/Users/ann/project/.claude", to: "/Users/ann/state/worktree/.claude" }],
  folder: "/private/var/folders/x/bough-shell",
  network: false,
  mostProcesses: 100,
};

/** What would be started on macOS; the library only writes text, so that can be had anywhere. */
function startedOnMac(given: SandboxOptions): string {
  const program = `
    Object.defineProperty(process, "platform", { value: "darwin" });
    const { seatbeltInvocation } = await import(${JSON.stringify(join(import.meta.dirname, "seatbelt.ts"))});
    const { program, args } = await seatbeltInvocation("echo it's me", "/bin/bash", ${JSON.stringify(given)});
    process.stdout.write([program, ...args].join("\\n"));
    process.exit();`;
  return execFileSync(process.execPath, ["--input-type=module-typescript", "--eval", program], { encoding: "utf8" });
}

/** The paths of one rule of a profile. */
function ruled(profile: string, rule: string): string[] {
  const blocks = profile.split(/\n(?=\()/).filter((block) => block.startsWith(`(${rule}\n`));
  return blocks.flatMap((block) => [...block.matchAll(/\(subpath "(.*?)"\)/g)].map(([, path = ""]) => path));
}

test("the worktree can be written to, but for its .git and what steers agents; homes cannot even be read", () => {
  const profile = startedOnMac(options);
  const own = ["home", "tmp", "shell"].map((name) => join(options.folder, name));
  expect(ruled(profile, "allow file-write*")).toEqual(expect.arrayContaining([options.worktree, ...own]));
  expect(ruled(profile, "allow file-write*").filter((path) => path.startsWith("/Users"))).toEqual([options.worktree]);
  expect(ruled(profile, "deny file-write*")).toEqual(
    expect.arrayContaining([".git", "AGENTS.md"].map((name) => join(options.worktree, name))),
  );
  expect(ruled(profile, "deny file-read*")).toEqual(expect.arrayContaining(["/Users", "/private/tmp"]));
  expect(
    ruled(profile, "allow file-read*")
      .filter((path) => path.startsWith("/Users"))
      .sort(),
  ).toEqual(["/Users/ann/project/.claude", "/Users/ann/project/.git", options.worktree]);
});

test("there is no network unless it is granted", () => {
  const [closed, open] = [startedOnMac(options), startedOnMac({ ...options, network: true })];
  expect(closed).not.toMatch(/\(allow network|PROXY/i);
  expect(open).toContain("(allow network*)");
});

test("what bash reads first is read by the shell inside alone, and temporary files are the session's", () => {
  const started = startedOnMac(options);
  expect(started).toMatch(/^\/bin\/sh\n-c\nenv .*\/usr\/bin\/sandbox-exec -p /);
  expect(started).toContain(`export TMPDIR=`);
  expect(started).toContain(join(options.folder, "tmp"));
});

test("a path that would be taken for a pattern is refused", () => {
  expect(() => seatbeltRules({ ...options, worktree: "/Users/ann/a[b]" })).toThrow(
    "cannot tell /Users/ann/a[b] from a",
  );
});
