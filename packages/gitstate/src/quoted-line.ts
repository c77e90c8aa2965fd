/** Ends in white space (git's clean-up strips it) or begins with the mark of a quoted line. */
const EDGES = /^\\|[\t ]$/;

/**
 * What a terminal would obey or hide and what git would re-encode: control characters but for the tab, bidi controls and
 * other invisible characters (but for the selectors that tell emoji from text), line and paragraph separators, lone
 * surrogates, and the noncharacters (git takes text that holds one of those for Latin-1).
 */
const UNSAFE =
  /[[\p{Cc}--\t]\p{Cf}[\p{Default_Ignorable_Code_Point}--[\uFE00-\uFE0F]]\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/gv;

/** Whether the text holds a character that must not stand bare in a commit message or on a terminal. */
export function isUnsafe(text: string): boolean {
  return text.search(UNSAFE) !== -1;
}

/** Replaces each character that must not stand bare by its JSON escape. */
function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

/** Prints a value as JSON on one line, free of characters that git or a terminal would alter or obey. */
export function safeJson(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value));
}

/** Writes a line so that git's clean-up cannot alter it: as it is, or as a backslash and a JSON string. */
export function quoteLine(line: string): string {
  if (!EDGES.test(line) && !isUnsafe(line)) return line;
  return `\\${safeJson(line)}`;
}

/** Reads what {@link quoteLine} wrote; a line it did not write is taken as it stands. */
export function unquoteLine(line: string): string {
  if (line === "\\") return "";
  if (!line.startsWith('\\"')) return line;
  const text = parseJson(line.slice(1));
  return typeof text === "string" ? text : line;
}

/** Reads JSON that anybody may have written: undefined when it is none. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
