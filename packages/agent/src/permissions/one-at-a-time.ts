import type { Ask } from "./modes.ts";
import { untilAborted } from "./until-aborted.ts";

/** Puts questions one after the other, so that no question takes the place of one that somebody is about to answer. */
export function oneAtATime(ask: Ask): Ask {
  let last: Promise<unknown> = Promise.resolve();
  return (question, options) => {
    const answer = last.then(() => {
      options.signal.throwIfAborted();
      return ask(question, options);
    });
    // An interrupted turn does not wait for its answer, and keeps nobody else waiting.
    const settled = untilAborted(answer, options.signal);
    last = settled.catch(() => {});
    return settled;
  };
}
