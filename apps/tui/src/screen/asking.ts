import type { Answer, Question } from "@bough/agent";
import type { OpenQuestion } from "../program/tab.ts";
import { layOutQuestion, type QuestionLayout } from "../views/question-view.ts";

/** Milliseconds for which a question is there before a key answers it: what was being typed is none. */
export const ARMED_AFTER = 500;

/** A question as it is put to a person: what of it was seen, and since when a key would answer it. */
export class Asking {
  readonly open: OpenQuestion;
  /** Since when nothing has been typed that it could have been meant for. */
  #quietSince: number;
  #top = 0;
  #rule: number;
  #lastTop = 0;
  #wasSeen = false;

  constructor(open: OpenQuestion, now: number) {
    this.open = open;
    this.#quietSince = now;
    // The narrowest: a wider one is chosen, not met.
    this.#rule = Math.max(0, rulesOf(open.question).length - 1);
  }

  get question(): Question {
    return this.open.question;
  }

  /** Whether a key would answer it. */
  isArmed(now: number): boolean {
    return now - this.#quietSince >= ARMED_AFTER;
  }

  /** Says that something was typed elsewhere. */
  disturb(now: number): void {
    this.#quietSince = now;
  }

  /** Says that the person turned to it. */
  arm(): void {
    this.#quietSince = Number.NEGATIVE_INFINITY;
  }

  layOut(options: {
    readonly width: number;
    readonly rows: number;
    readonly count: number;
    readonly now: number;
  }): QuestionLayout {
    const { width, rows, count, now } = options;
    const look = { width, rows, count, top: this.#top, rule: this.#rule, isArmed: this.isArmed(now) };
    const layout = layOutQuestion(this.question, look);
    this.#lastTop = layout.lastTop;
    this.#top = Math.min(this.#top, layout.lastTop);
    if (this.#top === layout.lastTop) this.#wasSeen = true;
    return layout;
  }

  scroll(rows: number): void {
    this.#top = Math.min(this.#lastTop, Math.max(0, this.#top + rows));
  }

  /** Offers another rule. */
  nextRule(): void {
    const { length } = rulesOf(this.question);
    if (length > 0) this.#rule = (this.#rule + length - 1) % length;
  }

  /** Allows it, or says why it cannot be allowed yet. */
  allow(remember?: "session" | "always"): string | undefined {
    if (!this.#wasSeen) return "It is longer than what you see: End shows the rest";
    if (this.question.type === "question") return "It is to be answered in words: R";
    const rule = rulesOf(this.question)[this.#rule];
    if (remember !== undefined && rule === undefined) return "There is no rule for this: it can be allowed once";
    const answer: Answer =
      remember === undefined || rule === undefined
        ? { allow: true }
        : { allow: true, remember: { rule, for: remember } };
    this.open.answer(answer);
    return undefined;
  }

  /** Refuses it; the reason is the model's to read. */
  refuse(reason?: string): void {
    this.open.answer(reason === undefined ? { allow: false } : { allow: false, reason });
  }

  /** Answers it in words: why not, what to change, or what was asked. */
  say(text: string): void {
    const { question } = this;
    if (question.type === "permission" || question.type === "trust") this.refuse(text);
    else {
      const option = question.type === "question" ? question.options[Number(text.trim()) - 1] : undefined;
      this.open.answer({ text: option ?? text });
    }
  }

  /** What is asked for where the words are written. */
  get invitation(): string {
    switch (this.question.type) {
      case "permission":
      case "trust":
        return "Why not? The model reads it";
      case "plan":
        return "What is to be changed?";
      case "question":
        return this.question.options.length > 0 ? "Your answer, or the number of one" : "Your answer";
      default:
        return this.question satisfies never;
    }
  }
}

function rulesOf(question: Question): readonly string[] {
  return question.type === "permission" ? question.rules : [];
}
