import type { LandResult } from "@bough/gitstate";
import { listed } from "../listed.ts";

/** What was landed and how, and the commands that help after a conflict. */
interface LandWords {
  readonly branch: string;
  readonly onto: string | undefined;
  readonly preview: boolean;
  /** Lands it as uncommitted edits. */
  readonly apply: string;
  /** Merges the user's branch into the session. */
  readonly merge: string;
}

/** Says what came of a landing. */
export function describeLanding(result: LandResult, words: LandWords): string {
  const { branch, onto, preview } = words;
  switch (result.type) {
    case "landed":
      return [
        `Landed ${branch}${onto === undefined ? "" : ` on ${onto}`} as ${result.commit.slice(0, 9)}: ${firstLine(result.message)}`,
        ...listed(result.paths),
      ].join("\n");
    case "would-land":
      return ["Would commit:", ...listed(result.paths), "", ...indented(result.message.trimEnd())].join("\n");
    case "applied":
      return [`${preview ? "Would change" : `Applied ${branch}, as uncommitted edits`}:`, ...listed(result.paths)].join(
        "\n",
      );
    case "up-to-date":
      return `Nothing to land: all of ${branch} is there already.`;
    case "conflict":
      return [
        `${branch} does not land, nothing was changed: you changed the same places in`,
        ...listed(result.paths),
        advice(result, words),
      ].join("\n");
    default:
      return result satisfies never;
  }
}

type Conflict = Extract<LandResult, { type: "conflict" }>;

function advice({ applies, mergingHelps }: Conflict, { branch, onto, apply, merge }: LandWords): string {
  if (applies) return `Your files take it as uncommitted edits: ${apply}`;
  if (!mergingHelps) {
    return [
      "The session began with uncommitted changes of yours that are not there any more.",
      `To have its own with conflict markers in your files: bough diff ${branch} | git apply --3way`,
    ].join("\n");
  }
  return `To bring the two together in the session: ${onto === undefined ? "commit yours, then " : ""}${merge}`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

function indented(text: string): string[] {
  return text.split("\n").map((line) => (line === "" ? "" : `  ${line}`));
}
