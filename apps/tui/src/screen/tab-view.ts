import { Editor } from "../editor/editor.ts";
import { Recall } from "../editor/recall.ts";
import type { PromptHistory } from "../program/prompt-history.ts";
import type { Tab } from "../program/tab.ts";
import { type EditorLayout, layOutEditor } from "../views/editor-view.ts";
import { TranscriptView } from "../views/transcript-view.ts";
import { EarlierPrompts } from "./earlier-prompts.ts";

/** What a person has before them in a tab: what of the transcript is seen, and the text that is being typed. */
export class TabView {
  readonly tab: Tab;
  readonly transcript: TranscriptView;
  readonly editor = new Editor();
  readonly #recall = new Recall();
  readonly #earlier: EarlierPrompts;

  constructor(tab: Tab, history: PromptHistory) {
    this.tab = tab;
    this.#earlier = new EarlierPrompts(tab, history);
    this.transcript = new TranscriptView(tab.transcript);
  }

  /** The text as it is laid out in a width. */
  layOut(width: number): EditorLayout {
    return layOutEditor(this.editor.buffer, width);
  }

  /** Goes to the row above, or at the first to the prompt before; down likewise. */
  async moveRow(direction: 1 | -1, width: number): Promise<void> {
    const { cursor, lines, at } = this.layOut(width);
    const row = cursor.row + direction;
    if (row >= 0 && row < lines.length) this.editor.moveTo(at({ row, column: cursor.column }));
    else if (direction < 0) await this.#recallEarlier();
    else this.#show(this.#recall.later(this.#earlier.texts));
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
    this.#earlier.add(text);
    this.transcript.toEnd();
    return this.editor.take();
  }

  async #recallEarlier(): Promise<void> {
    const { buffer } = this.editor;
    const earlier = () => this.#recall.earlier(this.editor.text, this.#earlier.texts);
    const text = earlier();
    if (text !== undefined) return this.#show(text);
    const isMore = await this.#earlier.lookBack();
    // What was typed meanwhile is not replaced.
    if (isMore && this.editor.buffer === buffer) this.#show(earlier());
  }

  #show(text: string | undefined): void {
    if (text !== undefined) this.editor.setText(text);
  }
}
