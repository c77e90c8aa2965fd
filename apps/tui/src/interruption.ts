import { type ExitCode, exitCode } from "./exit-code.ts";

/** Lets a person or the system stop what runs, in order; Ctrl-C after that ends the program at once. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
  /** The exit code that goes with what came, once something came. */
  readonly exitCode: ExitCode | undefined;
}

/** Listens for Ctrl-C, a request to terminate, a terminal that is closed, and output that nobody reads on. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let code: ExitCode | undefined;
  const listen = (name: NodeJS.Signals, reason: ExitCode) => {
    const listener = () => {
      if (code !== undefined) {
        // The system asks more than once: timeout(1) sends its signal to the program and then to its group.
        if (name === "SIGINT") process.exit(reason);
        return;
      }
      code = reason;
      controller.abort(new Error(`stopped by ${name}`));
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  };
  // However much is written after it, nobody asked for more than to stop; how the turn ended says the rest.
  const unread = () => controller.abort(new Error("nobody reads the output"));
  process.on("SIGPIPE", unread);
  const stop = [
    () => process.off("SIGPIPE", unread),
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
