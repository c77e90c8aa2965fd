import { runCommand, runInTerminal } from "@bough/sandbox";

/** How a command of the user's own is run. */
export interface ByHandOptions {
  /** Whether it is handed the terminal that bough itself runs in, as an editor or a pager needs; else what it prints is captured. */
  readonly terminal?: boolean;
  /** Called with all that is captured, as it is printed. */
  readonly onOutput?: (text: string) => void;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** How a command of the user's own ended. */
export interface HandResult {
  /** What was captured: whole, or its beginning and its end. */
  readonly output: string;
  /** How it ended, when it was not by itself and well: `exit code 1`. */
  readonly failure?: string;
}

/** Runs a command of the user's own in a folder, in their environment and confined to nothing. */
export async function runByHand({
  terminal = false,
  command,
  cwd,
  ...options
}: ByHandOptions & { readonly command: string; readonly cwd: string }): Promise<HandResult> {
  const env = definedOnly(process.env);
  const result = terminal
    ? { ...(await runInTerminal({ command, cwd, env, signal: options.signal })), output: "" }
    : await runCommand({ command, cwd, env, ...options });
  const failure = describeFailure(result);
  return failure === undefined ? { output: result.output } : { output: result.output, failure };
}

function describeFailure(end: Awaited<ReturnType<typeof runCommand>>): string | undefined {
  switch (end.status) {
    case "exited":
      return end.code === 0 ? undefined : `exit code ${end.code}`;
    case "killed":
      return `ended by ${end.signal}`;
    case "interrupted":
      return "interrupted";
    case "timed-out":
      return "out of time";
    default:
      return end satisfies never;
  }
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
