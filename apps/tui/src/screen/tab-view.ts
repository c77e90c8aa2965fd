import { Editor } from "../editor/editor.ts";
import { Recall } from "../editor/recall.ts";
import type { Tab } from "../program/tab.ts";
import { type EditorLayout, layOutEditor } from "../views/editor-view.ts";
import { TranscriptView } from "../views/transcript-view.ts";

/** What a person has before them in a tab: what of the transcript is seen, and the text that is being typed. */
export class TabView {
  readonly tab: Tab;
  readonly transcript: TranscriptView;
  readonly editor = new Editor();
  readonly #recall = new Recall();

  constructor(tab: Tab) {
    this.tab = tab;
    this.transcript = new TranscriptView(tab.transcript);
  }

  /** The text as it is laid out in a width. */
  layOut(width: number): EditorLayout {
    return layOutEditor(this.editor.buffer, width);
  }

  /** Goes to the row above, or at the first to the prompt before; down likewise. */
  moveRow(direction: 1 | -1, width: number): void {
    const { cursor, lines, at } = this.layOut(width);
    const row = cursor.row + direction;
    if (row >= 0 && row < lines.length) this.editor.moveTo(at({ row, column: cursor.column }));
    else this.#recallPrompt(direction);
  }

  /** Takes the text out for it to be sent; undefined when there is none, or it goes on in a new line. */
  takePrompt(): string | undefined {
    const { text, buffer } = this.editor;
    const isAtEnd = buffer.cursor === buffer.atoms.length;
    if (isAtEnd && text.endsWith("\\")) {
      this.editor.act("delete-left");
      this.editor.act("new-line");
      return undefined;
    }
    if (text.trim() === "") return undefined;
    this.#recall.reset();
    this.transcript.toEnd();
    return this.editor.take();
  }

  #recallPrompt(direction: 1 | -1): void {
    const prompts = this.tab.transcript.entries.flatMap(({ entry }) => (entry.type === "prompt" ? [entry.text] : []));
    const text = direction < 0 ? this.#recall.earlier(this.editor.text, prompts) : this.#recall.later(prompts);
    if (text !== undefined) this.editor.setText(text);
  }
}
