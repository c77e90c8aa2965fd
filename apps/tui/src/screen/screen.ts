import type { PermissionMode } from "@bough/agent";
import { modelLimits } from "@bough/models";
import { Editor, type EditorAction, editorActions } from "../editor/editor.ts";
import { dollars, tokens } from "../history/amounts.ts";
import { type ActionName, isOverlayAction, type KeyPlace, type OverlayAction } from "../keys/actions.ts";
import { Decoder } from "../keys/decoder.ts";
import type { Input } from "../keys/input.ts";
import type { KeyMap } from "../keys/key-map.ts";
import { onLanguage } from "../markdown/highlight.ts";
import { keysOverlay } from "../overlays/help.ts";
import { openView } from "../overlays/open-view.ts";
import type { Overlay, OverlayHost } from "../overlays/overlay.ts";
import { Completer } from "../program/completer.ts";
import type { View } from "../program/front.ts";
import type { Program } from "../program/program.ts";
import { PromptHistory } from "../program/prompt-history.ts";
import type { OpenQuestion, Tab } from "../program/tab.ts";
import type { Line } from "../text/line.ts";
import { wrap } from "../text/wrap.ts";
import { choiceLines } from "../views/choice-lines.ts";
import { layOutEditor } from "../views/editor-view.ts";
import { markText } from "../views/mark-text.ts";
import type { Status } from "../views/status-line.ts";
import { type TabLabel, tabAt } from "../views/tab-bar.ts";
import type { TranscriptView } from "../views/transcript-view.ts";
import { ARMED_AFTER, Asking } from "./asking.ts";
import { Completing } from "./completing.ts";
import type { Display } from "./display.ts";
import { FrameWriter } from "./frame-writer.ts";
import { HistorySearch } from "./history-search.ts";
import type { Layout } from "./layout.ts";
import { type Clock, clock, Pace } from "./pace.ts";
import { drawPicture, type Field, type Scene } from "./picture.ts";
import { TabView } from "./tab-view.ts";
import type { Theme } from "./theme.ts";

