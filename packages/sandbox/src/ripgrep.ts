import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

const timeLimitMs = 60_000;
const mostRecordBytes = 64 * 1024;
const mostErrorCharacters = 2_000;

/** Thrown when a search cannot be done at all; the message says why. */
export class SearchFailed extends Error {
  override readonly name = "SearchFailed";
}

/** One run of ripgrep, and who is told what it prints. */
export interface RipgrepOptions {
  readonly args: readonly string[];
  /** Worktree-relative file or folder to look in. */
  readonly operand: string;
  readonly cwd: string;
  /** What ends a record of the output. */
  readonly delimiter: "\n" | "\0";
  /** Whether files come in the order of their paths, which takes a third of the speed; each is whole in any case. */
  readonly sorted: boolean;
  readonly signal?: AbortSignal;
  /** Called with each record; the search is ended when it returns false. */
  readonly onRecord: (record: Buffer) => boolean;
}

// Only git's own ignore rules count, git's own folder never does, and no setting of the user's takes part.
const alwaysGiven = ["--no-config", "--hidden", "--no-ignore-dot", "--glob=!.git", "--color=never"];

/** Runs the packaged ripgrep over files, and resolves to what it could not read. */
export async function ripgrep(options: RipgrepOptions): Promise<{ warning: string | undefined }> {
  const { args, operand, cwd, delimiter, sorted, signal, onRecord } = options;
  signal?.throwIfAborted();
  const child = spawn(
    await ripgrepPath(),
    [...alwaysGiven, ...(sorted ? ["--sort=path"] : []), ...args, "--", `./${operand}`],
    {
      cwd,
      env: searchEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeLimitMs,
      killSignal: "SIGKILL",
      signal,
    },
  );
  const errors = firstCharacters(child.stderr, mostErrorCharacters);
  const closed = once(child, "close");
  closed.catch(() => {});
  let stopped = false;
  for await (const record of recordsOf(child.stdout, delimiter)) {
    if (onRecord(record)) continue;
    stopped = true;
    child.kill("SIGKILL");
    break;
  }
  await closed;
  if (!stopped && child.signalCode !== null) {
    throw new SearchFailed(`The search took more than ${timeLimitMs / 1_000} s. Search in a smaller folder.`);
  }
  const message = await errors;
  if (!stopped && child.exitCode === 2 && /^rg: (regex|PCRE2|error parsing|the literal)/m.test(message)) {
    throw new SearchFailed(message.replaceAll("rg: ", "").trim());
  }
  return { warning: message === "" ? undefined : message.replaceAll("rg: ./", "").trim() };
}

/** Resolves to the packaged program. */
export async function ripgrepPath(): Promise<string> {
  return (await import("@vscode/ripgrep")).rgPath;
}

/** Where git finds the user's own ignore rules; nothing else of the environment matters to a search. */
function searchEnvironment(): Record<string, string> {
  const { HOME, XDG_CONFIG_HOME } = process.env;
  return { ...(HOME && { HOME }), ...(XDG_CONFIG_HOME && { XDG_CONFIG_HOME }) };
}

async function* recordsOf(stream: Readable, delimiter: string): AsyncGenerator<Buffer> {
  const end = delimiter.charCodeAt(0);
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    let bytes = Buffer.concat([rest, chunk]);
    for (let at = bytes.indexOf(end); at >= 0; at = bytes.indexOf(end)) {
      yield bytes.subarray(0, at);
      bytes = bytes.subarray(at + 1);
    }
    rest = bytes.subarray(0, mostRecordBytes);
  }
  if (rest.length > 0) yield rest;
}

async function firstCharacters(stream: Readable, most: number): Promise<string> {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text = (text + chunk).slice(0, most);
  return text;
}
