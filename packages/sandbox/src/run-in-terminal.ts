import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ProcessEnd } from "./process-group.ts";
import { notStarted, type RunCommandOptions } from "./run-command.ts";
import { shellInvocation } from "./shell.ts";

/**
 * Runs a shell command that has the terminal to itself, as an editor or a pager needs it, and resolves to how it ended.
 * Keys that interrupt reach it and bough alike; what bough makes of them meanwhile is the caller's to say. An abort tells
 * it that the terminal is gone.
 */
export async function runInTerminal(
  options: Pick<RunCommandOptions, "command" | "cwd" | "env" | "signal">,
): Promise<ProcessEnd> {
  const { command, cwd, env, signal } = options;
  const { program, args } = shellInvocation(command, env.PATH);
  try {
    const child = spawn(program, args, { cwd, env, stdio: "inherit" });
    const hangUp = () => child.kill("SIGHUP");
    signal?.addEventListener("abort", hangUp, { once: true });
    if (signal?.aborted) hangUp();
    await once(child, "exit").finally(() => signal?.removeEventListener("abort", hangUp));
    return child.signalCode === null
      ? { status: "exited", code: child.exitCode ?? 0 }
      : { status: "killed", signal: child.signalCode };
  } catch (error) {
    throw notStarted(options, error);
  }
}
