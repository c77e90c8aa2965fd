/** Writes paths one after the other in a sentence; how many there are beyond a count is only said. */
export function somePaths(paths: readonly string[], count: number): string {
  const rest = paths.length > count ? ` and ${paths.length - count} more` : "";
  return `${paths.slice(0, count).join(", ")}${rest}`;
}
