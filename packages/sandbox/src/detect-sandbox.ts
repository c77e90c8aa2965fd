import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { namespaceArguments } from "./bubblewrap.ts";
import { errorCode } from "./file-errors.ts";
import { loadSeatbelt } from "./seatbelt.ts";
import { findProgram } from "./shell.ts";

const trialLimitMs = 10_000;

/** A bubblewrap that was tried and works on this machine. */
export interface Bubblewrap {
  readonly program: string;
  /** Whether it can keep what it runs from making namespaces of its own; versions before 0.8 cannot. */
  readonly disablesUserNamespaces: boolean;
}

/** What commands are confined with: bubblewrap on Linux, seatbelt on macOS. */
export type Confinement =
  | { readonly kind: "bubblewrap"; readonly bubblewrap: Bubblewrap }
  | { readonly kind: "seatbelt" };

/** What commands can be confined with, or why they cannot be, with a message that says how to get it. */
export type SandboxSupport =
  | Confinement
  | {
      readonly kind: "none";
      readonly reason:
        | "not-wanted"
        | "unknown-system"
        | "not-installed"
        | "in-container"
        | "namespaces-refused"
        | "profiles-refused";
      readonly message: string;
    };

let known: Promise<SandboxSupport> | undefined;

/** Tells by a trial run what commands can be confined with; the answer is kept for the life of the process. */
export function detectSandbox(): Promise<SandboxSupport> {
  const { platform } = process;
  const program = platform === "darwin" ? findProgram("sandbox-exec", "/usr/bin") : findBubblewrap();
  known ??= trySandbox({ platform, program, inContainer: isContainer() });
  return known;
}

/** What a machine looks like before anything is tried on it. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly program: string | undefined;
  readonly inContainer: boolean;
  /** Loads the library that macOS's sandbox needs; fails where it is not installed. */
  readonly load?: () => Promise<unknown>;
}

/** Tells what commands can be confined with on such a machine. */
export async function trySandbox({ platform, program, inContainer, load }: Machine): Promise<SandboxSupport> {
  if (platform === "darwin") return trySeatbelt(program ?? "/usr/bin/sandbox-exec", load);
  if (platform !== "linux") {
    return none("unknown-system", `there is none for ${platform} yet. On Linux, also in a virtual machine, there is`);
  }
  if (program === undefined) {
    const how = "`sudo apt install bubblewrap`, `sudo dnf install bubblewrap` or `sudo pacman -S bubblewrap`";
    return none("not-installed", `bubblewrap is not installed. Get it with ${how}, and start bough again`);
  }
  const candidates = [true, false].map((disablesUserNamespaces) => ({ program, disablesUserNamespaces }));
  let complaint = "";
  for (const bubblewrap of candidates) {
    const refusal = await refusalOf(bubblewrap);
    if (refusal === undefined) return { kind: "bubblewrap", bubblewrap };
    complaint = refusal;
  }
  return inContainer
    ? none(
        "in-container",
        `this is a container that allows no namespaces (${complaint}). Start it with ` +
          "`--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined`",
      )
    : none(
        "namespaces-refused",
        `the system refuses user namespaces to bubblewrap (${complaint}). On Ubuntu 24.04 and later ` +
          "`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0` allows them, elsewhere " +
          "`sudo sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000`",
      );
}

async function trySeatbelt(program: string, load: () => Promise<unknown> = loadSeatbelt): Promise<SandboxSupport> {
  try {
    await load();
  } catch {
    const how = "`npm install --global @anthropic-ai/sandbox-runtime@0.0.83`";
    return none(
      "not-installed",
      `@anthropic-ai/sandbox-runtime is not installed beside bough. Get it with ${how}, and start bough again`,
    );
  }
  const refusal = await complaintOf(program, ["-p", "(version 1)(allow default)", "/usr/bin/true"]);
  if (refusal === undefined) return { kind: "seatbelt" };
  const inside = "A sandbox cannot be made inside of another: start bough outside of that";
  return none("profiles-refused", `the system refuses to make one (${refusal}). ${inside}`);
}

function none(reason: Extract<SandboxSupport, { kind: "none" }>["reason"], why: string): SandboxSupport {
  return { kind: "none", reason, message: `Commands run without a sandbox: ${why}.` };
}

function refusalOf(bubblewrap: Bubblewrap): Promise<string | undefined> {
  const args = [...namespaceArguments(bubblewrap, false), "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"];
  return complaintOf(bubblewrap.program, [...args, "true"]);
}

/** What a program says that does not end well. */
async function complaintOf(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    await promisify(execFile)(program, args, { timeout: trialLimitMs, killSignal: "SIGKILL" });
    return undefined;
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    return said.split("\n")[0] || `it could not be started: ${errorCode(error) ?? error}`;
  }
}

/** The system's own comes first: the search path may lead to a repository's. */
function findBubblewrap(): string | undefined {
  return findProgram("bwrap", `/usr/bin:/usr/local/bin:${process.env.PATH ?? ""}`);
}

function isContainer(): boolean {
  return existsSync("/.dockerenv") || existsSync("/run/.containerenv") || process.env.container !== undefined;
}
