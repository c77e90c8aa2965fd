import type * as z from "zod";
import { FrontMatterError } from "./front-matter-error.ts";

const MOST_CHARACTERS = 16 * 1024;
const FRONT_MATTER = /^---[ \t]*\r?\n([\s\S]*?)(?<=\n)---[ \t]*(?:\r?\n|$)/;

/** A text with what stands in front of it, as fields. */
export interface FrontMatter {
  readonly fields: Readonly<Record<string, unknown>>;
  /** The text behind it. */
  readonly body: string;
  /** The line of the file that a field stands in; the first one of a field that is not there. */
  lineOf(field: string): number;
}

/** Takes a text apart; without front matter it has no fields. Throws a `FrontMatterError`. */
export async function readFrontMatter(text: string): Promise<FrontMatter> {
  const found = FRONT_MATTER.exec(text.slice(0, MOST_CHARACTERS));
  if (found === null) {
    if (!/^---[ \t]*\r?\n/.test(text)) return { fields: {}, body: text, lineOf: () => 1 };
    throw new FrontMatterError(`the front matter does not end with --- within ${MOST_CHARACTERS} characters`, {
      line: 1,
    });
  }
  const [all, yaml = ""] = found;
  // The reader of YAML is loaded when there is something to read.
  const { parseFields } = await import("./parse-fields.ts");
  return { ...parseFields(yaml, { linesBefore: 1 }), body: text.slice(all.length) };
}

/** Reads the fields by a schema, whose messages say what each has to be. */
export function fieldsOf<Schema extends z.ZodType>(
  { fields, lineOf }: Pick<FrontMatter, "fields" | "lineOf">,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = String(issue?.path[0] ?? "");
  throw new FrontMatterError(`${field} has to be ${issue?.message}`, { line: lineOf(field) });
}
