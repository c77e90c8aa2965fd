/** Says how long something has been running, from a minute on; who waits again and again sees that time passes. */
export function runningTime(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  return minutes === 0 ? "" : `, for ${minutes} min`;
}
