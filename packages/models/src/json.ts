/** Tells whether a parsed value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Returns the object with every lone surrogate replaced: JavaScript writes them as escapes that are JSON but no text,
 * and providers refuse a request that holds one.
 */
export function wellFormedRecord(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key.toWellFormed(), wellFormed(value)]));
}

function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  return isRecord(value) ? wellFormedRecord(value) : value;
}
