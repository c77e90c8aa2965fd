import { AgentError, type AgentErrorReason, SettingsError, type StopReason } from "@bough/agent";
import {
  BranchMovedError,
  CheckoutWriteError,
  CommitRefusedError,
  GitError,
  LockedError,
  RefMovedError,
  RepositoryError,
  UnknownPathError,
} from "@bough/gitstate";
import { ModelError, type ModelErrorKind } from "@bough/models";
import { nearestPath } from "./command-line/nearest-path.ts";
import { type ExitCode, ExitError, exitCode } from "./exit-code.ts";

/** What the world around can do to an operation: its message says what to do about it. */
const failures = [
  BranchMovedError,
  CheckoutWriteError,
  CommitRefusedError,
  GitError,
  LockedError,
  RefMovedError,
] as const;

/** Gives an error of the packages the exit code a script can rely on; any other error is returned as it is. */
export function withExitCode(error: unknown): unknown {
  if (error instanceof UnknownPathError) return unknownPath(error);
  const code = exitCodeOf(error);
  return error instanceof Error && code !== undefined ? new ExitError(code, error.message, { cause: error }) : error;
}

/** What the command line or the settings ask for, and there is not. */
const setUp: ReadonlySet<AgentErrorReason> = new Set(["unknown-tool", "no-model", "unknown-price"]);

function unknownPath(error: UnknownPathError): ExitError {
  const near = nearestPath(error.path, error.known);
  const suggestion = near === undefined ? "" : ` Did you mean ${near}?`;
  return new ExitError(exitCode.badInput, `${error.message}${suggestion}`, { cause: error });
}

function exitCodeOf(error: unknown): ExitCode | undefined {
  if (error instanceof RepositoryError) return exitCodeOfRepository(error);
  if (error instanceof ModelError) return exitCodeOfModel(error.kind);
  if (error instanceof AgentError && error.reason === "blocked") return exitCode.failed;
  if (error instanceof AgentError) {
    return setUp.has(error.reason) ? exitCode.usage : exitCode.badInput;
  }
  if (error instanceof SettingsError) return exitCode.badInput;
  return failures.some((kind) => error instanceof kind) ? exitCode.failed : undefined;
}

function exitCodeOfRepository({ reason }: RepositoryError): ExitCode {
  return reason === "bad-name" ? exitCode.usage : exitCode.badInput;
}

function exitCodeOfModel(kind: ModelErrorKind): ExitCode {
  return kind === "missing-key" || kind === "unknown-model" ? exitCode.usage : exitCode.failed;
}

/** The exit code of a turn that came to its end. */
export function exitCodeOfTurn({ stop, error }: { stop: StopReason; error?: Error }): ExitCode {
  switch (stop) {
    case "done":
      return exitCode.done;
    case "error":
      return error instanceof ModelError ? exitCodeOfModel(error.kind) : exitCode.failed;
    case "refused":
    case "loop":
    case "stopped":
      return exitCode.failed;
    case "turn-limit":
    case "token-limit":
    case "cost-limit":
    case "time-limit":
      return exitCode.limit;
    case "interrupted":
      return exitCode.interrupted;
    default:
      return stop satisfies never;
  }
}
