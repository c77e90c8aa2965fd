import * as z from "zod";

/** The path every file tool takes. */
export const filePath = z.string().min(1).describe("Path of the file, relative to the worktree.");

/** An optional whole number, also taken as a string of digits: some models quote their numbers. */
export function wholeNumber(minimum: number, maximum: number, description: string) {
  const number = z.int().min(minimum).max(maximum).optional();
  return z
    .preprocess((given) => (isDigits(given) ? Number(given) : withoutNull(given)), number)
    .optional()
    .describe(description);
}

/** An optional yes or no, also taken as the string. */
export function flag(description: string) {
  const parse = (given: unknown) => (given === "true" ? true : given === "false" ? false : withoutNull(given));
  return z.preprocess(parse, z.boolean().optional()).optional().describe(description);
}

/** An optional field that some models send as null instead of leaving it out. */
export function optional<Schema extends z.ZodType>(schema: Schema, description: string) {
  return z.preprocess(withoutNull, schema.optional()).optional().describe(description);
}

function withoutNull(given: unknown): unknown {
  return given === null ? undefined : given;
}

function isDigits(given: unknown): boolean {
  return typeof given === "string" && /^\s*\d+\s*$/.test(given);
}
