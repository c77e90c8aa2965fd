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
    this.#rule = Math.max(0, open.question.rules.length - 1);
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
    const { length } = this.question.rules;
    if (length > 0) this.#rule = (this.#rule + length - 1) % length;
  }

  /** Allows it, or says why it cannot be allowed yet. */
  allow(remember?: "session" | "always"): string | undefined {
    if (!this.#wasSeen) return "It is longer than what you see: End shows the rest";
    const rule = this.question.rules[this.#rule];
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
}
