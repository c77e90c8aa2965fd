/** How many paths a person is shown; the rest are counted. */
const SHOWN = 20;

/** Writes paths on a line each. */
export function listed(paths: readonly string[]): string[] {
  const shown = paths.slice(0, SHOWN).map((path) => `  ${path}`);
  return paths.length > SHOWN ? [...shown, `  and ${paths.length - SHOWN} more`] : shown;
}
