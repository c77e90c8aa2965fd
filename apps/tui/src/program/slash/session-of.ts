import type { Agent } from "@bough/agent";
import { UsageError } from "../../exit-code.ts";
import type { SlashCall } from "./command.ts";

/** The agent of a call's tab; throws where nothing was asked there yet. */
export function agentOf({ tab }: Pick<SlashCall, "tab">): Agent {
  if (tab.agent === undefined) throw new UsageError("Nothing was asked in this tab yet, so it has no branch.");
  return tab.agent;
}
