import type { Readable } from "node:stream";

/** Where a command reads and writes: the process's own, or a test's. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
}

export interface Output {
  /** Whether a person reads it on a terminal. */
  readonly isTTY?: boolean;
  /** How many characters fit on a line of that terminal. */
  readonly columns?: number;
  write(text: string | Uint8Array): unknown;
}
