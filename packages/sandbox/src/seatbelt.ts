import { homedir } from "node:os";
import { join } from "node:path";
import type { SandboxRuntimeConfig } from "@anthropic-ai/sandbox-runtime";
import { ownPlaces, type SandboxOptions } from "./sandbox-options.ts";
import type { Invocation } from "./shell.ts";
import { toolchainFolders } from "./toolchains.ts";

/** Loads the library that writes macOS's profiles, which takes a tenth of a second. */
export const loadSeatbelt = () => import("@anthropic-ai/sandbox-runtime");

/** Where macOS keeps what is somebody's. Nobody's home can be read, nor what other programs put down for a while. */
const hidden = [
  ...["/Users", "/Volumes", "/Network", "/Library/Keychains"],
  ...["/private/tmp", "/private/var/folders", "/private/var/root"],
];
const systemFolders = ["/usr", "/bin", "/sbin", "/opt", "/System", "/Library", "/Applications", "/nix"];

/** The same rules as bubblewrap's arguments, as far as a system without mounts and namespaces has them. */
export function seatbeltRules(options: SandboxOptions): Pick<Partial<SandboxRuntimeConfig>, "network" | "filesystem"> {
  const { worktree, readOnly = [], readable, replaced = [], network } = options;
  const own = Object.values(ownPlaces(options));
  const shown = [
    worktree,
    ...own,
    ...readable,
    ...replaced.map(({ from }) => from),
    ...toolchainFolders(systemFolders),
  ];
  for (const path of shown) refusePattern(path);
  return {
    ...(network ? {} : { network: { allowedDomains: [], deniedDomains: [] } }),
    filesystem: {
      denyRead: [...hidden, homedir()],
      allowRead: shown,
      allowWrite: [worktree, ...own],
      denyWrite: [...[".git", ...readOnly].map((name) => join(worktree, name)), ...readable],
    },
  };
}

/** How a shell command is started so that it reaches nothing but what the options name. */
export async function seatbeltInvocation(command: string, shell: string, options: SandboxOptions): Promise<Invocation> {
  const { SandboxManager } = await loadSeatbelt();
  // The library sets a folder for temporary files that all its users share.
  const here = `export TMPDIR='${ownPlaces(options).tmp}'; ${command}`;
  const wrapped = await SandboxManager.wrapWithSandbox(here, shell, seatbeltRules(options));
  // As `sh`, which does not read what `BASH_ENV` names: that is for the shell inside.
  return { program: "/bin/sh", args: ["-c", wrapped] };
}

/** The library takes these characters for patterns, and a rule that matches something else protects nothing. */
function refusePattern(path: string): void {
  if (!/[*?[\]']/.test(path)) return;
  throw new Error(`macOS's sandbox cannot tell ${path} from a pattern, for it has one of * ? [ ] ' in its name`);
}
