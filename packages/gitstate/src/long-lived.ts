import { Socket } from "node:net";
import { GitError } from "./errors.ts";
import type { startGit } from "./git.ts";

/** An idle helper process must not keep the program from ending; one that owes an answer must. */
export function setAlive(child: ReturnType<typeof startGit>, alive: boolean): void {
  for (const handle of [child, child.stdin, child.stdout, child.stderr]) {
    if (handle !== child && !(handle instanceof Socket)) continue;
    if (alive) handle.ref();
    else handle.unref();
  }
}

/** Resolves to what a process prints up to the nth of some byte; rejects when it ends before. */
export function readUntil(
  child: ReturnType<typeof startGit>,
  { command, byte, times }: { command: string; byte: number; times: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let stderr = "";
    let missing = times;
    const settle = (error?: Error) => {
      child.stdout.off("data", onStdout);
      child.stderr.off("data", onStderr);
      child.off("close", onClose);
      child.off("error", settle);
      if (error === undefined) resolve(Buffer.concat(chunks));
      else reject(error);
    };
    const onStdout = (chunk: Buffer) => {
      chunks.push(chunk);
      for (const read of chunk) if (read === byte) missing--;
      if (missing <= 0) settle();
    };
    const onStderr = (chunk: Buffer) => {
      stderr += chunk.toString();
    };
    const onClose = (exitCode: number | null) => {
      settle(new GitError({ args: [command], exitCode: exitCode ?? undefined, stderr }));
    };
    child.stdout.on("data", onStdout);
    child.stderr.on("data", onStderr);
    child.on("close", onClose);
    child.on("error", settle);
  });
}
