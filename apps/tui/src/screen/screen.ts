import type { PermissionMode } from "@bough/agent";
import { Editor } from "../editor/editor.ts";
import type { ActionName, KeyPlace } from "../keys/actions.ts";
import { Decoder } from "../keys/decoder.ts";
import type { Input } from "../keys/input.ts";
import type { KeyMap } from "../keys/key-map.ts";
import { onLanguage } from "../markdown/highlight.ts";
import type { Program } from "../program/program.ts";
import type { Tab } from "../program/tab.ts";
import type { Line } from "../text/line.ts";
import { layOutEditor } from "../views/editor-view.ts";
import { keyLines } from "../views/help-line.ts";
import type { TabLabel } from "../views/tab-bar.ts";
import type { Display } from "./display.ts";
import { FrameWriter } from "./frame-writer.ts";
import type { Layout } from "./layout.ts";
import { type Clock, clock, Pace } from "./pace.ts";
import { drawPicture, type Scene } from "./picture.ts";
import { TabView } from "./tab-view.ts";
import type { Theme } from "./theme.ts";

/** What a screen is made with. */
export interface ScreenOptions {
  readonly program: Program;
  readonly display: Display;
  readonly layout: Layout;
  readonly keys: KeyMap;
  readonly theme: Theme;
  readonly hasSandbox?: boolean;
  readonly clock?: Clock;
  /** Called when the person wants to leave. */
  onQuit(): void;
}

/** Milliseconds after which an Escape is the key, and not the beginning of another. */
const ESCAPE_WAIT = 30;
/** Rows that a turn of the wheel goes. */
const WHEEL = 3;

/** What is open besides the transcript and the editor. */
type Open =
  | { readonly type: "keys"; top: number }
  /** A text is looked for in the transcript. */
  | { readonly type: "search"; readonly editor: Editor; isMissing: boolean };

