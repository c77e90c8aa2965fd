import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { SearchFailed } from "./ripgrep.ts";

const limitMs = 10_000;

/** Tells which ripgrep searches files; throws a {@link SearchFailed} that says why none can. */
export async function searchProgram(find: () => Promise<string> = packaged): Promise<string> {
  let program: string | undefined;
  try {
    program = await find();
    const { stdout } = await promisify(execFile)(program, ["--version"], { timeout: limitMs, killSignal: "SIGKILL" });
    return /^ripgrep \S+/.exec(stdout)?.[0] ?? program;
  } catch (error) {
    const what = program === undefined ? "The packaged ripgrep is not installed" : `${program} cannot be run`;
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new SearchFailed(`${what} (${why}). Install bough again, with its optional packages.`, { cause: error });
  }
}

async function packaged(): Promise<string> {
  return (await import("@vscode/ripgrep")).rgPath;
}
