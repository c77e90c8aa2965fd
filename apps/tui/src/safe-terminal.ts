import type { Output, Streams } from "./streams.ts";
import { TerminalStream } from "./terminal-stream.ts";

/** Streams of which no terminal is sent more than text and our own styles, whoever writes and whatever. */
export interface SafeStreams extends Streams {
  /** Writes what was held back of a last character. */
  end(): void;
}

/** Stands between all that is printed and the terminals it is printed on; files and pipes get it as it is. */
export function withSafeTerminals({ stdin, stdout, stderr }: Streams): SafeStreams {
  const [out, err] = [new SafeOutput(stdout), new SafeOutput(stderr)];
  return {
    stdin,
    stdout: out,
    stderr: err,
    end() {
      out.end();
      err.end();
    },
  };
}

class SafeOutput implements Output {
  readonly #output: Output;
  readonly #text = new TerminalStream();

  constructor(output: Output) {
    this.#output = output;
  }

  get isTTY(): boolean {
    return this.#output.isTTY ?? false;
  }

  get columns(): number | undefined {
    return this.#output.columns;
  }

  write(text: string | Uint8Array): unknown {
    return this.#output.write(this.isTTY ? this.#text.push(text) : text);
  }

  end(): void {
    const rest = this.#text.end();
    if (rest !== "") this.#output.write(rest);
  }
}
