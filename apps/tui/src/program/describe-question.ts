import type { Question } from "@bough/agent";
import { oneLine } from "../one-line.ts";
import { describeInput } from "../print/progress.ts";

/** What a question is, and why it is put, as a line says it. */
export interface QuestionTitle {
  readonly what: string;
  readonly why: string;
}

/** Names a question: who asks for what, and why it is a person's to answer. */
export function questionTitle(question: Question): QuestionTitle {
  const { what, why } = titleOf(question);
  return { what: question.agent === undefined ? what : `${oneLine(question.agent, 60)}: ${what}`, why };
}

function titleOf(question: Question): QuestionTitle {
  switch (question.type) {
    case "permission":
      return { what: `${oneLine(question.tool, 40)} asks`, why: question.why };
    case "plan":
      return { what: "The plan", why: `a yes carries it out, in the mode ${question.mode}` };
    case "question":
      return { what: "The agent asks", why: "it goes on when you have answered" };
    case "trust":
      return { what: "Do you trust this repository?", why: question.root };
    default:
      return question satisfies never;
  }
}

/** Says on one line what a question is about. */
export function questionSubject(question: Question): string {
  switch (question.type) {
    case "permission":
      return describeInput(question.input);
    case "plan":
      return question.plan;
    case "question":
      return question.question;
    case "trust":
      return question.files.map(({ path }) => path).join(", ");
    default:
      return question satisfies never;
  }
}
