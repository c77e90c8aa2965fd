import * as z from "zod";
import type { PermissionMode } from "../permissions/modes.ts";
import { defineTool, type Tool } from "../tool.ts";

/** How plan mode is left. */
export interface PlanExit {
  /** The mode that an accepted plan leads to. */
  readonly mode: PermissionMode;
  /** Called when the plan was accepted. */
  leave(): void;
}

/** Makes the tool by which a model that may only read hands in what it would do. */
export function exitPlanModeTool({ mode, leave }: PlanExit): Tool {
  return defineTool({
    name: "ExitPlanMode",
    description:
      "Hands in your plan, once you have read enough to make it. The user accepts it, and you carry it out; or says what to change, and you hand it in again.",
    effect: "read",
    forPerson: true,
    input: z.object({
      plan: z
        .string()
        .trim()
        .min(1)
        .describe("What you will do, in Markdown: which files, in which order, how you will check it."),
    }),
    async execute({ plan }, { ask, signal }) {
      if (ask === undefined) return { text: "Nobody is there to accept it. End with the plan as your answer." };
      const answer = await ask({ type: "plan", plan, mode }, { signal });
      if ("text" in answer) {
        return { text: `The user wants the plan changed. Hand it in again with ExitPlanMode.\n\n${answer.text}` };
      }
      if (!answer.allow) {
        const why = answer.reason ? `: ${answer.reason}` : "";
        return { text: `The user refused the plan${why}`, isError: true, stop: `The plan was refused${why}` };
      }
      leave();
      return {
        text: "The plan is accepted, and plan mode is over: you may change files and run commands now. Carry it out.",
      };
    },
  });
}

/** What the model is told beside each prompt in plan mode. */
export function planNote({ isAnswered }: { readonly isAnswered: boolean }): string {
  const how = isAnswered ? "Hand it in with ExitPlanMode" : "End with the plan as your answer";
  return `Plan mode: you can only read. Look at what matters, then make a plan of what is to be changed and how it is checked. ${how}; nothing is changed before the user accepted it.`;
}
