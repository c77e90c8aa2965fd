import { OutputWindow } from "./output-window.ts";
import { type CommandEnd, endOf, notStarted, type RunCommandOptions, startGroup } from "./run-command.ts";

/** A command, and what it reads from its standard input. */
export interface RunWithInputOptions extends Omit<RunCommandOptions, "onOutput"> {
  readonly input: string;
}

/** How a command ended and what it printed on each stream; of more than 1 MiB the middle is cut. */
export type SeparateOutput = CommandEnd & { readonly stdout: string; readonly stderr: string };

const bytesAtEachEnd = 512 * 1024;

/** Runs a shell command that is given a text to read, and resolves to what it printed, each stream by itself. */
export async function runWithInput({ input, ...options }: RunWithInputOptions): Promise<SeparateOutput> {
  if (options.signal?.aborted) return { status: "interrupted", stdout: "", stderr: "" };
  const [stdout, stderr] = [new OutputWindow(bytesAtEachEnd), new OutputWindow(bytesAtEachEnd)];
  try {
    const group = await startGroup(options, {
      input,
      onOutput: (text) => stdout.append(text),
      onError: (text) => stderr.append(text),
    });
    return { ...(await endOf(group, options)), stdout: stdout.text(), stderr: stderr.text() };
  } catch (error) {
    throw notStarted(options, error);
  }
}
