import type { LandOptions } from "@bough/gitstate";
import { UsageError } from "../exit-code.ts";
import { describeLanding } from "../history/describe-landing.ts";
import { describeMerge } from "../history/describe-merge.ts";
import { formatRewind } from "../history/format-rewind.ts";
import { pageOf } from "../history/page.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import type { Program } from "./program.ts";
import { agentOf } from "./slash/session-of.ts";
import type { Tab } from "./tab.ts";

/** Where something is done, and what of the user's asked for it. */
export interface Asked {
  readonly program: Program;
  readonly tab: Tab;
  readonly line: string;
}

/** Merges a branch or commit into the branch of a tab, and says there what came of it. */
export async function mergeInto(
  { program, tab, line }: Asked,
  { branch, preview }: { readonly branch: string; readonly preview: boolean },
): Promise<void> {
  const agent = agentOf({ tab });
  const other = program.tabs.find(
    ({ name, agent: each }) => each !== undefined && (name === branch || each.branch === branch),
  );
  if (other === tab) throw new UsageError(`${agent.branch} cannot go into itself.`);
  const result = await tab.work(() => agent.merge(other?.agent ?? branch, { preview }));
  if (result.type === "merged") other?.markMerged();
  const again = "Have one side give way, by a prompt here or there, and merge again.";
  const text = describeMerge(result, { branch, into: agent.branch, again });
  tab.say(line, escapeForTerminal(text).trimEnd(), { isError: result.type === "conflict" });
}

/** Brings the branch of a tab to the user's, and says there what came of it. */
export async function landFrom(
  { tab, line }: Asked,
  { mode, onto, preview = false }: Pick<LandOptions, "mode" | "onto" | "preview">,
): Promise<void> {
  const { branch } = agentOf({ tab });
  const notices: string[] = [];
  const onNotice = (text: string) => notices.push(text);
  const result = await tab.work((signal) => agentOf({ tab }).land({ mode, onto, preview, signal, onNotice }));
  const words = { branch, onto, preview, apply: "/land --apply", merge: `/merge ${onto ?? "<your branch>"}` };
  const text = [...notices, describeLanding(result, words)].join("\n");
  tab.say(line, escapeForTerminal(text).trimEnd(), { isError: result.type === "conflict" });
}

/** What a rewind goes back to. */
export type Moment = NonNullable<Parameters<ReturnType<typeof agentOf>["rewind"]>[0]>;

/** Takes the branch of a tab back to a moment, and says there what came of it. */
export async function rewindTo({ program, tab, line }: Asked, moment: Moment): Promise<void> {
  const agent = agentOf({ tab });
  const result = await tab.work(() => agent.rewind(moment));
  if (result.type === "rewound") await program.reload(tab);
  tab.say(line, formatRewind(result, agent.branch, pageOf(program.page), "/rewind").trimEnd());
}
