import type { EditorAction } from "../editor/editor.ts";

/** Where a key is pressed: what is open decides what it does. */
export type KeyPlace =
  | "anywhere"
  | "editor"
  | "choice"
  | "list"
  | "tree"
  | "diff"
  | "preview"
  | "conflict"
  | "question";

/** Places in which the keys of another do the same, unless they do something of their own. */
export const placeBehind: Readonly<Partial<Record<KeyPlace, KeyPlace>>> = {
  choice: "editor",
  tree: "list",
  diff: "list",
  preview: "list",
  conflict: "list",
};

/** What a person calls each place. */
export const placeNames: Readonly<Record<KeyPlace, string>> = {
  editor: "while a text is typed",
  anywhere: "anywhere",
  choice: "while there are candidates",
  list: "in what is opened",
  tree: "in the tree of branches",
  diff: "in a diff",
  preview: "in a preview",
  conflict: "in a conflict",
  question: "when something is asked",
};

/** Something a key can do, and the keys that do it, the one that is shown first. */
export interface KeyAction {
  readonly keys: readonly string[];
  readonly help: string;
  /** What the help line calls it; what has no such name is not on it. */
  readonly short?: string;
}

type KeyActions = Readonly<Record<string, KeyAction>>;

const moves = {
  left: { keys: ["left", "C-b"], help: "A character to the left" },
  right: { keys: ["right", "C-f"], help: "A character to the right" },
  "word-left": { keys: ["M-left", "C-left", "M-b"], help: "A word to the left" },
  "word-right": { keys: ["M-right", "C-right", "M-f"], help: "A word to the right" },
  "line-start": { keys: ["C-a", "home"], help: "To the start of the line" },
  "line-end": { keys: ["C-e", "end"], help: "To the end of the line" },
  "text-start": { keys: ["M-<", "C-home"], help: "To the start of the text" },
  "text-end": { keys: ["M->"], help: "To the end of the text" },
  "delete-left": { keys: ["backspace", "C-h"], help: "Delete the character before" },
  "delete-right": { keys: ["delete"], help: "Delete the character behind" },
  "delete-word-left": { keys: ["C-w", "M-backspace", "C-backspace"], help: "Kill the word before" },
  "delete-word-right": { keys: ["M-d", "C-delete"], help: "Kill the word behind" },
  "kill-to-line-start": { keys: ["C-u"], help: "Kill to the start of the line" },
  "kill-to-line-end": { keys: ["C-k"], help: "Kill to the end of the line" },
  yank: { keys: ["C-y"], help: "Put back what was killed" },
  "yank-before": { keys: ["M-y"], help: "Put what was killed earlier in its place" },
  transpose: { keys: ["C-t"], help: "Swap two characters" },
  undo: { keys: ["C-_", "C-S-z"], help: "Undo" },
  redo: { keys: ["M-_"], help: "Redo" },
  "new-line": { keys: ["S-enter", "M-enter", "C-j"], help: "A new line (also: \\ at the end, then Enter)" },
} as const satisfies Record<EditorAction, KeyAction>;

