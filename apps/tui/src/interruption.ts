import { type ExitCode, exitCode } from "./exit-code.ts";

/** Lets a person or the system stop what runs, in order; a second time ends the program at once. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
  /** The exit code that goes with what came, once something came. */
  readonly exitCode: ExitCode | undefined;
}

/** Listens for Ctrl-C, a request to terminate, and a terminal that is closed. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let code: ExitCode | undefined;
  const listen = (name: NodeJS.Signals, reason: ExitCode) => {
    const listener = () => {
      if (code !== undefined) process.exit(reason);
      code = reason;
      controller.abort(new Error(`stopped by ${name}`));
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  };
  const stop = [
    listen("SIGINT", exitCode.interrupted),
    listen("SIGTERM", exitCode.terminated),
    listen("SIGHUP", exitCode.terminated),
  ];
  return {
    signal: controller.signal,
    get exitCode() {
      return code;
    },
    [Symbol.dispose]() {
      for (const off of stop) off();
    },
  };
}
