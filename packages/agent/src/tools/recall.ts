import type { Block, FoundStep, FoundSteps, PastStep } from "@bough/gitstate";
import * as z from "zod";
import { defineTool } from "../tool.ts";
import { optional, wholeNumber } from "./input-fields.ts";

const NAME = "Recall";
const defaultLimit = 10;
const mostSteps = 30;
const mostWords = 12;
/** Characters of a step that are given at once. */
const pageCharacters = 20_000;

/** Searches and rereads what the model does not see any more: it is all in git. */
export const recallTool = defineTool({
  name: NAME,
  description:
    "Searches and rereads this conversation as git has it: what was summarized, left out to save room or rewound, and what was " +
    "said on branches that share its beginning. With query: the steps in which all of its words occur, the newest first. " +
    "With step: all that was said and done in that step. What it gives is of the past; files may have changed since.",
  effect: "read",
  input: z
    .object({
      query: optional(z.string(), "Words to look for, in capitals or not; a step must hold all of them."),
      step: wholeNumber(0, Number.MAX_SAFE_INTEGER, "The number of a step to read in full."),
      branch: optional(z.string(), "The branch of the step, where it is not this conversation's own."),
      offset: wholeNumber(0, Number.MAX_SAFE_INTEGER, "The character of the step to read on from."),
      limit: wholeNumber(1, mostSteps, `How many steps to find at most; ${defaultLimit} unless given.`),
    })
    .refine(({ query = "", step }) => (query.trim() === "") !== (step === undefined), {
      message: "give either query or step",
    }),
  async execute({ query = "", step, branch, offset = 0, limit = defaultLimit }, { past, signal }) {
    if (step === undefined) {
      const words = [...new Set(query.trim().split(/\s+/))].slice(0, mostWords);
      return { text: showFound(await past.search({ words, limit, exceptTools: [NAME], signal }), words) };
    }
    const found = await past.step({ step, branch });
    if (found !== undefined) return { text: showStep(found, offset) };
    const where = branch === undefined ? "of this conversation" : `on ${branch}`;
    throw new Error(`There is no step ${step} ${where}. Give a query to find one.`);
  },
});

function showFound({ steps, total }: FoundSteps, words: readonly string[]): string {
  const named = words.map((word) => JSON.stringify(word)).join(", ");
  if (total === 0) return `No step holds ${words.length === 1 ? named : `all of ${named}`}. Try fewer or other words.`;
  const more = total > steps.length ? ` Of ${total} steps these are the first; more words narrow it down.` : "";
  return [...steps.map(describe), `(Recall with step gives one in full.${more})`].join("\n\n");
}

function describe({ excerpts, ...step }: FoundStep): string {
  const lines = excerpts.map(({ type, tool, text }) => `  ${type}${tool === undefined ? "" : ` ${tool}`}: ${text}`);
  return [headOf(step), ...lines].join("\n");
}

function headOf({ step, turn, branch, isOwn, commit, date }: Omit<FoundStep, "excerpts">): string {
  const where = isOwn ? "" : `, ${branch === undefined ? "a branch that is gone" : `branch ${branch}`}`;
  const held = commit === undefined ? "" : `, commit ${commit.slice(0, 12)}`;
  return `step ${step}, turn ${turn}${where}, ${date.toISOString().slice(0, 16)}Z${held}`;
}

function showStep(step: PastStep, offset: number): string {
  const text = step.blocks
    .filter(({ type }) => type !== "config")
    .map(showBlock)
    .join("\n\n");
  if (offset > 0 && offset >= text.length) return `Step ${step.step} ends at character ${text.length}.`;
  const end = offset + pageCharacters;
  const part = text
    .slice(offset, end)
    .replace(/^[\udc00-\udfff]/, "")
    .replace(/[\ud800-\udbff]$/, "");
  const more =
    end < text.length
      ? [`(${text.length - offset - part.length} characters more: read on with offset ${offset + part.length}.)`]
      : [];
  return [headOf(step), part, ...more].join("\n\n");
}

function showBlock(block: Block): string {
  const picture = block.extra?.["image"] === undefined ? "" : "\n(The picture is not shown again.)";
  const head = "name" in block ? `${block.type} ${block.name}` : block.type;
  return `${head}:\n${block.text}${picture}`;
}