/** What a person sees and does: draws the program on a display, and does what keys say. */
export class Screen implements Disposable {
  readonly #options: ScreenOptions;
  readonly #decoder = new Decoder();
  readonly #writer = new FrameWriter();
  readonly #pace: Pace;
  readonly #clock: Clock;
  readonly #views = new WeakMap<Tab, TabView>();
  readonly #undo: () => void;
  #open: Open | undefined;
  #message: string | undefined;
  /** The tab that is closed when that is asked for once more. */
  #closing: Tab | undefined;
  #callOffEscape: (() => void) | undefined;
  #fieldWidth = 80;
  #hasMouse = true;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#clock = options.clock ?? clock;
    this.#pace = new Pace(() => this.#draw(), this.#clock);
    this.#undo = onLanguage(() => {
      this.#view.transcript.refresh();
      this.changed();
    });
    this.changed();
  }

  /** Says that the program has something else to show. */
  changed(): void {
    this.#pace.want();
  }

  /** Says that the display shows something else than what was drawn. */
  spoiled(): void {
    this.#writer.forget();
    this.changed();
  }

  /** Takes in what came from the terminal. */
  take(bytes: Uint8Array): void {
    this.#callOffEscape?.();
    this.#callOffEscape = undefined;
    for (const input of this.#decoder.push(bytes)) this.#input(input);
    if (!this.#decoder.isWaiting) return;
    this.#callOffEscape = this.#clock.after(ESCAPE_WAIT, () => {
      for (const input of this.#decoder.flush()) this.#input(input);
    });
  }

  /** Puts a text where one is typed. */
  write(text: string): void {
    this.#editor.paste(text);
    this.changed();
  }

  /** Nothing is drawn or waited for any more. */
  [Symbol.dispose](): void {
    this.#pace.stop();
    this.#callOffEscape?.();
    this.#undo();
  }

  get #tab(): Tab {
    return this.#options.program.active;
  }

  get #view(): TabView {
    let view = this.#views.get(this.#tab);
    if (view === undefined) {
      view = new TabView(this.#tab);
      this.#views.set(this.#tab, view);
    }
    return view;
  }

  get #editor(): Editor {
    return this.#open?.type === "search" ? this.#open.editor : this.#view.editor;
  }

  get #place(): KeyPlace {
    return this.#open?.type === "keys" ? "list" : "editor";
  }

  #input(input: Input): void {
    switch (input.type) {
      case "key":
        this.#press(input);
        break;
      case "paste":
        this.#editor.paste(input.text);
        break;
      case "mouse":
        this.#point(input);
        break;
      case "focus":
      case "cursor":
      case "reply":
        return;
      default:
        return input satisfies never;
    }
    this.changed();
  }

  #press({ key, text }: Extract<Input, { type: "key" }>): void {
    const closing = this.#closing;
    this.#message = undefined;
    this.#closing = undefined;
    const action = this.#options.keys.find(this.#place, key);
    const isTyped = text !== undefined && this.#place === "editor";
    // A character is text wherever there is some already.
    if (isTyped && (action === undefined || !this.#editor.isEmpty)) this.#editor.type(text);
    else if (action === "close-tab") this.#closeTab(closing);
    else if (action !== undefined) this.#act(action);
  }

  #point({ what, row }: Extract<Input, { type: "mouse" }>): void {
    if (what === "wheel-up") this.#scroll(-WHEEL);
    if (what === "wheel-down") this.#scroll(WHEEL);
    if (what === "press" && row === 0) this.#options.program.lookNext(1);
  }

  #scroll(rows: number): void {
    if (this.#open?.type === "keys") this.#open.top = Math.max(0, this.#open.top + rows);
    else this.#view.transcript.scroll(rows);
  }

  #act(action: ActionName): void {
    const { program, display } = this.#options;
    const { transcript } = this.#view;
    switch (action) {
      case "send":
        return this.#send();
      case "history-before":
        return this.#moveRow(-1);
      case "history-next":
        return this.#moveRow(1);
      case "abort":
        return this.#abort();
      case "clear":
        return this.#clear();
      case "close-tab":
        return this.#closeTab(undefined);
      case "keys":
        this.#open = { type: "keys", top: 0 };
        return;
      case "next-tab":
      case "previous-tab":
        program.lookNext(action === "next-tab" ? 1 : -1);
        return;
      case "tab-1":
      case "tab-2":
      case "tab-3":
      case "tab-4":
      case "tab-5":
      case "tab-6":
      case "tab-7":
      case "tab-8":
      case "tab-9":
        return this.#lookAt(Number(action.slice(-1)));
      case "new-tab":
        program.newTab();
        return;
      case "next-mode":
        return this.#nextMode();
      case "page-up":
        return transcript.page(-1);
      case "page-down":
        return transcript.page(1);
      case "row-up":
        return transcript.scroll(-1);
      case "row-down":
        return transcript.scroll(1);
      case "transcript-start":
        return transcript.toStart();
      case "transcript-end":
        return transcript.toEnd();
      case "previous-prompt":
        return transcript.toPrompt(-1);
      case "next-prompt":
        return transcript.toPrompt(1);
      case "find-text":
        return this.#search();
      case "expand":
        return transcript.toggleExpanded();
      case "mouse":
        return this.#toggleMouse();
      case "suspend":
        return display.suspend();
      case "redraw":
        return this.spoiled();
      case "list-up":
        return this.#scroll(-1);
      case "list-down":
        return this.#scroll(1);
      case "list-page-up":
        return this.#scroll(-display.rows);
      case "list-page-down":
        return this.#scroll(display.rows);
      case "list-start":
        return this.#scroll(Number.NEGATIVE_INFINITY);
      case "list-end":
        return this.#scroll(Number.MAX_SAFE_INTEGER);
      case "list-close":
        this.#open = undefined;
        return;
      case "answer-yes":
      case "answer-session":
      case "answer-always":
      case "answer-no":
      case "answer-reason":
      case "question-whole":
        return;
      default:
        return this.#editor.act(action);
    }
  }

  #send(): void {
    if (this.#open?.type === "search") return this.#find(-1);
    const prompt = this.#view.takePrompt();
    if (prompt !== undefined) void this.#tab.submit(prompt);
  }

  #moveRow(direction: 1 | -1): void {
    if (this.#open?.type === "search") this.#find(direction);
    else this.#view.moveRow(direction, this.#fieldWidth);
  }

  #abort(): void {
    if (this.#open !== undefined) this.#open = undefined;
    else this.#interrupt();
  }

  /** Prompts that were waiting are there to be sent or changed. */
  #interrupt(): void {
    if (this.#tab.state !== "running" && this.#tab.state !== "waiting") return;
    const waiting = this.#tab.abort();
    const { editor } = this.#view;
    if (waiting.length > 0) editor.setText([...waiting, ...(editor.isEmpty ? [] : [editor.text])].join("\n"));
  }

  #clear(): void {
    if (this.#open !== undefined) this.#open = undefined;
    else if (!this.#editor.isEmpty) this.#editor.setText("");
    else if (this.#tab.state === "running") this.#interrupt();
    else this.#message = "Ctrl-D on an empty line leaves";
  }

  #closeTab(asked: Tab | undefined): void {
    const { program, onQuit } = this.#options;
    const tab = this.#tab;
    if (!this.#editor.isEmpty) return this.#editor.act("delete-right");
    if (this.#open !== undefined) return this.#abort();
    const isRunning = tab.state === "running" || tab.state === "waiting";
    if (isRunning && asked !== tab) {
      this.#closing = tab;
      this.#message = "It is still running: Ctrl-D again interrupts it and closes the tab";
    } else if (program.tabs.length === 1) onQuit();
    else program.close(tab).catch((error: unknown) => tab.say("", messageOf(error), { isError: true }));
  }

  #lookAt(number: number): void {
    const { program } = this.#options;
    const tab = number === 9 ? program.tabs.at(-1) : program.tabs[number - 1];
    if (tab !== undefined) program.look(tab);
  }

  #nextMode(): void {
    const { agent } = this.#tab;
    if (agent === undefined) {
      this.#message = "The mode can be changed once the session has begun";
      return;
    }
    const at = modes.indexOf(agent.permissionMode);
    const permissionMode = modes[(at + 1) % modes.length] ?? "default";
    agent.configure({ permissionMode }).then(
      () => this.changed(),
      (error: unknown) => {
        this.#message = messageOf(error);
        this.changed();
      },
    );
  }

  #search(): void {
    if (this.#open?.type === "search") return this.#find(-1);
    this.#open = { type: "search", editor: new Editor(), isMissing: false };
  }

  #find(direction: 1 | -1): void {
    if (this.#open?.type !== "search" || this.#open.editor.isEmpty) return;
    this.#open.isMissing = !this.#view.transcript.find(this.#open.editor.text, direction);
  }

  #toggleMouse(): void {
    this.#hasMouse = !this.#hasMouse;
    this.#options.display.setMouse(this.#hasMouse);
    this.#message = this.#hasMouse ? "The wheel scrolls" : "The mouse selects text; Alt-M gives the wheel back";
  }

  #draw(): void {
    const { display, layout, theme, keys } = this.#options;
    const { rows, columns } = display;
    if (!(rows > 0 && columns > 0)) return;
    const { frame, fieldWidth } = drawPicture(this.#scene(), { rows, columns, layout, theme, keys });
    this.#fieldWidth = fieldWidth;
    const update = this.#writer.write(frame);
    if (update === "") return;
    this.#pace.setBusy(true);
    display.write(update, () => this.#pace.setBusy(false));
  }

  #scene(): Scene {
    const { program, keys, hasSandbox } = this.#options;
    const view = this.#view;
    const { agent } = view.tab;
    const open = this.#open;
    return {
      tabs: program.tabs.map((tab) => this.#label(tab)),
      body: (width, rows) => {
        if (open?.type !== "keys") return view.transcript.lines(width, rows);
        const lines = keyLines(["editor", "anywhere"], keys);
        open.top = Math.min(open.top, Math.max(0, lines.length - rows));
        return lines.slice(open.top, open.top + rows);
      },
      question: [],
      note: this.#note(),
      field: (width) => ({
        mark: open?.type === "search" ? [{ text: "/ ", style: accent }] : [{ text: "❯ ", style: accent }],
        placeholder: open?.type === "search" ? [] : [{ text: "What is to be done?", style: muted }],
        ...layOutEditor(this.#editor.buffer, width),
      }),
      status: {
        branch: agent?.branch ?? "new session",
        mode: agent?.permissionMode === "default" ? undefined : agent?.permissionMode,
        model: agent?.model,
        hasSandbox,
      },
      place: this.#place,
      message: open?.type === "search" && open.isMissing ? "It is not there" : this.#message,
    };
  }

  #label(tab: Tab): TabLabel {
    const { name, state, isUnread, parent } = tab;
    const isActive = tab === this.#tab;
    return { name, state, isActive, isUnread: isUnread && !isActive, isChild: parent !== undefined };
  }

  #note(): Line {
    const { tab, transcript } = this.#view;
    const waiting = tab.waiting.length;
    if (!transcript.isAtEnd) return [{ text: "↓ more below", style: muted }];
    if (waiting > 0) return [{ text: waiting === 1 ? "1 prompt waits" : `${waiting} prompts wait`, style: muted }];
    return tab.state === "running" ? [{ text: "● at work", style: accent }] : [];
  }
}

const accent = { role: "accent" } as const;
const muted = { role: "muted" } as const;

/** Those that a key leads to; the others are asked for by name. */
const modes: readonly PermissionMode[] = ["default", "acceptEdits", "plan"];

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
