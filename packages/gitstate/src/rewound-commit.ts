import { REWOUND_TO } from "./fold.ts";
import type { StepRecord } from "./step-record.ts";

/** The commit whose files a rewind took up again, as the rewind's own record names it; undefined when none is one. */
export function rewoundCommit(records: readonly StepRecord[]): string | undefined {
  for (const { blocks } of records.toReversed()) {
    for (const block of blocks) {
      const to = block.type === "rewind" || block.type === "note" ? block.extra?.[REWOUND_TO] : undefined;
      if (typeof to === "string" && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(to)) return to;
    }
  }
  return undefined;
}
