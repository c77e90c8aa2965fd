import { write, writeSync } from "node:fs";
import type { Display } from "./display.ts";
import { beginModes, endModes, mouseMode } from "./modes.ts";

/** Who is told of what happens at a terminal. */
export interface TerminalListener {
  onBytes(bytes: Uint8Array): void;
  onResize(): void;
  /** It is ours again, and shows nothing of what it did. */
  onReturn(): void;
  /** Somebody asks the program to end, or the terminal is gone. */
  onEnd(reason: EndReason): void;
}

export type EndReason = "SIGTERM" | "SIGHUP" | "SIGINT" | "SIGQUIT";

const reasons: readonly EndReason[] = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"];

/** Milliseconds that a picture may take to be taken in before it is given up. */
const LONGEST_WRITE = 200;
/** Milliseconds after which a terminal that is full is tried again. */
const RETRY = 10;
/** How often that is done on the way out, where nothing else can be waited for. */
const MOST_RETRIES = 20;

/** The terminal that the program was started on. Whatever ends the program gives it back as it was, but for SIGKILL. */
export class Terminal implements Display, Disposable {
  readonly #listener: TerminalListener;
  readonly #undo: (() => void)[] = [];
  #isOurs = false;
  #isHandedOver = false;
  #isWriting = false;
  #onWritten: (() => void) | undefined;
  #hasMouse = true;

  /** Takes the terminal. */
  constructor(listener: TerminalListener) {
    this.#listener = listener;
    const { stdin, stdout } = process;
    this.#listen(stdin, "data", (bytes) => listener.onBytes(bytes));
    // Whoever read a line before has paused it.
    stdin.resume();
    this.#listen(stdin, "end", () => listener.onEnd("SIGHUP"));
    // EIO: the terminal was closed.
    this.#listen(stdin, "error", () => listener.onEnd("SIGHUP"));
    this.#listen(stdout, "resize", () => listener.onResize());
    for (const reason of reasons) {
      this.#listen(process, reason, () => {
        // What has the terminal now is meant.
        if (this.#isHandedOver && (reason === "SIGINT" || reason === "SIGQUIT")) return;
        this.#giveBack();
        listener.onEnd(reason);
      });
    }
    this.#listen(process, "SIGCONT", () => this.#take());
    this.#listen(process, "exit", () => this.#giveBack());
    // Before whoever tells what went wrong, so that it is told on the screen that stays.
    const giveBack = () => this.#giveBack();
    process.prependListener("uncaughtException", giveBack);
    this.#undo.push(() => process.off("uncaughtException", giveBack));
    this.#take();
  }

  // A terminal that does not know how large it is says 0.
  get rows(): number {
    return process.stdout.rows || 24;
  }

  get columns(): number {
    return process.stdout.columns || 80;
  }

  /** A terminal that takes nothing in keeps a thread waiting, and not the program. */
  write(text: string, done: () => void): void {
    if (!this.#isOurs) {
      done();
      return;
    }
    this.#isWriting = true;
    this.#write(Buffer.from(text), () => {
      this.#isWriting = false;
      done();
      this.#onWritten?.();
    });
  }

  setMouse(isOn: boolean): void {
    this.#hasMouse = isOn;
    writeNow(mouseMode(isOn));
  }

  suspend(): void {
    this.#giveBack();
    // The whole job, as Ctrl-Z does it.
    process.kill(0, "SIGTSTP");
    // Where nobody could continue it, the system does not stop a program.
    setTimeout(() => this.#take(), 100);
  }

  /** Asks the terminal something; its answer comes among the bytes. */
  ask(query: string): void {
    writeNow(query);
  }

  /** Gives the terminal to something else for as long as it runs. */
  async handOver<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#isHandedOver = true;
    this.#giveBack();
    process.stdin.pause();
    try {
      return await run();
    } finally {
      this.#isHandedOver = false;
      process.stdin.resume();
      this.#take();
    }
  }

  /** Puts a text where the user pastes from, on terminals that let programs do that. */
  copy(text: string): void {
    writeNow(`\x1b]52;c;${Buffer.from(text).toString("base64")}\x07`);
  }

  /** Resolves when the terminal has taken in the last picture, or stands still. */
  async settle(): Promise<void> {
    if (!this.#isWriting) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LONGEST_WRITE);
      this.#onWritten = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Gives the terminal back. */
  [Symbol.dispose](): void {
    this.#giveBack();
    for (const undo of this.#undo.toReversed()) undo();
    process.stdin.pause();
  }

  #take(): void {
    if (this.#isOurs || this.#isHandedOver) return;
    // First: in the background this stops the program again, before anything is written.
    setRawMode(true);
    this.#isOurs = true;
    writeNow(beginModes + (this.#hasMouse ? mouseMode(true) : ""));
    this.#listener.onReturn();
  }

  #giveBack(): void {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    writeNow(endModes);
    setRawMode(false);
  }

  #write(bytes: Buffer, done: () => void): void {
    write(process.stdout.fd, bytes, 0, bytes.length, null, (error, written) => {
      if (error !== null && error.code !== "EAGAIN") return done();
      const rest = bytes.subarray(error === null ? written : 0);
      if (rest.length === 0 || !this.#isOurs) done();
      else if (error === null) this.#write(rest, done);
      else setTimeout(() => this.#write(rest, done), RETRY);
    });
  }

  #listen<Name extends string, Listener>(emitter: Emitter<Name, Listener>, name: Name, listener: Listener): void {
    emitter.on(name, listener);
    this.#undo.push(() => emitter.off(name, listener));
  }
}

interface Emitter<Name, Listener> {
  on(name: Name, listener: Listener): unknown;
  off(name: Name, listener: Listener): unknown;
}

/** A terminal that was closed takes neither. */
function setRawMode(isRaw: boolean): void {
  try {
    process.stdin.setRawMode(isRaw);
  } catch {
    return;
  }
}

/** Writes before anything else happens: the program may be about to end. */
function writeNow(text: string): void {
  let rest = Buffer.from(text);
  for (let tries = 0; rest.length > 0 && tries < MOST_RETRIES; tries++) {
    try {
      rest = rest.subarray(writeSync(process.stdout.fd, rest));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) return;
    }
  }
}