/** What a screen is made with. */
export interface ScreenOptions {
  readonly program: Program;
  readonly display: Display;
  readonly layout: Layout;
  readonly keys: KeyMap;
  readonly theme: Theme;
  /** Whether commands are confined, as soon as that is known. */
  readonly hasSandbox?: Promise<boolean>;
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
  /** A text is looked for in the transcript. */
  | { readonly type: "search"; readonly editor: Editor; isMissing: boolean }
  /** A prompt is looked for in all that were sent. */
  | { readonly type: "history"; readonly editor: Editor; readonly search: HistorySearch }
  /** A question is answered with no, and it is being written why. */
  | { readonly type: "reason"; readonly editor: Editor; readonly asking: Asking };

/** What a key can do that is more than editing the text. */
type ScreenAction = Exclude<ActionName, EditorAction | OverlayAction>;

/** What a person sees and does: draws the program on a display, and does what keys say. */
export class Screen implements Disposable {
  readonly #options: ScreenOptions;
  readonly #decoder = new Decoder();
  readonly #writer = new FrameWriter();
  readonly #pace: Pace;
  readonly #clock: Clock;
  readonly #views = new WeakMap<Tab, TabView>();
  readonly #contexts = new Map<string, number | undefined>();
  readonly #askings = new WeakMap<OpenQuestion, Asking>();
  readonly #completing: Completing;
  readonly #history: PromptHistory;
  readonly #does: Readonly<Record<ScreenAction, () => void>>;
  readonly #undo: () => void;
  #open: Open | undefined;
  /** What is open over the transcript, the one on top last. */
  #overlays: Overlay[] = [];
  #message: string | undefined;
  /** The tab that is closed when that is asked for once more. */
  #closing: Tab | undefined;
  /** The question that the person turned to while a text is being typed. */
  #isTurnedTo: Asking | undefined;
  #callOffEscape: (() => void) | undefined;
  #callOffArming: (() => void) | undefined;
  #fieldWidth = 80;
  #hasMouse = true;
  #hasSandbox: boolean | undefined;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#clock = options.clock ?? clock;
    this.#pace = new Pace(() => this.#draw(), this.#clock);
    this.#history = new PromptHistory(options.program.cwd);
    const completer = new Completer(options.program);
    this.#completing = new Completing(
      (text, cursor) => completer.complete(this.#tab, text, cursor),
      () => this.changed(),
    );
    this.#does = this.#doings();
    this.#undo = onLanguage(() => {
      this.#view.transcript.refresh();
      this.changed();
    });
    this.#tell(this.#lookForSandbox(options.hasSandbox));
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

  /** Opens something to look at over the transcript. */
  show(view: View): void {
    this.#tell(openView(this.#host, view));
  }

  /** Turns the mouse over to the program, or back to the terminal; returns whether the program has it now. */
  toggleMouse(): boolean {
    this.#hasMouse = !this.#hasMouse;
    this.#options.display.setMouse(this.#hasMouse);
    return this.#hasMouse;
  }

  /** Shows all of every call, or a line of each; returns whether it is all now. */
  toggleExpanded(): boolean {
    this.changed();
    return this.#view.transcript.toggleExpanded();
  }

  /** Nothing is drawn or waited for any more. */
  [Symbol.dispose](): void {
    this.#pace.stop();
    this.#callOffEscape?.();
    this.#callOffArming?.();
    this.#undo();
  }

  get #tab(): Tab {
    return this.#options.program.active;
  }

  get #view(): TabView {
    let view = this.#views.get(this.#tab);
    if (view === undefined) {
      view = new TabView(this.#tab, this.#history);
      this.#views.set(this.#tab, view);
    }
    return view;
  }

  /** What is typed into. */
  get #editor(): Editor {
    return this.#overlay?.field?.editor ?? this.#open?.editor ?? this.#view.editor;
  }

  get #overlay(): Overlay | undefined {
    return this.#overlays.at(-1);
  }

  get #host(): OverlayHost {
    const { program } = this.#options;
    const close = (from: number) => {
      this.#overlays = this.#overlays.slice(0, from);
      this.changed();
    };
    return {
      program,
      tab: this.#tab,
      open: (overlay) => {
        this.#open = undefined;
        this.#overlays.push(overlay);
        this.changed();
      },
      close: () => close(-1),
      closeAll: () => close(0),
      say: (message) => {
        this.#message = message;
        this.changed();
      },
      write: (text) => this.write(text),
      run: (work) => this.#tell(work()),
    };
  }

  get #place(): KeyPlace {
    if (this.#overlay !== undefined) return this.#overlay.field === undefined ? this.#overlay.place : "editor";
    if (this.#open?.type === "history") return "choice";
    if (this.#open !== undefined) return "editor";
    if (this.#completing.isFor(this.#editor)) return "choice";
    const asking = this.#asking;
    if (asking === undefined || !asking.isArmed(this.#clock.now())) return "editor";
    return this.#editor.isEmpty || this.#isTurnedTo === asking ? "question" : "editor";
  }

  #input(input: Input): void {
    switch (input.type) {
      case "key":
        this.#press(input);
        break;
      case "paste":
        this.#disturb();
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
        input satisfies never;
    }
    if (this.#open?.type === "history") this.#tell(this.#open.search.follow());
    else this.#completing.follow(this.#view.editor);
    this.changed();
  }

  #press({ key, text }: Extract<Input, { type: "key" }>): void {
    const place = this.#place;
    const action = this.#options.keys.find(place, key);
    const isText = text !== undefined && (this.#overlay === undefined || this.#overlay.field !== undefined);
    this.#message = undefined;
    if (action !== "close-tab") this.#closing = undefined;
    const isTyping = place === "editor" || place === "choice";
    // A character is text wherever there is some already.
    if (isText && (action === undefined || (isTyping && !this.#editor.isEmpty))) {
      this.#disturb();
      this.#editor.type(text);
    } else if (action !== undefined) {
      if (isTyping) this.#disturb();
      this.#act(action);
    }
  }

  /** What is typed is not meant for the question that came meanwhile. */
  #disturb(): void {
    this.#isTurnedTo = undefined;
    this.#asking?.disturb(this.#clock.now());
    this.#arm();
  }

  #point({ what, row, column }: Extract<Input, { type: "mouse" }>): void {
    if (what === "wheel-up") this.#scroll(-WHEEL);
    if (what === "wheel-down") this.#scroll(WHEEL);
    if (what !== "press" || row !== 0) return;
    const { program, display } = this.#options;
    const index = tabAt(
      program.tabs.map((tab) => this.#label(tab)),
      display.columns,
      column,
    );
    const tab = index === undefined ? undefined : program.tabs[index];
    if (tab !== undefined) program.look(tab);
  }

  #scroll(rows: number): void {
    if (this.#overlay !== undefined) this.#overlay.scroll(rows);
    else this.#view.transcript.scroll(rows);
  }

  #act(action: ActionName): void {
    const editing = editorActions.find((each) => each === action);
    if (editing !== undefined) this.#editor.act(editing);
    else if (isOverlayAction(action)) this.#overlay?.act(action);
    else if (isScreenAction(action)) {
      const tab = this.#tab;
      this.#does[action]();
      // What was open is about the tab that was looked at.
      if (this.#tab !== tab) this.#overlays = [];
    }
  }

  #doings(): Readonly<Record<ScreenAction, () => void>> {
    const { program, display } = this.#options;
    const transcript = (act: (view: TranscriptView) => void) => () => act(this.#view.transcript);
    const ask = (act: (asking: Asking) => void) => () => {
      if (this.#asking !== undefined) act(this.#asking);
    };
    const allow = (remember?: "session" | "always") =>
      ask((asking) => {
        this.#message = asking.allow(remember);
      });
    return {
      send: () => this.#send(),
      "history-before": () => this.#moveRow(-1),
      "history-next": () => this.#moveRow(1),
      complete: () => {
        if (this.#open === undefined) this.#tell(this.#completing.ask(this.#editor).then(() => this.changed()));
      },
      "choice-before": () => this.#choosing.move(-1),
      "choice-next": () => this.#choosing.move(1),
      "choice-take": () => this.#takeChoice(),
      "choice-close": () => {
        if (this.#open === undefined) this.#completing.close(this.#editor);
        else this.#open = undefined;
      },
      "find-prompt": () => this.#findPrompt(),
      abort: () => this.#abort(),
      clear: () => this.#clear(),
      "close-tab": () => this.#closeTab(),
      keys: () => this.#host.open(keysOverlay(this.#host, this.#options.keys)),
      branches: () => this.show({ type: "tree" }),
      "next-tab": () => program.lookNext(1),
      "previous-tab": () => program.lookNext(-1),
      "tab-1": () => this.#lookAt(0),
      "tab-2": () => this.#lookAt(1),
      "tab-3": () => this.#lookAt(2),
      "tab-4": () => this.#lookAt(3),
      "tab-5": () => this.#lookAt(4),
      "tab-6": () => this.#lookAt(5),
      "tab-7": () => this.#lookAt(6),
      "tab-8": () => this.#lookAt(7),
      "tab-9": () => this.#lookAt(-1),
      "new-tab": () => program.newTab(),
      "next-mode": () => this.#nextMode(),
      "page-up": transcript((view) => view.page(-1)),
      "page-down": transcript((view) => view.page(1)),
      "row-up": transcript((view) => view.scroll(-1)),
      "row-down": transcript((view) => view.scroll(1)),
      "transcript-start": transcript((view) => view.toStart()),
      "transcript-end": transcript((view) => view.toEnd()),
      "previous-prompt": transcript((view) => view.toPrompt(-1)),
      "next-prompt": transcript((view) => view.toPrompt(1)),
      "find-text": () => this.#search(),
      expand: () => this.toggleExpanded(),
      "to-question": () => this.#turnToQuestion(),
      mouse: () => {
        this.#message = this.toggleMouse() ? "The wheel scrolls" : "The mouse selects text; Alt-M gives the wheel back";
      },
      suspend: () => display.suspend(),
      redraw: () => this.spoiled(),
      "answer-yes": allow(),
      "answer-session": allow("session"),
      "answer-always": allow("always"),
      "answer-no": ask((asking) => asking.refuse()),
      "answer-reason": ask((asking) => {
        this.#open = { type: "reason", editor: new Editor(), asking };
      }),
      "question-rule": ask((asking) => asking.nextRule()),
      "question-down": ask((asking) => asking.scroll(1)),
      "question-up": ask((asking) => asking.scroll(-1)),
      "question-page-down": ask((asking) => asking.scroll(display.rows / 3)),
      "question-page-up": ask((asking) => asking.scroll(-display.rows / 3)),
      "question-end": ask((asking) => asking.scroll(Number.MAX_SAFE_INTEGER)),
      "question-abort": () => this.#interrupt(),
    };
  }

  #send(): void {
    if (this.#overlay?.field !== undefined) this.#overlay.endField?.(true);
    else if (this.#open?.type === "search") this.#find(-1);
    else if (this.#open?.type === "reason") this.#refuse(this.#open);
    else {
      const prompt = this.#view.takePrompt();
      if (prompt !== undefined) void this.#options.program.submit(this.#tab, prompt);
    }
  }

  /** What one chooses from. */
  get #choosing(): Pick<HistorySearch, "choices" | "chosen" | "move"> {
    return this.#open?.type === "history" ? this.#open.search : this.#completing;
  }

  #takeChoice(): void {
    if (this.#open?.type !== "history") this.#completing.take(this.#editor);
    else if (this.#open.search.text !== undefined) {
      this.#view.editor.setText(this.#open.search.text);
      this.#open = undefined;
    }
  }

  #findPrompt(): void {
    if (this.#open?.type === "history") this.#open.search.move(1);
    else {
      const search = new HistorySearch(this.#history, () => this.changed());
      this.#open = { type: "history", editor: search.editor, search };
    }
  }

  #refuse({ asking, editor }: Extract<Open, { type: "reason" }>): void {
    this.#open = undefined;
    // Meanwhile the turn may have ended, or somebody else answered.
    if (asking !== this.#asking) return;
    if (editor.isEmpty) asking.refuse();
    else asking.say(editor.text);
  }

  /** The question that is to be answered first, from when it is seen. */
  get #asking(): Asking | undefined {
    const [open] = this.#tab.questions;
    if (open === undefined) return undefined;
    let asking = this.#askings.get(open);
    if (asking === undefined) {
      asking = new Asking(open, this.#clock.now());
      this.#askings.set(open, asking);
      this.#arm();
    }
    return asking;
  }

  /** A person sees when a key would answer. */
  #arm(): void {
    this.#callOffArming?.();
    this.#callOffArming = this.#clock.after(ARMED_AFTER + 1, () => this.changed());
  }

  #turnToQuestion(): void {
    this.#isTurnedTo = this.#asking;
    this.#asking?.arm();
    if (this.#asking === undefined) this.#message = "Nothing is asked";
  }

  #moveRow(direction: 1 | -1): void {
    if (this.#overlay !== undefined) this.#overlay.scroll(direction);
    else if (this.#open?.type === "search") this.#find(direction);
    else this.#tell(this.#view.moveRow(direction, this.#fieldWidth).then(() => this.changed()));
  }

  #abort(): void {
    if (this.#overlay?.field !== undefined) this.#overlay.endField?.(false);
    else if (this.#open !== undefined) this.#open = undefined;
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
    if (this.#overlay?.field !== undefined || this.#open !== undefined) this.#abort();
    else if (!this.#editor.isEmpty) this.#editor.setText("");
    else if (this.#tab.state === "running") this.#interrupt();
    else this.#message = "Ctrl-D on an empty line leaves";
  }

  #closeTab(): void {
    const { program, onQuit } = this.#options;
    const tab = this.#tab;
    const isAgain = this.#closing === tab;
    this.#closing = undefined;
    const isRunning = tab.state === "running" || tab.state === "waiting";
    if (!this.#editor.isEmpty) this.#editor.act("delete-right");
    else if (this.#open !== undefined) this.#abort();
    else if (isRunning && !isAgain) {
      this.#closing = tab;
      this.#message = "It is still running: Ctrl-D again interrupts it and closes the tab";
    } else if (program.tabs.length === 1) onQuit();
    else this.#tell(program.close(tab));
  }

  #lookAt(index: number): void {
    const { program } = this.#options;
    const tab = program.tabs.at(index);
    if (tab !== undefined) program.look(tab);
  }

  #nextMode(): void {
    const { program } = this.#options;
    const at = modes.indexOf(program.permissionModeOf(this.#tab));
    this.#tell(program.configure(this.#tab, { permissionMode: modes[(at + 1) % modes.length] }));
  }

  /** Shows what goes wrong with something that nobody waits for. */
  #tell(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#message = error instanceof Error ? error.message : String(error);
      this.changed();
    });
  }

  #search(): void {
    if (this.#open?.type === "search") this.#find(-1);
    else this.#open = { type: "search", editor: new Editor(), isMissing: false };
  }

  #find(direction: 1 | -1): void {
    if (this.#open?.type !== "search" || this.#open.editor.isEmpty) return;
    this.#open.isMissing = !this.#view.transcript.find(this.#open.editor.text, direction);
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
    const { program } = this.#options;
    const { tab, transcript } = this.#view;
    const open = this.#open;
    const asking = this.#asking;
    const mode = program.permissionModeOf(tab);
    return {
      tabs: program.tabs.map((each) => this.#label(each)),
      body: (width, rows) => {
        if (this.#overlay !== undefined) return this.#overlay.lines(width, rows);
        const isEmpty = tab.transcript.entries.length === 0;
        const lines = isEmpty ? hello.flatMap((line) => wrap(line, width)) : transcript.lines(width, rows);
        return open?.type === "search" ? lines.map((line) => markText(line, open.editor.text)) : lines;
      },
      question: (width, rows) => {
        if (asking === undefined || this.#overlay !== undefined) return [];
        const now = this.#clock.now();
        const { lines } = asking.layOut({ width, rows: rows - 1, count: tab.questions.length, now });
        return [[], ...lines];
      },
      choices: (width, rows) => {
        const { choices, chosen } = this.#choosing;
        const isShown = open === undefined || open.type === "history";
        return isShown ? choiceLines(choices, { chosen, width, rows }) : [];
      },
      note: this.#note(),
      field: (width) => ({ ...this.#fieldLook(), ...layOutEditor(this.#editor.buffer, width) }),
      status: {
        branch: tab.agent?.branch ?? "new session",
        mode: mode === "default" ? undefined : mode,
        model: program.modelOf(tab),
        hasSandbox: this.#hasSandbox,
        ...this.#spent(tab),
      },
      place: this.#place,
      message: this.#isMissing ? "It is not there" : this.#message,
    };
  }

  /** Whether what is looked for is nowhere. */
  get #isMissing(): boolean {
    if (this.#open?.type === "history") return this.#open.search.isMissing;
    return this.#open?.type === "search" && this.#open.isMissing;
  }

  #fieldLook(): Pick<Field, "mark" | "placeholder"> {
    const look = (mark: string, placeholder: string) => ({
      mark: [{ text: mark, style: accent }],
      placeholder: [{ text: placeholder, style: muted }],
    });
    const field = this.#overlay?.field;
    if (field !== undefined) return look("/ ", field.placeholder);
    switch (this.#open?.type) {
      case "search":
        return look("/ ", "Search: Enter or ↑ goes back, ↓ forth, Esc closes");
      case "history":
        return look("↶ ", "Search the prompts of all sessions");
      case "reason":
        return look("✎ ", this.#open.asking.invitation);
      default:
        return look("❯ ", this.#tab.agent === undefined ? "What is to be done?" : "");
    }
  }

  #spent({ spent, agent }: Tab): Pick<Status, "context" | "tokens" | "cost"> {
    if (spent.tokens === 0) return {};
    const { tokens: count, cost, context } = spent;
    const limit = agent === undefined ? undefined : this.#contextOf(agent.model);
    return {
      context: limit === undefined ? undefined : (context / limit) * 100,
      tokens: tokens(count),
      cost: cost === undefined ? undefined : dollars(cost),
    };
  }

  async #lookForSandbox(hasSandbox: Promise<boolean> | undefined): Promise<void> {
    this.#hasSandbox = await hasSandbox;
    this.changed();
  }

  /** How much a model can be told; looked up once, and unknown until then. */
  #contextOf(model: string): number | undefined {
    if (!this.#contexts.has(model)) {
      this.#contexts.set(model, undefined);
      this.#tell(
        modelLimits(model).then((limits) => {
          this.#contexts.set(model, limits?.context);
          this.changed();
        }),
      );
    }
    return this.#contexts.get(model);
  }

  #label(tab: Tab): TabLabel {
    const { name, state, isUnread, parent } = tab;
    const isActive = tab === this.#tab;
    const cost = tab.spent.cost === undefined ? undefined : dollars(tab.spent.cost);
    return { name, state, isActive, isUnread: isUnread && !isActive, isChild: parent !== undefined, cost };
  }

  #note(): Line {
    const { tab, transcript } = this.#view;
    const waiting = tab.waiting.length;
    if (tab.questions.length > 0 && this.#place === "editor" && this.#open === undefined && !this.#editor.isEmpty) {
      return [{ text: "Alt-A answers the question", style: { role: "warning" } }];
    }
    if (this.#overlay !== undefined) {
      return tab.questions.length > 0 ? [{ text: "a question waits below this", style: { role: "warning" } }] : [];
    }
    if (!transcript.isAtEnd) return [{ text: "↓ more below", style: muted }];
    if (waiting > 0) return [{ text: waiting === 1 ? "1 prompt waits" : `${waiting} prompts wait`, style: muted }];
    return tab.state === "running" ? [{ text: "● at work", style: accent }] : [];
  }
}

const accent = { role: "accent" } as const;
const muted = { role: "muted" } as const;

/** What a tab shows in which nothing was said yet. */
const hello: readonly Line[] = [
  [{ text: "Work here gets a branch and a worktree of its own; your checkout stays as it is.", style: muted }],
  [{ text: "? shows the keys, /help the commands.", style: muted }],
];

/** Those that a key leads to; the others are asked for by name. */
const modes: readonly PermissionMode[] = ["default", "acceptEdits", "plan"];

function isScreenAction(action: ActionName): action is ScreenAction {
  return !editorActions.some((each) => each === action) && !isOverlayAction(action);
}
