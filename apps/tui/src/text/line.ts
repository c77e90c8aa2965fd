/** What a piece of text is, which the theme gives a colour. */
export type Role =
  | "text"
  | "muted"
  | "accent"
  | "heading"
  | "code"
  | "link"
  | "added"
  | "removed"
  | "added-part"
  | "removed-part"
  | "warning"
  | "alarm"
  | "keyword"
  | "string"
  | "number"
  | "comment"
  | "name"
  | "selected";

/** How a piece of text looks. */
export interface Style {
  readonly role?: Role;
  /** What it stands on. */
  readonly behind?: Role;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
}

/** A piece of a line that looks the same throughout; it holds no line break and no tab. */
export interface Span {
  readonly text: string;
  readonly style?: Style;
}

/** One row of text. */
export type Line = readonly Span[];

/** The text of a line, however it looks. */
export function textOf(line: Line): string {
  return line.map(({ text }) => text).join("");
}
