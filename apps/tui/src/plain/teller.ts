import { oneLine } from "../one-line.ts";
import { describeInput } from "../print/progress.ts";
import { questionSubject } from "../program/describe-question.ts";
import type { OpenQuestion, Tab, TabState } from "../program/tab.ts";
import type { Output } from "../streams.ts";
import { type Styles, styles } from "../styles.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import type { Entry, Placed } from "../transcript/entry.ts";
import { formatQuestion } from "./question.ts";

/** How far a tab was told. */
interface Told {
  /** The id of the entry that is told next, and how many characters of it were. */
  next: number;
  characters: number;
  /** The id of the first entry there was: when it changes, what is there was read back. */
  first: number;
  state: TabState;
  question: OpenQuestion | undefined;
  /** Calls whose end was not told. */
  readonly open: Set<number>;
}

/** Answers go to one output, and what happens beside to the other: a person sees both, a script has the answers alone. */
export interface TellerOutputs {
  readonly answers: Output;
  readonly beside: Output;
}

/** Tells in lines what happens in tabs: all of the one that is looked at, and of others that they end or wait. */
export class Teller {
  /** Whether thoughts and what calls answered are told in full. */
  isVerbose = false;
  readonly #outputs: TellerOutputs;
  readonly #look: Styles;
  readonly #told = new Map<Tab, Told>();
  #lookedAt: Tab | undefined;
  #isMidLine = false;

  constructor(outputs: TellerOutputs) {
    this.#outputs = outputs;
    this.#look = styles(outputs.beside);
  }

  /** Tells what is new since the last time. */
  tell(tabs: readonly Tab[], active: Tab): void {
    for (const tab of tabs) {
      const told = this.#toldOf(tab);
      if (tab === active) {
        if (this.#lookedAt !== undefined && this.#lookedAt !== tab) this.note(`In ${tab.name}:`);
        this.#lookedAt = tab;
        this.#tellAll(tab, told);
      } else if (tab.state !== told.state) this.#tellState(tab, tabs.indexOf(tab) + 1);
      told.state = tab.state;
    }
  }

  /** Tells a line that no tab holds. */
  note(line: string): void {
    this.#beside(this.#look.dim(line));
  }

  /** Asks for a line; nothing is asked on an output that nobody reads. */
  prompt(text: string): void {
    if (!this.#outputs.beside.isTTY) return;
    this.#endLine();
    this.#outputs.beside.write(text);
  }

  /** Says that the person ended the line by Enter. */
  entered(): void {
    this.#isMidLine = false;
  }

  #toldOf(tab: Tab): Told {
    const known = this.#told.get(tab);
    const first = tab.transcript.entries[0]?.id ?? known?.first ?? 0;
    if (known !== undefined && known.first === first) return known;
    // What was read back is known, or can be asked for.
    const next = (tab.transcript.entries.at(-1)?.id ?? first - 1) + 1;
    const { state = "idle", question } = known ?? {};
    const isReadBack = tab.transcript.entries.some(({ entry }) => entry.type === "answer");
    const told = { next: known === undefined && !isReadBack ? first : next, characters: 0, first, state, question };
    const fresh: Told = { ...told, open: new Set() };
    this.#told.set(tab, fresh);
    return fresh;
  }

  #tellAll({ transcript, questions }: Tab, told: Told): void {
    const { entries } = transcript;
    for (const id of told.open) {
      const entry = entries[id - told.first]?.entry;
      if (entry?.type === "call" && entry.state !== "running") {
        told.open.delete(id);
        this.#tellEnd(entry);
      }
    }
    for (let placed = entries[told.next - told.first]; placed !== undefined; placed = entries[told.next - told.first]) {
      if (!this.#tellEntry(placed, told)) break;
      told.next += 1;
      told.characters = 0;
    }
    const [question] = questions;
    if (question !== undefined && question !== told.question) this.#beside(formatQuestion(question.question));
    told.question = question;
  }

  /** Returns whether nothing more comes of it. */
  #tellEntry({ id, entry }: Placed, told: Told): boolean {
    const { dim, accent, alarm } = this.#look;
    switch (entry.type) {
      case "prompt":
        // Whoever typed it has it before them.
        return true;
      case "answer":
        return this.#tellGrowing(entry, told, this.#outputs.answers);
      case "thinking":
        return this.isVerbose ? this.#tellGrowing(entry, told, this.#outputs.beside) : !entry.isOpen;
      case "call":
        this.#beside(`  ${accent(oneLine(entry.name, 40))} ${dim(oneLine(describeInput({ ...entry.input }), 200))}`);
        if (entry.state === "running") told.open.add(id);
        else this.#tellEnd(entry);
        return true;
      case "commit":
        this.#beside(`  ${dim(`${entry.commit.slice(0, 9)}  ${oneLine(entry.subject, 100)}`)}`);
        return true;
      case "notice":
        this.#beside(`  ${alarm("!")} ${oneLine(entry.text, 400)}`);
        return true;
      case "stop":
        this.#beside(`${alarm("stopped:")} ${escapeForTerminal(entry.text)}`);
        return true;
      case "output":
        return this.#tellOutput(entry, told);
      default:
        return entry satisfies never;
    }
  }

  #tellGrowing({ text, isOpen }: { text: string; isOpen: boolean }, told: Told, output: Output): boolean {
    const more = text.slice(told.characters);
    if (more !== "") {
      output.write(withoutEscapes(more));
      this.#isMidLine = !more.endsWith("\n");
      told.characters = text.length;
    }
    if (!isOpen) this.#endLine(output);
    return !isOpen;
  }

  /** What runs long is told as it comes; of what was cut meanwhile the rest is. */
  #tellOutput(entry: Extract<Entry, { type: "output" }>, told: Told): boolean {
    const { text, isError, isOpen = false } = entry;
    const output = isError ? this.#outputs.beside : this.#outputs.answers;
    const more = text.slice(told.characters);
    if (more !== "") {
      if (told.characters === 0) this.#endLine();
      output.write(more);
      this.#isMidLine = !more.endsWith("\n");
      told.characters = text.length;
    }
    if (!isOpen) this.#endLine(output);
    return !isOpen;
  }

  #tellEnd({ state, text }: Extract<Entry, { type: "call" }>): void {
    const { dim, alarm } = this.#look;
    if (state === "failed" || state === "denied") this.#beside(`    ${alarm(state)} ${dim(oneLine(text, 200))}`);
    else if (this.isVerbose && text !== "") this.#beside(dim(escapeForTerminal(text.trimEnd())));
  }

  #tellState({ name, state, questions, agent }: Tab, number: number): void {
    const [question] = questions;
    if (question !== undefined) {
      this.note(`${name} waits for you: ${oneLine(questionSubject(question.question), 80)} (/tab ${number})`);
    } else if (state !== "running" && agent !== undefined) this.note(`${name} is ${words[state]} (/tab ${number})`);
  }

  #beside(line: string): void {
    this.#endLine();
    this.#outputs.beside.write(`${line}\n`);
  }

  #endLine(output = this.#outputs.answers): void {
    if (this.#isMidLine) output.write("\n");
    this.#isMidLine = false;
  }
}

const words = {
  idle: "done",
  failed: "stopped by a failure",
  merged: "merged",
  running: "running",
  waiting: "waiting",
} as const satisfies Record<TabState, string>;

/** Our own styles are for our own words. */
function withoutEscapes(text: string): string {
  return text.replaceAll("\x1b", "\\x1b");
}
