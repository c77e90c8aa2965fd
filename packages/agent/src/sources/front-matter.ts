import type { Document, LineCounter } from "yaml";
import * as z from "zod";

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

/** What is wrong with the front matter of a file, as the end of a sentence, and in which line. */
export class FrontMatterError extends Error {
  override readonly name = "FrontMatterError";
  readonly line: number;

  constructor(message: string, { line, ...options }: ErrorOptions & { readonly line: number }) {
    super(message, options);
    this.line = line;
  }
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
  return { ...(await parseYaml(yaml)), body: text.slice(all.length) };
}

/** Reads the fields by a schema, whose messages say what each has to be. */
export function fieldsOf<Schema extends z.ZodType>({ fields, lineOf }: FrontMatter, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = String(issue?.path[0] ?? "");
  throw new FrontMatterError(`${field} has to be ${issue?.message}`, { line: lineOf(field) });
}

/** It is loaded when there is something to read. */
async function parseYaml(source: string): Promise<Pick<FrontMatter, "fields" | "lineOf">> {
  const yaml = await import("yaml");
  const parse = (text: string) => {
    const lineCounter = new yaml.LineCounter();
    return { document: yaml.parseDocument(text, { lineCounter, schema: "core", prettyErrors: false }), lineCounter };
  };
  const strict = parse(source);
  // Other agents take `description: Use it when: …` for what is meant.
  const lenient = strict.document.errors.length === 0 ? strict : parse(withQuotes(source));
  const { document, lineCounter } = lenient.document.errors.length === 0 ? lenient : strict;
  const [error] = document.errors;
  if (error !== undefined)
    throw new FrontMatterError(`it is no YAML: ${error.message}`, { line: lineAt(lineCounter, error.pos[0]) });
  return { fields: valuesOf(document), lineOf: (field) => lineAt(lineCounter, offsetOf(document, field)) };
}

function valuesOf(document: Document.Parsed): Record<string, unknown> {
  try {
    // No alias is followed: a few of them can stand for gigabytes.
    const values: unknown = document.toJS({ maxAliasCount: 0 });
    return z.record(z.string(), z.unknown()).parse(values ?? {});
  } catch (error) {
    throw new FrontMatterError("the front matter has to be fields, without aliases", { line: 1, cause: error });
  }
}

function withQuotes(source: string): string {
  return source.replace(
    /^([A-Za-z][\w-]*):[ \t]+(?!["'|>])([^\r\n]*[^\s])[ \t]*$/gm,
    (_, key, value) => `${key}: ${JSON.stringify(value)}`,
  );
}

function offsetOf({ contents }: Document.Parsed, field: string): number {
  const pairs = contents !== null && "items" in contents ? contents.items : [];
  for (const pair of pairs) {
    const key = "key" in pair ? pair.key : undefined;
    if (key !== null && key !== undefined && "value" in key && key.value === field) return key.range[0];
  }
  return 0;
}

/** The first line is that of the opening mark. */
function lineAt(lineCounter: LineCounter, offset: number): number {
  return lineCounter.linePos(offset).line + 1;
}
