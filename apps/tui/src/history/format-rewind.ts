import type { RewindResult, RewoundTurn } from "@bough/gitstate";
import { oneLine } from "../one-line.ts";
import { formatFiles } from "./format-diff.ts";
import type { Page } from "./page.ts";

const ID_LENGTH = 9;

/** Writes what a rewind did or would do: where it goes, the turns that leave or come back, the files, how to undo it. */
export function formatRewind(result: RewindResult, branch: string, page: Page, command = "bough rewind"): string {
  const { look, width } = page;
  const name = oneLine(branch, width - 40);
  if (result.type === "up-to-date") return `Nothing to rewind: ${name} stands there already.\n`;
  const { to, files, taken, returned } = result;
  const moment = `${to.step === 0 ? "the start" : `step ${to.step}`} (${to.commit.slice(0, ID_LENGTH)})`;
  const did = result.type === "rewound";
  const sections = [
    `${did ? "Took" : "Would take"} ${look.bold(name)} back to ${moment}${did ? ` by ${look.accent(result.commit.slice(0, ID_LENGTH))}` : ""}`,
    formatTurns("Out of the conversation:", taken, page),
    formatTurns("Back in the conversation:", returned, page),
    formatFiles(files, page),
    did ? `To undo it: ${command} ${result.before.slice(0, ID_LENGTH)}` : "",
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function formatTurns(title: string, turns: readonly RewoundTurn[], { width }: Page): string {
  if (turns.length === 0) return "";
  return [title, ...turns.map(({ turn, prompt }) => ` ${turn} > ${oneLine(prompt, width - 12)}`)].join("\n");
}
