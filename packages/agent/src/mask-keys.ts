import { keyVariables } from "@bough/models";

/** Shorter values are words that may stand anywhere. */
const SHORTEST_KEY = 12;

/**
 * Takes the providers' keys of this process out of a text before a model sees it and git keeps it; what stands there
 * instead names the variable.
 */
export function maskKeys(text: string, env: NodeJS.ProcessEnv = process.env): string {
  let masked = text;
  for (const variable of keyVariables()) {
    const key = env[variable]?.trim() ?? "";
    if (key.length >= SHORTEST_KEY) masked = masked.replaceAll(key, `[${variable}, masked]`);
  }
  return masked;
}
