import { describeLeftOut } from "../history/describe-left-out.ts";
import type { Tab } from "./tab.ts";

/** What there is to say of a tab's branch when the program is left: a line each. */
export async function farewell(tab: Tab): Promise<readonly string[]> {
  await tab.settle();
  const { agent } = tab;
  if (agent === undefined || (await tab.isEmpty())) return [];
  const changes = await agent.diffstat();
  const leftOut = await agent.newlyLeftOut();
  const next = changes === "" ? "See it: bough log" : "Land it: bough land";
  return [
    ...leftOut.map(describeLeftOut),
    `${agent.branch}: ${changes || "no files changed"}. ${next} ${agent.branch}`,
  ];
}