const anywhere = {
  "next-tab": { keys: ["M-.", "C-.", "C-pagedown"], help: "The next tab", short: "tabs" },
  "previous-tab": { keys: ["M-,", "C-,", "C-pageup"], help: "The tab before" },
  "tab-1": { keys: ["M-1", "C-1"], help: "The first tab" },
  "tab-2": { keys: ["M-2", "C-2"], help: "The second tab" },
  "tab-3": { keys: ["M-3", "C-3"], help: "The third tab" },
  "tab-4": { keys: ["M-4", "C-4"], help: "The fourth tab" },
  "tab-5": { keys: ["M-5", "C-5"], help: "The fifth tab" },
  "tab-6": { keys: ["M-6", "C-6"], help: "The sixth tab" },
  "tab-7": { keys: ["M-7", "C-7"], help: "The seventh tab" },
  "tab-8": { keys: ["M-8", "C-8"], help: "The eighth tab" },
  "tab-9": { keys: ["M-9", "C-9"], help: "The last tab" },
  "new-tab": { keys: ["M-n"], help: "A tab for a new session" },
  "next-mode": { keys: ["S-tab"], help: "The next permission mode" },
  "page-up": { keys: ["pageup", "S-pageup"], help: "A page up" },
  "page-down": { keys: ["pagedown", "S-pagedown"], help: "A page down" },
  "row-up": { keys: ["S-up", "M-up"], help: "A row up" },
  "row-down": { keys: ["S-down", "M-down"], help: "A row down" },
  "transcript-start": { keys: ["S-home"], help: "To the start of the transcript" },
  "transcript-end": { keys: ["C-end", "S-end"], help: "To the end of the transcript, and follow it" },
  "previous-prompt": { keys: ["M-k", "M-pageup"], help: "To the prompt before" },
  "next-prompt": { keys: ["M-j", "M-pagedown"], help: "To the next prompt" },
  branches: { keys: ["M-t", "C-g"], help: "All branches and their turns, as a tree", short: "branches" },
  "find-text": { keys: ["C-s", "M-/"], help: "Search the transcript" },
  expand: { keys: ["C-o"], help: "Show all of every call, or a line of each", short: "expand" },
  "to-question": { keys: ["M-a"], help: "Answer what is asked, while a text is being typed" },
  mouse: { keys: ["M-m"], help: "Mouse on or off: off lets the terminal select text" },
  suspend: { keys: ["C-z"], help: "To the shell; fg comes back" },
  redraw: { keys: ["C-l"], help: "Draw everything anew" },
} as const satisfies KeyActions;

const editor = {
  send: { keys: ["enter"], help: "Send", short: "send" },
  "history-before": { keys: ["up", "C-p"], help: "The line above, or the prompt before" },
  "history-next": { keys: ["down", "C-n"], help: "The line below, or the next prompt" },
  "find-prompt": { keys: ["C-r"], help: "Search the prompts of all sessions" },
  complete: { keys: ["tab"], help: "Complete the word: a command, its argument, or a file behind an @" },
  abort: { keys: ["escape"], help: "Interrupt what runs", short: "interrupt" },
  clear: { keys: ["C-c"], help: "Clear the text; then interrupt what runs" },
  "close-tab": { keys: ["C-d"], help: "Delete the character behind; on an empty line close the tab" },
  keys: { keys: ["?"], help: "All keys (on an empty line)", short: "keys" },
} as const satisfies KeyActions;

/** What else a key does while there is something to choose from, it does to the text. */
const choice = {
  "choice-take": { keys: ["tab", "enter"], help: "Take the one that is chosen", short: "take" },
  "choice-before": { keys: ["up", "C-p"], help: "The one above", short: "choose" },
  "choice-next": { keys: ["down", "C-n"], help: "The one below" },
  "choice-close": { keys: ["escape"], help: "Close the list", short: "close" },
} as const satisfies KeyActions;

const list = {
  "list-up": { keys: ["up", "k", "C-p"], help: "Up" },
  "list-down": { keys: ["down", "j", "C-n"], help: "Down" },
  "list-page-up": { keys: ["pageup", "C-b"], help: "A page up" },
  "list-page-down": { keys: ["pagedown", "C-f"], help: "A page down" },
  "list-start": { keys: ["home", "g"], help: "To the start" },
  "list-end": { keys: ["end", "G"], help: "To the end" },
  "list-close": { keys: ["escape", "q", "C-c"], help: "Close", short: "close" },
} as const satisfies KeyActions;

const tree = {
  "tree-open": { keys: ["enter", "o"], help: "Open the branch in a tab", short: "open" },
  "tree-fork": { keys: ["f"], help: "Fork after this turn, into a tab of its own", short: "fork" },
  "tree-merge": { keys: ["m"], help: "Merge it into the branch of the tab, after a preview", short: "merge" },
  "tree-diff": { keys: ["d"], help: "What this turn changed, or the branch", short: "diff" },
  "tree-rewind": { keys: ["r"], help: "Take its branch back to after this turn, after a preview", short: "rewind" },
  "tree-land": { keys: ["l"], help: "Bring the branch to yours, after a preview", short: "land" },
  "tree-filter": { keys: ["/"], help: "Show only what holds a text", short: "filter" },
} as const satisfies KeyActions;

