/** The medians of two things timed in turns, in milliseconds, and how many times the baseline's time ours takes. */
export interface Comparison {
  readonly ours: number;
  readonly baseline: number;
  readonly ratio: number;
}

/** Either side of a comparison: what is timed, and what makes ready for it and clears up after it, which is not. */
export interface Side {
  before?(): unknown;
  run(): unknown;
  after?(): unknown;
}

/**
 * Times `ours` and `baseline` in turns, so that what slows the machine down for a while slows both. Who goes first
 * changes each round, and a first round that warms caches is not counted.
 */
export async function interleave(sides: { ours: Side; baseline: Side }, rounds: number): Promise<Comparison> {
  const ours: number[] = [];
  const baseline: number[] = [];
  await timeSide(sides.baseline);
  await timeSide(sides.ours);
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) baseline.push(await timeSide(sides.baseline));
    ours.push(await timeSide(sides.ours));
    if (round % 2 === 1) baseline.push(await timeSide(sides.baseline));
  }
  const medians = { ours: median(ours), baseline: median(baseline) };
  return { ...medians, ratio: medians.ours / medians.baseline };
}

async function timeSide(side: Side): Promise<number> {
  await side.before?.();
  const milliseconds = await time(() => side.run());
  await side.after?.();
  return milliseconds;
}

/** Resolves to how many milliseconds one run takes. */
export async function time(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
