import type { CommandLine } from "../command-line/parse.ts";
import type { ExitCode } from "../exit-code.ts";
import type { Streams } from "../streams.ts";

/** A command that tells what there is, and changes nothing. */
export type ReadingCommand = Extract<
  CommandLine,
  { command: "log" | "show" | "diff" | "why" | "sessions" | "export" | "doctor" }
>;

/** Loads and runs a command that tells what there is: for the command line, and for whoever else shows what it prints. */
export async function runReading(commandLine: ReadingCommand, streams: Streams): Promise<ExitCode> {
  switch (commandLine.command) {
    case "log": {
      const { log } = await import("./log.ts");
      return log(commandLine, streams);
    }
    case "show": {
      const { show } = await import("./show.ts");
      return show(commandLine, streams);
    }
    case "diff": {
      const { diff } = await import("./diff.ts");
      return diff(commandLine, streams);
    }
    case "why": {
      const { why } = await import("./why.ts");
      return why(commandLine, streams);
    }
    case "sessions": {
      const { sessions } = await import("./sessions.ts");
      return sessions(commandLine, streams);
    }
    case "export": {
      const { exportSession } = await import("./export.ts");
      return exportSession(commandLine, streams);
    }
    case "doctor": {
      const { doctor } = await import("./doctor.ts");
      return doctor(commandLine, streams);
    }
    default:
      return commandLine satisfies never;
  }
}
