/** How much one turn may take; it ends in order when it reaches one of them. */
export interface Limits {
  /** Replies of the model; what the last of them calls for is still run. */
  readonly replies?: number;
  /** Seconds from the prompt on; what is still running then is stopped. */
  readonly seconds?: number;
}

/** What a timer can wait for: some 24 days. */
const MOST_SECONDS = 2_147_483;

/** Checks limits that a program set; throws a `RangeError` when one is none. */
export function checkLimits(limits: Limits = {}): Limits {
  const { replies, seconds } = limits;
  if (replies !== undefined && !(Number.isInteger(replies) && replies > 0)) {
    throw new RangeError(`limits.replies is ${replies}; it takes a whole number from 1 on.`);
  }
  if (seconds !== undefined && !(seconds > 0 && seconds <= MOST_SECONDS)) {
    throw new RangeError(`limits.seconds is ${seconds}; it takes a number above 0 and up to ${MOST_SECONDS}.`);
  }
  return limits;
}
