import { modelLimits } from "@bough/models";

/** How what a model is sent is kept within what it can read. */
export interface ContextSettings {
  /** Tokens the model reads at most, answer included; without it what is known of the model. */
  readonly window?: number;
  /** The share of the window above which old results of tools are shortened; half unless given. */
  readonly shortenAt?: number;
  /** The share of the window above which the oldest part is summarized; four fifths unless given. */
  readonly summarizeAt?: number;
}

/** For a model of which nothing is known: what most of today's read. */
const USUAL_WINDOW = 128_000;

/** Shares of the window, in tokens. */
export interface Room {
  readonly window: number;
  readonly shortenAt: number;
  readonly summarizeAt: number;
}

/** Says in tokens where shortening and summarizing begin; throws a `RangeError` on settings that are none. */
export function roomFor(settings: ContextSettings = {}, known: number = USUAL_WINDOW): Room {
  const { window = known, ...shares } = settings;
  const { shortenAt = 0.5, summarizeAt = 0.8 } = shares;
  if (!Number.isInteger(window) || window < 1_000) {
    throw new RangeError(`context.window is ${window}; it takes a whole number of tokens from 1,000 on.`);
  }
  for (const [name, share] of Object.entries({ shortenAt, summarizeAt })) {
    if (!(share > 0 && share <= 1))
      throw new RangeError(`context.${name} is ${share}; it takes a share of the window, above 0 and up to 1.`);
  }
  // Whoever has summaries made early need not set both.
  return { window, shortenAt: Math.min(shortenAt, summarizeAt) * window, summarizeAt: summarizeAt * window };
}

/** Says where they begin for a model by its name. A window that is set goes before what is known of the model. */
export async function roomOf(settings: ContextSettings | undefined, model: string): Promise<Room> {
  return roomFor(settings, (await modelLimits(model))?.context);
}
