import * as z from "zod";
import { defineTool } from "../tool.ts";
import { optional } from "./input-fields.ts";

/** Lets the model ask the user something that only they can know. */
export const askUserQuestionTool = defineTool({
  name: "AskUserQuestion",
  description:
    "Asks the user one question and waits for the answer. For what only they can decide and the work depends on; what you can " +
    "find out or sensibly choose yourself is not worth their time.",
  effect: "read",
  forPerson: true,
  input: z.object({
    question: z.string().trim().min(1).describe("The question, whole and short."),
    options: optional(z.array(z.string()).max(8), "Answers to choose from; the user may give another."),
  }),
  async execute({ question, options = [] }, { ask, signal }) {
    if (ask === undefined) return { text: "Nobody is there to answer. Decide it yourself, and say what you decided." };
    const answer = await ask({ type: "question", question, options }, { signal });
    if ("text" in answer) return { text: answer.text };
    if (answer.allow) return { text: "Yes." };
    return { text: `The user does not want to answer${answer.reason ? `: ${answer.reason}` : "."}` };
  },
});
