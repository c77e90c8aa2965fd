import { execFile } from "node:child_process";
import { constants, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Both ends of a pipe; whoever opened it closes `writer` once the process has it. */
export interface OutputPipe {
  readonly reader: Socket;
  /** A descriptor for the writing process; the reader ends when everybody has closed it. */
  readonly writer: number;
}

interface Pipe {
  readonly reader: number;
  readonly writer: number;
}

/** What a process has to be started for is as quickly made several times. */
const madeAtOnce = 8;
const spare: Pipe[] = [];

/**
 * Opens a pipe. Node itself hands its children sockets, which cannot be opened as `/dev/stderr`, and one each for
 * standard output and standard error, between which the order of what is printed is lost.
 */
export async function openOutputPipe(): Promise<OutputPipe> {
  const { reader, writer } = spare.pop() ?? (await makePipes());
  return { reader: new Socket({ fd: reader, readable: true, writable: false }), writer };
}

/** Makes one pipe, and others for later. */
async function makePipes(): Promise<Pipe> {
  const folder = await mkdtemp(join(tmpdir(), "bough-output-"));
  try {
    const path = join(folder, "0");
    const others = Array.from({ length: madeAtOnce - 1 }, (_, index) => join(folder, String(index + 1)));
    await promisify(execFile)("mkfifo", [path, ...others]);
    spare.push(...others.map(openPipe));
    return openPipe(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function openPipe(path: string): Pipe {
  // The reading end first: opening the writing one waits for it.
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  return { reader, writer: openSync(path, O_WRONLY) };
}
