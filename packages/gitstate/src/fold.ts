import { answerCalls } from "./answer-calls.ts";
import { isOurs, rootSession } from "./lineage.ts";
import type { Block, StepRecord } from "./step-record.ts";

/** The step of a lineage's first record, which holds its configuration. */
export const FIRST_STEP = 0;

/** The key by which a note or a result names the merge commit that it tells of, so that the fold tells of it once. */
export const MERGED = "merged";

/** The key by which a rewind names the last commit of the moment it went back to, the user's own after the step included. */
export const REWOUND_TO = "at";

/** A commit as the fold sees it. */
export interface HistoryCommit {
  readonly id: string;
  readonly subject: string;
  readonly author: string;
  readonly records: readonly StepRecord[];
}

/** A commit on the branch that the session did not make. */
export interface OutsideCommit {
  readonly type: "outside";
  readonly commit: string;
  readonly subject: string;
  readonly author: string;
}

/** A step of the conversation, and the commit that holds it. */
export interface Step extends StepRecord {
  readonly type: "step";
  readonly commit: string;
}

/** A conversation as it stands at a commit. */
export interface Conversation {
  /** Oldest first. Each call is answered, and each result has its call. */
  readonly entries: readonly (Step | OutsideCommit)[];
  /** The last configuration block. */
  readonly config: Extract<Block, { type: "config" }> | undefined;
  /** The highest step number seen, whether it still counts or was rewound; -1 when there is none. */
  readonly lastStep: number;
  readonly lastTurn: number;
}

/**
 * Reads a session's conversation back from its commits, newest first along first parents. It reads no further
 * than the lineage's first step.
 */
export async function fold(
  commits: AsyncIterable<HistoryCommit> | Iterable<HistoryCommit>,
  session: string,
): Promise<Conversation> {
  const root = rootSession(session);
  const entries: (Step | OutsideCommit)[] = [];
  const seen = new Set<number>();
  const told = new Set<unknown>();
  let oldestStep = 0;
  let limit = Number.POSITIVE_INFINITY;
  let skipping = false;
  let rewoundTo: unknown;
  let lastStep = -1;
  let lastTurn = 0;

  walk: for await (const commit of commits) {
    const ours = commit.records.filter((record) => isOurs(session, record));
    if (commit.id === rewoundTo) skipping = false;
    if (ours.length === 0 && !skipping && !told.has(commit.id)) {
      entries.push({ type: "outside", commit: commit.id, subject: commit.subject, author: commit.author });
    }
    for (const record of ours.toReversed()) {
      lastStep = Math.max(lastStep, record.step);
      lastTurn = Math.max(lastTurn, record.turn);
      if (record.step <= limit && !seen.has(record.step)) {
        seen.add(record.step);
        entries.push({ type: "step", commit: commit.id, ...record });
        oldestStep = entries.length;
        skipping = false;
        for (const block of record.blocks) {
          told.add(mergeTold(block));
          if (block.type !== "rewind") continue;
          limit = Math.min(limit, block.to);
          skipping = true;
          rewoundTo = block.extra?.[REWOUND_TO];
        }
      }
      if (record.session === root && record.step === FIRST_STEP) break walk;
    }
  }
  // What lies before the oldest step is where the session started from, not part of it.
  const conversation = answerCalls(entries.slice(0, oldestStep).reverse());
  return { entries: conversation, config: lastConfig(conversation), lastStep, lastTurn };
}

/** The merge commit that a block tells of. */
export function mergeTold(block: Block): unknown {
  return block.type === "note" || block.type === "result" ? block.extra?.[MERGED] : undefined;
}

function lastConfig(entries: readonly (Step | OutsideCommit)[]): Conversation["config"] {
  for (const entry of entries.toReversed()) {
    if (entry.type !== "step") continue;
    const config = entry.blocks.findLast((block) => block.type === "config");
    if (config !== undefined) return config;
  }
  return undefined;
}
