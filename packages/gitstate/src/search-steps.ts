import { type PastStep, pastSteps } from "./past-steps.ts";
import { withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import type { Block } from "./step-record.ts";

/** What is looked for in a lineage. */
export interface SearchStepsOptions {
  /** The id of the session that asks. */
  readonly session: string;
  /** Each has to occur somewhere in the step, in capitals or not. */
  readonly words: readonly string[];
  /** How many steps at most. */
  readonly limit: number;
  /** Tools whose calls and results are passed over. */
  readonly exceptTools?: readonly string[];
  readonly signal?: AbortSignal;
}

/** A step that holds the words, and where. */
export interface FoundStep extends Omit<PastStep, "blocks" | "extra"> {
  readonly excerpts: readonly StepExcerpt[];
}

/** A part of a block around a word that was looked for. */
export interface StepExcerpt {
  readonly type: Block["type"];
  /** The tool, of a call or a result. */
  readonly tool: string | undefined;
  readonly text: string;
}

/** What a search found; of `total` steps that match, those that fit the limit. */
export interface FoundSteps {
  readonly steps: readonly FoundStep[];
  readonly total: number;
}

/**
 * Finds the steps of a session's lineage in which all of the words occur, rewound ones, those of its forks and of archived
 * sessions too: the session's own first, those in which the words are near each other before the rest, then the newest.
 */
export async function searchSteps(repository: Repository, options: SearchStepsOptions): Promise<FoundSteps> {
  const words = options.words.map((word) => word.toLowerCase());
  /** The session's own before others, and steps in which the words are near each other before those in which they are not. */
  const ranks: FoundStep[][] = [[], [], [], []];
  let total = 0;
  await withReading(repository, async (reading) => {
    for await (const step of pastSteps(repository, reading, options.session)) {
      options.signal?.throwIfAborted();
      const found = matchOf(step, words, options.exceptTools ?? []);
      if (found === undefined) continue;
      total++;
      const rank = ranks[(step.isOwn ? 0 : 2) + (found.isNear ? 0 : 1)];
      if (rank !== undefined && rank.length < options.limit) rank.push(found.step);
    }
  });
  return { steps: ranks.flat().slice(0, options.limit), total };
}

/** Which step is read. */
export interface ReadPastStepOptions {
  /** The id of the session that asks. */
  readonly session: string;
  readonly step: number;
  /** The branch of the lineage that made it; the session's own line unless given. */
  readonly branch?: string;
}

/** Reads a step of a session's lineage; undefined when there is none of the number. */
export async function readPastStep(
  repository: Repository,
  { session, step: number, branch }: ReadPastStepOptions,
): Promise<PastStep | undefined> {
  return withReading(repository, async (reading) => {
    for await (const step of pastSteps(repository, reading, session)) {
      const isIt = branch === undefined ? step.isOwn : step.branch === branch;
      if (step.step === number && isIt) return step;
    }
    return undefined;
  });
}

const MOST_EXCERPTS = 3;
/** Characters of a block that are shown around what was found; words within them are near each other. */
const EXCERPT = 320;
/** How often a word is looked for in one block. */
const MOST_PLACES = 500;

function matchOf(
  { blocks, extra: _, ...step }: PastStep,
  words: readonly string[],
  exceptTools: readonly string[],
): { readonly step: FoundStep; readonly isNear: boolean } | undefined {
  const places = blocks
    .filter((block) => block.type !== "config" && !("name" in block && exceptTools.includes(block.name)))
    .map((block) => ({ block, ...bestPlace(block.text.toLowerCase(), words) }));
  if (!words.every((word) => places.some(({ held }) => held.has(word)))) return undefined;
  const ranked = places.filter(({ near }) => near > 0).sort((a, b) => b.near - a.near);
  const excerpts = ranked.slice(0, MOST_EXCERPTS).map(({ block, at }) => ({
    type: block.type,
    tool: "name" in block ? block.name : undefined,
    text: around(block.text, at),
  }));
  return { step: { ...step, excerpts }, isNear: ranked[0]?.near === words.length };
}

/** Which of the words a text holds, and where most of them are near each other. */
function bestPlace(text: string, words: readonly string[]): { held: Set<string>; near: number; at: number } {
  const held = new Set(words.filter((word) => text.includes(word)));
  const places = [...held].flatMap((word) => placesOf(text, word)).sort((a, b) => a.at - b.at);
  let [start, near, at] = [0, 0, 0];
  const within = new Map<string, number>();
  for (const place of places) {
    within.set(place.word, (within.get(place.word) ?? 0) + 1);
    for (let first = places[start]; first !== undefined && place.at - first.at > EXCERPT / 2; first = places[++start]) {
      const count = (within.get(first.word) ?? 0) - 1;
      if (count === 0) within.delete(first.word);
      else within.set(first.word, count);
    }
    if (within.size > near) [near, at] = [within.size, places[start]?.at ?? 0];
  }
  return { held, near, at };
}

function placesOf(text: string, word: string): { word: string; at: number }[] {
  const places: { word: string; at: number }[] = [];
  for (let at = text.indexOf(word); at !== -1 && places.length < MOST_PLACES; at = text.indexOf(word, at + 1)) {
    places.push({ word, at });
  }
  return places;
}

function around(text: string, at: number): string {
  const start = Math.max(0, at - EXCERPT / 4);
  const end = start + EXCERPT;
  // Half of a pair is no character.
  const cut = text
    .slice(start, end)
    .replace(/^[\udc00-\udfff]/, "")
    .replace(/[\ud800-\udbff]$/, "");
  return `${start > 0 ? "…" : ""}${cut.replace(/\s+/g, " ").trim()}${end < text.length ? "…" : ""}`;
}
