import type { AgentEvent } from "@bough/agent";
import { tokens } from "../history/amounts.ts";
import { describeInput } from "../print/progress.ts";
import type { Entry, Placed } from "./entry.ts";

type Call = Extract<Entry, { type: "call" }>;
type Output = Extract<Entry, { type: "output" }>;

/** Characters of what a running call or command printed that are kept to look at; its result, when it is there, takes their place. */
const MOST_PRINTED = 32 * 1024;

/** What was said and done on a branch, in order: it grows, and its last entries change while they are being made. */
export class Transcript {
  readonly #placed: Placed[] = [];
  readonly #calls = new Map<string, number>();
  /** The call that a sub-agent works for, by its branch. */
  readonly #workers = new Map<string, string>();
  #version = 0;
  #turn = 0;
  /** The id of the first entry: those before it were forgotten. */
  #first = 0;

  /** Oldest first. */
  get entries(): readonly Placed[] {
    return this.#placed;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** Adds an entry to the end, and returns its id. */
  add(entry: Entry): number {
    this.#version += 1;
    if (entry.type === "call") this.#calls.set(entry.id, this.#placed.length);
    const id = this.#first + this.#placed.length;
    this.#placed.push({ id, version: 0, entry });
    return id;
  }

  /** Adds to what a command of the user's has printed so far; of much, the last is kept. */
  print(id: number, text: string): void {
    this.#changeOutput(id, (output) => ({ ...output, text: (output.text + text).slice(-MOST_PRINTED) }));
  }

  /** Closes what a command of the user's printed; its whole text takes the place of what was kept. */
  endOutput(id: number, { text, isError }: { readonly text: string; readonly isError: boolean }): void {
    this.#changeOutput(id, (output) => ({ ...output, text, isError, isOpen: false }));
  }

  /** Forgets all of it. */
  clear(): void {
    this.#version += 1;
    this.#first += this.#placed.length;
    this.#placed.length = 0;
    this.#calls.clear();
  }

  /** Takes in what happened at a moment. */
  take(event: AgentEvent, now: number): void {
    switch (event.type) {
      case "turn-start":
        this.#turn = event.turn;
        this.add({ type: "prompt", turn: event.turn, text: event.prompt });
        break;
      case "user-message":
        this.add({ type: "prompt", turn: this.#turn, text: event.text });
        break;
      case "text-delta":
        this.#append("answer", event.text);
        break;
      case "thinking-delta":
        this.#append("thinking", event.text);
        break;
      case "step-reply":
        this.#close();
        break;
      case "tool-start": {
        const { id, name, input } = event;
        this.add({ type: "call", id, name, input, state: "running", text: "", startedAt: now });
        break;
      }
      case "tool-output":
        this.#changeCall(event.id, (call) => ({ ...call, text: (call.text + event.text).slice(-MOST_PRINTED) }));
        break;
      case "tool-end": {
        const { id, text } = event;
        const state = event.isDenied ? "denied" : event.isError ? "failed" : "done";
        this.#changeCall(id, (call) => ({ ...call, state, text, endedAt: now }));
        break;
      }
      case "step-commit": {
        const { step, commit, subject, files } = event;
        // The commit of an answer that changed no file is git's to show.
        if (files.length > 0) this.add({ type: "commit", step, commit, subject, files });
        break;
      }
      case "agent-start":
        this.#workers.set(event.child, event.id);
        this.#changeCall(event.id, (call) => ({ ...call, live: `${event.child} begins` }));
        break;
      case "agent-end":
        this.#workers.delete(event.child);
        this.#changeCall(event.id, ({ live: _, ...call }) => call);
        break;
      case "summary": {
        const { from, to, before, after } = event;
        const sizes = `${tokens(before)} tokens became ${tokens(after)}`;
        this.add({ type: "notice", text: `Steps ${from} to ${to} are summarized for the model: ${sizes}` });
        break;
      }
      case "job-start":
        this.add({ type: "notice", text: `Job ${event.id} runs in the background: ${event.command}` });
        break;
      case "job-end":
        this.add({ type: "notice", text: `Job ${event.id} ${howItEnded(event)}` });
        break;
      case "notice":
        this.add({ type: "notice", text: event.text });
        break;
      case "turn-end":
        this.#close();
        if (event.text !== undefined) this.add({ type: "stop", stop: event.stop, text: event.text });
        break;
      default:
        event satisfies never;
    }
  }

  /** Takes in what a sub-agent did, of which its call shows the last. */
  takeOfSubAgent(event: AgentEvent): void {
    const id = this.#workers.get(event.branch);
    const live = describeWork(event);
    if (id !== undefined && live !== undefined) this.#changeCall(id, (call) => ({ ...call, live }));
  }

  #append(type: "answer" | "thinking", text: string): void {
    const last = this.#placed.at(-1)?.entry;
    if (last?.type === type && last.isOpen) {
      this.#change(this.#placed.length - 1, { ...last, text: last.text + text });
    } else {
      this.#close();
      this.add({ type, text, isOpen: true });
    }
  }

  /** No more comes of what the model was saying. */
  #close(): void {
    const last = this.#placed.at(-1)?.entry;
    const isOpen = (last?.type === "answer" || last?.type === "thinking") && last.isOpen;
    if (isOpen) this.#change(this.#placed.length - 1, { ...last, isOpen: false });
  }

  #changeOutput(id: number, change: (output: Output) => Output): void {
    const index = id - this.#first;
    const entry = this.#placed[index]?.entry;
    if (entry?.type === "output") this.#change(index, change(entry));
  }

  #changeCall(id: string, change: (call: Call) => Call): void {
    const index = this.#calls.get(id);
    const entry = index === undefined ? undefined : this.#placed[index]?.entry;
    if (index !== undefined && entry?.type === "call") this.#change(index, change(entry));
  }

  #change(index: number, entry: Entry): void {
    const placed = this.#placed[index];
    if (placed === undefined) return;
    this.#version += 1;
    this.#placed[index] = { ...placed, version: placed.version + 1, entry };
  }
}

function describeWork(event: AgentEvent): string | undefined {
  if (event.type === "tool-start") return `${event.branch}: ${event.name} ${describeInput(event.input)}`;
  if (event.type === "step-reply" && event.text !== "") return `${event.branch}: ${event.text}`;
  return undefined;
}

function howItEnded({ code, signal, reason }: Extract<AgentEvent, { type: "job-end" }>): string {
  if (reason !== undefined) return `could not go on: ${reason}`;
  return signal === undefined ? `ended with exit code ${code}` : `was ended by ${signal}`;
}
