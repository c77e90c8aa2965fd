import { type Document, LineCounter, parseDocument } from "yaml";
import * as z from "zod";
import type { FrontMatter } from "./front-matter.ts";
import { FrontMatterError } from "./front-matter-error.ts";

/** Reads the YAML between the marks of front matter. */
export function parseFields(source: string): Pick<FrontMatter, "fields" | "lineOf"> {
  const strict = parse(source);
  // Other agents take `description: Use it when: …` for what is meant.
  const lenient = strict.document.errors.length === 0 ? strict : parse(withQuotes(source));
  const { document, lineCounter } = lenient.document.errors.length === 0 ? lenient : strict;
  const [error] = document.errors;
  if (error !== undefined) {
    throw new FrontMatterError(`it is no YAML: ${error.message}`, { line: lineAt(lineCounter, error.pos[0]) });
  }
  const lineOf = (field: string) => {
    const offset = offsetOf(document, field);
    return offset === undefined ? 1 : lineAt(lineCounter, offset);
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
    throw new FrontMatterError("the front matter has to be fields, without aliases", { line: 1, cause: error });
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

/** The first line is that of the opening mark. */
function lineAt(lineCounter: LineCounter, offset: number): number {
  return lineCounter.linePos(offset).line + 1;
}
