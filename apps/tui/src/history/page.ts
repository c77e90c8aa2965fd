import type { Output } from "../streams.ts";
import { type Styles, styles } from "../styles.ts";

/** What a text is laid out for. */
export interface Page {
  /** How many characters fit on a line. */
  readonly width: number;
  readonly look: Styles;
  /** Ages are told as of this moment. */
  readonly now: Date;
}

/** Measures an output; one that is no terminal is taken for 80 characters wide. */
export function pageOf(output: Output): Page {
  const columns = output.isTTY ? (output.columns ?? 80) : 80;
  return { width: Math.min(120, Math.max(40, columns)), look: styles(output), now: new Date() };
}
