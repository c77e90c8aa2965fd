import { type Document, LineCounter, parseDocument } from "yaml";
import * as z from "zod";
import type { FrontMatter } from "./front-matter.ts";
import { FrontMatterError } from "./front-matter-error.ts";

/** Reads fields that are written in YAML, as JSON is too, in a file that has so many lines before them. */
export function parseFields(
  source: string,
  { linesBefore }: { readonly linesBefore: number },
): Pick<FrontMatter, "fields" | "lineOf"> {
  const strict = parse(source);
  // Other agents take `description: Use it when: …` for what is meant.
  const lenient = strict.document.errors.length === 0 ? strict : parse(withQuotes(source));
  const { document, lineCounter } = lenient.document.errors.length === 0 ? lenient : strict;
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lineCounter.linePos(error.pos[0]);
    throw new FrontMatterError(`it is no YAML: ${error.message}`, { line: line + linesBefore });
  }
  const lineOf = (field: string) => {
    const offset = offsetOf(document, field);
    return offset === undefined ? 1 : lineCounter.linePos(offset).line + linesBefore;
  };
  return { fields: valuesOf(document), lineOf };
}

function parse(source: string) {
  const lineCounter = new LineCounter();
  return { document: parseDocument(source, { lineCounter, schema: "core", prettyErrors: false }), lineCounter };
}

function withQuotes(source: string): string {
  return source.replace(
    /^([A-Za-z][\w-]*):[ \t]+(?!["'|>])([^\r\n]*[^\s])[ \t]*$/gm,
    (_, key, value) => `${key}: ${JSON.stringify(value)}`,
  );
}

function valuesOf(document: Document.Parsed): Record<string, unknown> {
  try {
    // No alias is followed: a few of them can stand for gigabytes.
    const values: unknown = document.toJS({ maxAliasCount: 0 });
    return z.record(z.string(), z.unknown()).parse(values ?? {});
  } catch (error) {
    throw new FrontMatterError("it has to be fields, without aliases", { line: 1, cause: error });
  }
}

function offsetOf({ contents }: Document.Parsed, field: string): number | undefined {
  const pairs = contents !== null && "items" in contents ? contents.items : [];
  for (const pair of pairs) {
    const key = "key" in pair ? pair.key : undefined;
    if (key !== null && key !== undefined && "value" in key && key.value === field) return key.range[0];
  }
  return undefined;
}
