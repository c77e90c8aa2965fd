import { styleText } from "node:util";
import type { Output } from "./streams.ts";

/** How things look on an output: plain where it is no terminal or colour is not wanted. */
export interface Styles {
  accent(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
  alarm(text: string): string;
  /** Lines of a diff. */
  added(text: string): string;
  removed(text: string): string;
}

/** Chooses the styles for an output. */
export function styles(output: Output, env: NodeJS.ProcessEnv = process.env): Styles {
  const plain = !output.isTTY || Boolean(env["NO_COLOR"]) || env["TERM"] === "dumb";
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    plain ? text : styleText(format, text, { validateStream: false });
  return {
    accent: style("cyan"),
    dim: style("dim"),
    bold: style("bold"),
    alarm: style("red"),
    added: style("green"),
    removed: style("red"),
  };
}
