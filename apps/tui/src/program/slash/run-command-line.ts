import { Readable } from "node:stream";
import { type ReadingCommand, runReading } from "../../commands/reading.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { withSafeTerminals } from "../../safe-terminal.ts";
import type { Output } from "../../streams.ts";
import { answer, type SlashCall } from "./command.ts";

/** Runs a command of the command line, and adds what it prints to the tab: there is one of it, wherever it is asked for. */
export async function runCommandLine(call: SlashCall, line: ReadingCommand): Promise<void> {
  let text = "";
  const output: Output = {
    ...call.program.page,
    write: (chunk) => {
      text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    },
  };
  const streams = withSafeTerminals({ stdin: Readable.from([]), stdout: output, stderr: output });
  let code: ExitCode;
  try {
    code = await runReading(line, streams);
  } finally {
    streams.end();
    if (text !== "") answer(call, text);
  }
  if (text === "") answer(call, code === exitCode.done ? "Done." : `Ended with exit code ${code}.`);
}
