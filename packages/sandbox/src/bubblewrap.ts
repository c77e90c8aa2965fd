import { accessSync, constants, type Dirent, lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Bubblewrap } from "./detect-sandbox.ts";
import { ownPlaces, type SandboxOptions } from "./sandbox-options.ts";
import type { Invocation } from "./shell.ts";
import { toolchainFolders } from "./toolchains.ts";
import { pathWithin } from "./worktree-path.ts";

/** What is the host's alone in folders that are otherwise shown; an ordinary user cannot read most of it anyway. */
const hostSecrets = [
  ...["shadow", "shadow-", "gshadow", "gshadow-", "sudoers", "krb5.keytab"],
  ...["ssh/ssh_host_rsa_key", "ssh/ssh_host_ecdsa_key", "ssh/ssh_host_ed25519_key"],
].map((name) => `/etc/${name}`);
const hostSecretFolders = ["/etc/ssl/private", "/etc/wireguard", "/etc/NetworkManager/system-connections"];

const systemFolders = ["/usr", "/etc", "/opt", "/nix", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
const scratchBytes = 4 * 1024 ** 3;

/** What keeps a command from the processes, the users, the network and the terminal of whoever starts it. */
export function namespaceArguments({ disablesUserNamespaces }: Bubblewrap, network: boolean): string[] {
  return [
    ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...(disablesUserNamespaces ? ["--disable-userns"] : []),
    ...(network ? [] : ["--unshare-net"]),
    ...["--cap-drop", "ALL", "--die-with-parent", "--new-session"],
  ];
}

/** How a program is started in a folder so that it reaches nothing but what the options name. */
export function bubblewrapInvocation(
  { program, args }: Invocation,
  { bubblewrap, cwd, options }: { bubblewrap: Bubblewrap; cwd: string; options: SandboxOptions },
): Invocation {
  const own = ownPlaces(options);
  const { worktree, readOnly = [], readable, replaced = [], folder, network } = options;
  const sharedNetwork = network ? undefined : options.sharedNetwork;
  const { toolchains, system, kernel } = shownOfHost();
  // A mount point in a folder that earlier commands wrote to could be a link by now, so then nothing is kept there.
  const keepsTmp = [worktree, ...readable, ...toolchains].every((path) => pathWithin("/tmp", path) === undefined);
  const sandbox = {
    program: bubblewrap.program,
    args: [
      ...namespaceArguments(bubblewrap, network || sharedNetwork !== undefined),
      ...system,
      ...(keepsTmp ? ["--bind", join(folder, "tmp"), "/tmp"] : ["--size", String(scratchBytes), "--tmpfs", "/tmp"]),
      ...["--dir", "/run", "--dir", "/var/tmp", "--proc", "/proc", ...kernel, "--dev", "/dev"],
      ...(network ? resolverFile() : []),
      ...["--bind", join(folder, "home"), own.home, "--bind", join(folder, "shell"), own.shell],
      ...[...toolchains, ...readable].flatMap((path) => ["--ro-bind-try", path, path]),
      ...["--bind", worktree, worktree, ...readOnlyDotGit(worktree), ...readOnlyIn(worktree, readOnly)],
      ...replaced.flatMap(({ from, to }) => ["--ro-bind", from, to]),
      ...["--remount-ro", "/", "--chdir", cwd],
      ...["--", program, ...args],
    ],
  };
  return sharedNetwork === undefined ? sandbox : sharedNetwork.entered(sandbox);
}

/** What every command sees of the machine. It is looked for once, since that takes longer than to start a shell. */
interface ShownOfHost {
  readonly toolchains: readonly string[];
  /** The arguments that show the system's folders. */
  readonly system: readonly string[];
  /** The arguments that keep the settings of the running kernel as they are. */
  readonly kernel: readonly string[];
}

let shown: ShownOfHost | undefined;

function shownOfHost(): ShownOfHost {
  shown ??= {
    toolchains: toolchainFolders(systemFolders),
    system: [...systemFolders.flatMap(asOnHost), ...hiddenSecrets()],
    kernel: readOnlyKernel(),
  };
  return shown;
}

/** Thrown when the worktree's `.git` is something that must not be shown to a command. */
export class DotGitReplaced extends Error {
  override readonly name = "DotGitReplaced";
}

/** As a mount it can be neither written, nor removed, nor moved. */
function readOnlyDotGit(worktree: string): string[] {
  const path = join(worktree, ".git");
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isFile() || found.isDirectory()) return ["--ro-bind", path, path];
  throw new DotGitReplaced(`${path} was replaced by a link or a device`);
}

/** What a name leads to elsewhere is not for a link in the worktree to say. */
function readOnlyIn(worktree: string, names: readonly string[]): string[] {
  return names
    .map((name) => join(worktree, name))
    .filter((path) => {
      const found = lstatSync(path, { throwIfNoEntry: false });
      return found?.isFile() || found?.isDirectory();
    })
    .flatMap((path) => ["--ro-bind", path, path]);
}

function asOnHost(path: string): string[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return found.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}

function hiddenSecrets(): string[] {
  return [
    ...hostSecrets.filter(isReadable).flatMap((path) => ["--ro-bind", "/dev/null", path]),
    ...hostSecretFolders.filter(isReadable).flatMap((path) => ["--tmpfs", path]),
  ];
}

/**
 * The kernel lets the superuser set it up whatever namespace and capabilities that has, `core_pattern` for one: a program
 * that then runs outside of all. bubblewrap leaves `/proc/sys` open, because no entry can be made in it.
 */
function readOnlyKernel(): string[] {
  if (process.getuid?.() !== 0) return [];
  return readdirSync("/proc", { withFileTypes: true })
    .filter(({ name }) => !/^\d+$/.test(name) && !coveredByBubblewrap.has(name))
    .filter((entry) => entry.name === "sys" || holdsWritable(entry))
    .flatMap(({ name }) => ["--ro-bind", `/proc/${name}`, `/proc/${name}`]);
}

const coveredByBubblewrap = new Set(["bus", "irq", "sysrq-trigger"]);

/** Whether a file, or one in a folder, is its owner's alone to write. Asked, the system would allow the superuser all. */
function holdsWritable(entry: Dirent): boolean {
  const path = join(entry.parentPath, entry.name);
  try {
    if (entry.isFile()) return (lstatSync(path).mode & 0o202) === 0o200;
    return entry.isDirectory() && readdirSync(path, { withFileTypes: true }).some(holdsWritable);
  } catch {
    // What does not let itself be looked at is not a command's either.
    return true;
  }
}

/** Where names are looked up is often told by a file under `/run`. */
function resolverFile(): string[] {
  if (!isReadable("/etc/resolv.conf")) return [];
  const path = realpathSync("/etc/resolv.conf");
  return pathWithin("/run", path) === undefined ? [] : ["--ro-bind", path, path];
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
