import { createInterface } from "node:readline";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { exitCodeOfTurn } from "../failure.ts";
import type { Front } from "../program/front.ts";
import { Program, type ProgramOptions } from "../program/program.ts";
import type { Tab } from "../program/tab.ts";
import type { Streams } from "../streams.ts";
import { parseAnswer } from "./question.ts";
import { Teller } from "./teller.ts";

/** What the lines are typed to. */
export interface ReplOptions extends Omit<ProgramOptions, "front" | "page" | "onChange"> {
  readonly streams: Streams;
  /** The prompt to begin with. */
  readonly prompt: string | undefined;
  /** Opens the session to begin with, where it is not a new one. */
  readonly open?: (program: Program) => Promise<void>;
}

/** Works with agents a line at a time: what a person types, or a script that is piped in. */
export class Repl {
  readonly #options: ReplOptions;
  readonly #program: Program;
  readonly #teller: Teller;
  /** Whether a person types. */
  readonly #isTyped: boolean;
  /** Lines that ended with a backslash. */
  #begun = "";
  /** Whether a line is asked for. */
  #isAsking = false;
  /** Whether a command of the user's has the terminal. */
  #isHandedOver = false;
  #submitted = 0;
  #exitCode: ExitCode = exitCode.done;
  /** The exit code of an end that came from outside. */
  #ended: ExitCode | undefined;
  #leave = () => {};

  constructor(options: ReplOptions) {
    const { streams, ...rest } = options;
    this.#options = options;
    this.#isTyped = streams.stdin.isTTY === true;
    this.#teller = new Teller({ answers: streams.stdout, beside: streams.stderr });
    const { isTTY, columns } = streams.stdout;
    this.#program = new Program({
      ...rest,
      front: this.#front(),
      page: () => ({ isTTY, columns: columns ?? 80 }),
      onChange: () => this.#tell(),
    });
  }

  /** Reads lines to their end and resolves to the exit code: a script's is that of its last turn. */
  async run(): Promise<ExitCode> {
    const { streams, prompt, open } = this.#options;
    const left = new Promise<void>((resolve) => {
      this.#leave = resolve;
    });
    const unlisten = this.#listen();
    try {
      await open?.(this.#program);
      if (prompt !== undefined) await this.#submit(prompt, { isWaitedFor: !this.#isTyped });
      this.#ask();
      // Not before: lines that come while nobody iterates are lost.
      const lines = createInterface({ input: streams.stdin, terminal: false, crlfDelay: Number.POSITIVE_INFINITY });
      await Promise.race([left, this.#read(lines)]).finally(() => lines.close());
    } finally {
      for (const line of await this.#program.leave()) this.#teller.note(line);
      unlisten();
    }
    return this.#ended ?? this.#exitCode;
  }

  /** A script waits for each of its lines; a person may go on typing. */
  async #read(lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) {
      this.#teller.entered();
      this.#isAsking = false;
      const text = this.#begun + line;
      const isOpen = /(?<!\\)(?:\\\\)*\\$/.test(line);
      this.#begun = isOpen ? `${text.slice(0, -1)}\n` : "";
      if (isOpen) this.#teller.prompt("… ");
      else await this.#enter(text);
      this.#ask();
    }
  }

  async #enter(text: string): Promise<void> {
    const question = this.#program.active.questions[0];
    const isCommand = /^\s*[/!$]/.test(text);
    if (question === undefined || isCommand) return this.#submit(text, { isWaitedFor: !this.#isTyped });
    const answer = parseAnswer(text, question.question);
    if (answer === undefined) this.#teller.note("Answer y, n or a number. A question waits, so nothing was sent.");
    else question.answer(answer);
  }

  async #submit(text: string, { isWaitedFor }: { readonly isWaitedFor: boolean }): Promise<void> {
    const { active } = this.#program;
    this.#submitted += 1;
    const turns = this.#program.tabs.map(({ lastTurn }) => lastTurn);
    const submitted = this.#program.submit(active, text).finally(() => {
      this.#submitted -= 1;
      if (!this.#isTyped) this.#takeExitCode(active, turns);
      this.#ask();
    });
    if (isWaitedFor) await submitted;
    // What a person waits for tells how it ended by itself, and does not throw.
    else submitted.catch(() => {});
  }

  #takeExitCode(tab: Tab, before: readonly Tab["lastTurn"][]): void {
    const ended = [tab, this.#program.active].findLast(
      ({ lastTurn }) => lastTurn !== undefined && !before.includes(lastTurn),
    );
    if (ended?.lastTurn !== undefined) this.#exitCode = exitCodeOfTurn(ended.lastTurn);
  }

  #tell(): void {
    const { tabs, active } = this.#program ?? {};
    if (tabs === undefined || active === undefined) return;
    this.#refuseUnasked();
    this.#teller.tell(tabs, active);
    this.#ask();
  }

  /** A script is nobody to ask. */
  #refuseUnasked(): void {
    if (this.#isTyped) return;
    for (const { questions } of this.#program.tabs) {
      for (const question of [...questions]) question.answer({ allow: false, reason: "nobody is there to ask" });
    }
  }

  /** Asks for a line once nothing runs where it would go to. */
  #ask(): void {
    const { active } = this.#program;
    const isReady = active.questions.length > 0 || (!active.isBusy && this.#submitted === 0);
    if (!this.#isTyped || this.#isAsking || this.#begun !== "" || !isReady || this.#isHandedOver) return;
    this.#isAsking = true;
    this.#teller.prompt(active.questions.length > 0 ? "answer> " : `${active.name}> `);
  }

  #front(): Front {
    const handOver = async <Result>(run: () => Promise<Result>) => {
      const { stdin } = this.#options.streams;
      this.#isHandedOver = true;
      stdin.pause();
      try {
        return await run();
      } finally {
        stdin.resume();
        this.#isHandedOver = false;
      }
    };
    return {
      ...(this.#isTyped ? { handOver } : {}),
      toggleVerbose: () => {
        this.#teller.isVerbose = !this.#teller.isVerbose;
        return this.#teller.isVerbose;
      },
      leave: () => this.#leave(),
    };
  }

  /** Ctrl-C stops what runs and leaves nothing; whoever else wants an end gets it. */
  #listen(): () => void {
    const interrupt = () => {
      if (this.#isHandedOver) return;
      const { active } = this.#program;
      this.#teller.entered();
      this.#isAsking = false;
      this.#begun = "";
      if (!this.#isTyped) this.#end(exitCode.interrupted);
      else if (active.isBusy) {
        for (const text of active.abort()) this.#teller.note(`Not sent: ${text}`);
      } else {
        this.#teller.note("To leave: /exit, or Ctrl-D");
        this.#ask();
      }
    };
    const terminate = () => this.#end(exitCode.terminated);
    process.on("SIGINT", interrupt).on("SIGTERM", terminate).on("SIGHUP", terminate).on("SIGPIPE", terminate);
    return () => {
      process.off("SIGINT", interrupt).off("SIGTERM", terminate).off("SIGHUP", terminate).off("SIGPIPE", terminate);
    };
  }

  #end(code: ExitCode): void {
    for (const tab of this.#program.tabs) tab.abort();
    this.#leave();
    this.#ended = code;
  }
}
