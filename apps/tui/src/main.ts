import { type CommandLine, parseCommandLine } from "./command-line/parse.ts";
import { runReading } from "./commands/reading.ts";
import { type ExitCode, ExitError, exitCode } from "./exit-code.ts";
import { withSafeTerminals } from "./safe-terminal.ts";
import type { Streams } from "./streams.ts";
import { escapeForTerminal } from "./terminal-text.ts";

/** Runs bough with the arguments behind its name and resolves to the exit code. */
export async function main(args: readonly string[], given: Streams): Promise<ExitCode> {
  const streams = withSafeTerminals(given);
  try {
    return await dispatch(parseCommandLine(args), streams);
  } catch (thrown) {
    const error = await withExitCode(thrown);
    reportError(error, streams);
    return error instanceof ExitError ? error.exitCode : exitCode.failed;
  } finally {
    streams.end();
  }
}

/** Prints what went wrong so that no terminal obeys any of it. */
export function reportError(error: unknown, { stderr }: Pick<Streams, "stderr">): void {
  stderr.write(`bough: ${escapeForTerminal(report(error))}\n`);
}

/** The packages' errors are known to them, and they are only loaded by commands that use them. */
async function withExitCode(error: unknown): Promise<unknown> {
  if (error instanceof ExitError) return error;
  const failure = await import("./failure.ts");
  return failure.withExitCode(error);
}

/** Loads the one command that is asked for, so that none pays for what another needs. */
async function dispatch(commandLine: CommandLine, streams: Streams): Promise<ExitCode> {
  switch (commandLine.command) {
    case "help": {
      const { help } = await import("./command-line/help.ts");
      streams.stdout.write(help(commandLine.topic));
      return exitCode.done;
    }
    case "version": {
      const { version } = await import("./version.ts");
      streams.stdout.write(`bough ${version}\n`);
      return exitCode.done;
    }
    case "open": {
      const { open } = await import("./commands/open.ts");
      return open(commandLine, streams);
    }
    case "print": {
      const { print } = await import("./commands/print.ts");
      return print(commandLine, streams);
    }
    case "plain": {
      const { plain } = await import("./commands/plain.ts");
      return plain(commandLine, streams);
    }
    case "log":
    case "show":
    case "diff":
    case "why":
    case "sessions":
    case "export":
    case "doctor":
      return runReading(commandLine, streams);
    case "branch": {
      const { branch } = await import("./commands/branch.ts");
      return branch(commandLine, streams);
    }
    case "merge": {
      const { merge } = await import("./commands/merge.ts");
      return merge(commandLine, streams);
    }
    case "land": {
      const { land } = await import("./commands/land.ts");
      return land(commandLine, streams);
    }
    case "rewind": {
      const { rewind } = await import("./commands/rewind.ts");
      return rewind(commandLine, streams);
    }
    case "init": {
      const { init } = await import("./commands/init.ts");
      return init(commandLine, streams);
    }
    case "context": {
      const { context } = await import("./commands/context.ts");
      return context(commandLine, streams);
    }
    case "gc": {
      const { gc } = await import("./commands/gc.ts");
      return gc(commandLine, streams);
    }
    case "tour": {
      const { tour } = await import("./commands/tour.ts");
      return tour(streams);
    }
    default:
      return commandLine satisfies never;
  }
}

/** An error that says what to do is its message; any other is a mistake of ours, with its stack for who asks. */
function report(error: unknown): string {
  if (error instanceof ExitError) return error.message;
  if (process.env.BOUGH_DEBUG && error instanceof Error) return error.stack ?? error.message;
  const message = error instanceof Error ? error.message : String(error);
  return `unexpected error: ${message}\nSet BOUGH_DEBUG=1 to see where it comes from.`;
}
