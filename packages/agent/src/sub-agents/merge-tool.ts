import * as z from "zod";
import { defineTool } from "../tool.ts";
import { optional } from "../tools/input-fields.ts";
import { demandSubAgents } from "./sub-agents.ts";

/** Merges what a sub-agent did and was not merged with its answer. */
export const mergeTool = defineTool({
  name: "Merge",
  description:
    "Merges the branch of an agent whose work was kept there, as after a conflict. Where the two do not go together, " +
    '`take: "theirs"` has its version of those files, `take: "ours"` yours: to have of both, first write those files as they ' +
    "should be, and then take ours. `git show <branch>:<path>` shows its version.",
  effect: "edit",
  runsApart: true,
  input: z.object({
    branch: z.string().startsWith("bough/").describe("The agent's branch, as in bough/fix.1."),
    take: optional(z.enum(["ours", "theirs"]), "Whose files to take where the two do not go together."),
  }),
  execute: async (request, { subAgents }) => demandSubAgents(subAgents).merge(request),
});
