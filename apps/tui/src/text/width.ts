import { eastAsianWidth } from "get-east-asian-width";

/** What a person takes for one character, and how many columns of a terminal it fills. */
export interface Grapheme {
  readonly text: string;
  readonly width: 0 | 1 | 2;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const fillsNothing = /^[\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Mark}\p{Surrogate}]+$/u;
const emoji = /^\p{RGI_Emoji}$/v;
const ascii = /^[ -~]*$/;

/** Takes a text apart into what a person takes for characters. */
export function graphemes(text: string): Grapheme[] {
  if (ascii.test(text)) return Array.from(text, (character) => ({ text: character, width: 1 }));
  return Array.from(segmenter.segment(text), ({ segment }) => ({ text: segment, width: graphemeWidth(segment) }));
}

/** Counts the columns that a text fills. */
export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** A cluster is as wide as its first visible character, but for those that together are a picture. */
function graphemeWidth(grapheme: string): Grapheme["width"] {
  const code = grapheme.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f && grapheme.length === 1) return 1;
  if (fillsNothing.test(grapheme)) return 0;
  // Of what is one code point the width is known without asking for pictures, which takes 20 ms the first time.
  if (grapheme.length === (code > 0xffff ? 2 : 1)) return eastAsianWidth(code);
  return emoji.test(grapheme) ? 2 : eastAsianWidth(code);
}
