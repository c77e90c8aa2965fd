import type { Environment } from "@bough/models";
import type { Output } from "../streams.ts";
import { type Check, ready, warning } from "./check.ts";

const NARROW = 60;

/** Whether text looks on the terminal as it is meant to. */
export function checkTerminal({ isTTY, columns }: Output, env: Environment): Check {
  if (!isTTY) return ready("terminal", "none here, so text is plain");
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  if (env["TERM"] === undefined || env["TERM"] === "dumb") {
    return warning("terminal", "TERM names no terminal that can show colours. Set it: export TERM=xterm-256color");
  }
  if (!/utf-?8/i.test(locale)) {
    return warning("terminal", "The locale is not UTF-8, so signs may look garbled. Set it: export LANG=C.UTF-8");
  }
  if (columns !== undefined && columns < NARROW) {
    return warning("terminal", `It is ${columns} characters wide, and lines are laid out for ${NARROW}. Make it wider`);
  }
  return ready("terminal", `${env["TERM"]}, ${columns ?? 80} characters wide${env["NO_COLOR"] ? ", NO_COLOR" : ""}`);
}
