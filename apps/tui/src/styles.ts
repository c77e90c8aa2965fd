import { inspect, styleText } from "node:util";
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

const formats = {
  accent: "cyan",
  dim: "dim",
  bold: "bold",
  alarm: "red",
  added: "green",
  removed: "red",
} as const satisfies Record<keyof Styles, keyof typeof inspect.colors>;

/** The sequences that turn the styles on and off, each captured. */
export const styleSequences: RegExp = new RegExp(
  `(\x1b\\[(?:${[...new Set(Object.values(formats).flatMap((format) => inspect.colors[format] ?? []))].join("|")})m)`,
);

/** Chooses the styles for an output. */
export function styles(output: Output, env: NodeJS.ProcessEnv = process.env): Styles {
  const plain = !output.isTTY || Boolean(env["NO_COLOR"]) || env["TERM"] === "dumb";
  const style = (name: keyof Styles) => (text: string) =>
    plain ? text : styleText(formats[name], text, { validateStream: false });
  return {
    accent: style("accent"),
    dim: style("dim"),
    bold: style("bold"),
    alarm: style("alarm"),
    added: style("added"),
    removed: style("removed"),
  };
}
