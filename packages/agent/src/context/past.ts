import {
  type FoundSteps,
  type PastStep,
  type ReadPastStepOptions,
  readPastStep,
  type SearchStepsOptions,
  type Session,
  searchSteps,
} from "@bough/gitstate";

/** All that was said and done in a conversation, on its branch and on those that share its beginning, as git has it. */
export interface Past {
  /** Finds the steps in which all of the words occur. */
  search(options: Omit<SearchStepsOptions, "session">): Promise<FoundSteps>;
  /** Reads a step in full; undefined when there is none of the number. */
  step(options: Omit<ReadPastStepOptions, "session">): Promise<PastStep | undefined>;
}

/** The past of a session. */
export function pastOf({ repository, id: session }: Session): Past {
  return {
    search: (options) => searchSteps(repository, { session, ...options }),
    step: (options) => readPastStep(repository, { session, ...options }),
  };
}

/** Of what never had a conversation, as a bench of tools. */
export const NO_PAST: Past = { search: async () => ({ steps: [], total: 0 }), step: async () => undefined };
