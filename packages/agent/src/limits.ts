/** How much a run may take; it ends in order when it reaches one of them. */
export interface Limits {
  /** Replies of the model; what the last of them calls for is still run. */
  readonly replies?: number;
  /** Tokens sent and received, those that a cache holds too. */
  readonly tokens?: number;
  /** US dollars. */
  readonly cost?: number;
  /** Seconds from the prompt on; what is still running then is stopped. */
  readonly seconds?: number;
}

/** What a timer can wait for: some 24 days. */
const MOST_SECONDS = 2_147_483;

/** Checks limits that a program set; throws a `RangeError` when one is none. */
export function checkLimits(limits: Limits = {}): Limits {
  const { replies, tokens, cost, seconds } = limits;
  demandWhole("replies", replies);
  demandWhole("tokens", tokens);
  if (cost !== undefined && !(cost > 0 && Number.isFinite(cost))) {
    throw new RangeError(`limits.cost is ${cost}; it takes a number of US dollars above 0.`);
  }
  if (seconds !== undefined && !(seconds > 0 && seconds <= MOST_SECONDS)) {
    throw new RangeError(`limits.seconds is ${seconds}; it takes a number above 0 and up to ${MOST_SECONDS}.`);
  }
  return limits;
}

function demandWhole(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isInteger(value) && value > 0)) {
    throw new RangeError(`limits.${name} is ${value}; it takes a whole number from 1 on.`);
  }
}