const diff = {
  "diff-layout": { keys: ["s"], help: "Side by side, or unified", short: "side by side" },
  "diff-next-file": { keys: ["tab", "]"], help: "The next file", short: "next file" },
  "diff-previous-file": { keys: ["S-tab", "["], help: "The file before" },
  "diff-find": { keys: ["/"], help: "Search", short: "search" },
  "diff-next-match": { keys: ["n"], help: "The next place that holds what was searched for" },
  "diff-previous-match": { keys: ["N"], help: "The place before" },
} as const satisfies KeyActions;

const preview = {
  "preview-yes": { keys: ["y"], help: "Do it", short: "do it" },
} as const satisfies KeyActions;

const conflict = {
  "conflict-mend": { keys: ["a"], help: "Write a prompt that asks the agent to mend it", short: "ask the agent" },
  "conflict-open": { keys: ["o"], help: "Open the other branch in a tab", short: "open the other" },
} as const satisfies KeyActions;

const question = {
  "answer-yes": { keys: ["y"], help: "Yes, once", short: "yes" },
  "answer-session": { keys: ["s"], help: "Yes, and by its rule for this session", short: "session" },
  "answer-always": { keys: ["a"], help: "Yes, and by its rule always: kept in the local settings", short: "always" },
  "answer-no": { keys: ["n", "escape"], help: "No", short: "no" },
  "answer-reason": { keys: ["r"], help: "No, and say why", short: "no, because" },
  "question-rule": { keys: ["tab"], help: "Offer another rule" },
  "question-down": { keys: ["down", "j"], help: "A row down" },
  "question-up": { keys: ["up", "k"], help: "A row up" },
  "question-page-down": { keys: ["pagedown", "space"], help: "A page down" },
  "question-page-up": { keys: ["pageup"], help: "A page up" },
  "question-end": { keys: ["end", "G"], help: "To its end" },
  "question-abort": { keys: ["C-c"], help: "Interrupt the turn" },
} as const satisfies KeyActions;

/** The one table of keys: what is pressed is looked up in it, and help and README are made of it. */
export const keyActions = {
  anywhere,
  editor: { ...editor, ...moves },
  choice,
  list,
  tree,
  diff,
  preview,
  conflict,
  question,
} as const satisfies Record<KeyPlace, KeyActions>;

/** What keys do in what is opened over the transcript. */
export type OverlayAction = {
  [Place in "list" | "tree" | "diff" | "preview" | "conflict"]: keyof (typeof keyActions)[Place];
}["list" | "tree" | "diff" | "preview" | "conflict"];

/** Everything that a key can do. */
export type ActionName = { [Place in KeyPlace]: keyof (typeof keyActions)[Place] }[KeyPlace];

/** The places, in the order in which a person meets them. */
export const keyPlaces = [
  "editor",
  "anywhere",
  "choice",
  "question",
  "list",
  "tree",
  "diff",
  "preview",
  "conflict",
] as const satisfies readonly KeyPlace[];

const names: ReadonlySet<string> = new Set(keyPlaces.flatMap((place) => Object.keys(keyActions[place])));

/** Whether something is called so that a key can do. */
export function isActionName(name: string): name is ActionName {
  return names.has(name);
}

const overlayNames: ReadonlySet<string> = new Set([list, tree, diff, preview, conflict].flatMap(Object.keys));

/** Whether something is done in what is opened over the transcript. */
export function isOverlayAction(name: ActionName): name is OverlayAction {
  return overlayNames.has(name);
}

/** The actions of a place by their names, in the order of the table. */
export function actionsOf(place: KeyPlace): (readonly [ActionName, KeyAction])[] {
  const actions: KeyActions = keyActions[place];
  return Object.entries(actions).flatMap(([name, action]) => (isActionName(name) ? [[name, action] as const] : []));
}
