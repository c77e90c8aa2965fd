import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** A program and its arguments. */
export interface Invocation {
  readonly program: string;
  readonly args: readonly string[];
}

/** How a shell command is started: by bash, or by sh where there is no bash. */
export function shellInvocation(command: string, searchPath = ""): Invocation {
  const program = findProgram("bash", searchPath) ?? findProgram("sh", searchPath) ?? "/bin/sh";
  return { program, args: ["-c", command] };
}

/** Finds a program in the absolute folders of a search path: the search must not end in the worktree. */
export function findProgram(name: string, searchPath: string): string | undefined {
  const folders = [...searchPath.split(":").filter(isAbsolute), "/bin", "/usr/bin"];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
