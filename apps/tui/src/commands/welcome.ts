import { help } from "../command-line/help.ts";
import { type ExitCode, exitCode, UsageError } from "../exit-code.ts";
import type { Streams } from "../streams.ts";

/** Bare `bough`: says to a person what there is to do. */
export function welcome({ stdin, stdout }: Streams): ExitCode {
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new UsageError('There is no terminal here. Give a prompt: bough -p "<prompt>"');
  }
  stdout.write(`${help(undefined)}\nNew here? \`bough tour\` shows what it does, without key or network.\n`);
  return exitCode.done;
}
