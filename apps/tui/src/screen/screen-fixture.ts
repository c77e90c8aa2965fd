import { scriptedModel } from "@bough/models";
import type { TemporaryRepository } from "@bough/test-kit";
import xterm from "@xterm/headless";
import { KeyMap } from "../keys/key-map.ts";
import { Program } from "../program/program.ts";
import type { Display } from "./display.ts";
import { Layout } from "./layout.ts";
import type { Clock } from "./pace.ts";
import { Screen } from "./screen.ts";
import { Theme } from "./theme.ts";

/** Waits this long are a person's, and pass when a test says so. */
const SHORTEST_HELD = 100;

/** A clock that a test turns: short waits pass at once. */
class TestClock implements Clock {
  #now = 0;
  #held: { readonly at: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const held = { at: this.#now + milliseconds, callback };
    if (milliseconds >= SHORTEST_HELD) {
      this.#held.push(held);
      return () => {
        this.#held = this.#held.filter((other) => other !== held);
      };
    }
    const immediate = setImmediate(() => {
      this.#now = Math.max(this.#now, held.at);
      callback();
    });
    return () => clearImmediate(immediate);
  }

  /** Lets time pass. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
    const due = this.#held.filter(({ at }) => at <= this.#now);
    this.#held = this.#held.filter(({ at }) => at > this.#now);
    for (const { callback } of due) callback();
  }
}

export interface SeenOptions {
  readonly rows?: number;
  readonly columns?: number;
  readonly keys?: KeyMap;
}

/** The program on a terminal of its own, for a test that looks at it as a person does. */
export async function openScreen(
  repository: TemporaryRepository,
  script: Parameters<typeof scriptedModel>[0],
  { rows = 16, columns = 60, keys = new KeyMap() }: SeenOptions = {},
) {
  const emulator = new xterm.Terminal({ rows, cols: columns, allowProposedApi: true });
  // The terminal's other screen, on which nothing scrolls away.
  emulator.write("\x1b[?1049h");
  const layout = await Layout.open();
  const clock = new TestClock();
  const written: string[] = [];
  const said: string[] = [];
  let look = () => {};
  const display: Display = {
    get rows() {
      return emulator.rows;
    },
    get columns() {
      return emulator.cols;
    },
    write(text, done) {
      written.push(text);
      emulator.write(text, () => {
        done();
        look();
      });
    },
    setMouse: (isOn) => said.push(`mouse ${isOn}`),
    suspend: () => said.push("suspend"),
  };
  const model = scriptedModel(script);
  let screen: Screen | undefined;
  const program = new Program({
    agent: { cwd: repository.path, model },
    front: { show: (view) => screen?.show(view) },
    onChange: () => screen?.changed(),
  });
  const opened = new Screen({
    program,
    display,
    layout,
    keys,
    theme: new Theme({ background: "dark", depth: "256" }),
    clock,
    onQuit: () => said.push("quit"),
  });
  screen = opened;
  /** What a person sees, without the blanks at the ends of rows. */
  const shown = () =>
    `\n${Array.from({ length: emulator.rows }, (_, row) => (emulator.buffer.active.getLine(row)?.translateToString(true) ?? "").trimEnd()).join("\n")}\n`;
  return {
    program,
    model,
    emulator,
    screen: opened,
    clock,
    /** All that was sent to the terminal. */
    written,
    /** What was asked of the terminal besides. */
    said,
    shown,
    /** Types, as a terminal sends it. */
    type: (text: string) => opened.take(new TextEncoder().encode(text)),
    /** Resolves to what is seen as soon as it is so. */
    until: (isSo: (shown: string) => boolean) =>
      new Promise<string>((resolve) => {
        look = () => {
          if (isSo(shown())) resolve(shown());
        };
        look();
      }),
    /** Resolves when all that there is to show is shown. */
    async settled() {
      for (let count = -1; count !== written.length; ) {
        count = written.length;
        for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
        await new Promise<void>((resolve) => emulator.write("", resolve));
      }
    },
    async [Symbol.asyncDispose]() {
      opened[Symbol.dispose]();
      layout[Symbol.dispose]();
      await program[Symbol.asyncDispose]();
      emulator.dispose();
    },
  };
}
