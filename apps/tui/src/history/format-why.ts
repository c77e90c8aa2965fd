import type { Lines, Origin, Why } from "@bough/gitstate";
import { oneLine } from "../one-line.ts";
import { age, counted, spent } from "./amounts.ts";
import type { Page } from "./page.ts";

/** Writes where lines come from: for each step or commit what it was asked for, then the lines that are its own. */
export function formatWhy({ path, origins }: Why, page: Page): string {
  const { look, width } = page;
  if (origins.length === 0) return `${oneLine(path, width - 10)} is empty.\n`;
  const sections = origins.map((origin) => [...formatOrigin(origin, page), ...formatLines(origin.lines, page)]);
  return [look.bold(oneLine(path, width)), ...sections.map((lines) => lines.join("\n"))].join("\n\n").concat("\n");
}

const ID_LENGTH = 9;

function formatOrigin(origin: Origin, page: Page): string[] {
  const { look, width, now } = page;
  if (origin.type === "uncommitted") return [`${look.accent("◌")} ${look.bold("not committed yet")}`];
  const when = age(origin.date, now);
  const heading = (sign: string, text: string) => {
    const room = width - when.length - 4;
    return `${look.accent(sign)} ${look.bold(oneLine(text, room).padEnd(room))}  ${look.dim(when)}`;
  };
  const landed = origin.landed === undefined ? "" : `, landed as ${origin.landed.slice(0, ID_LENGTH)}`;
  const id = look.accent(origin.commit.slice(0, ID_LENGTH));
  const commit = `  ${id}  ${oneLine(origin.subject, width - ID_LENGTH - 4 - landed.length)}${look.dim(landed)}`;
  switch (origin.type) {
    case "step": {
      const where = origin.branch ?? `session ${origin.session}`;
      const total = oneLine(spent(origin), width - 2);
      return [
        heading("●", `step ${origin.step}, turn ${origin.turn} of ${where}`),
        `  > ${oneLine(origin.prompt ?? "(its prompt is gone)", width - 4)}`,
        ...(total === "" ? [] : [`  ${look.dim(total)}`]),
        commit,
      ];
    }
    case "commit": {
      const session = origin.session === undefined ? "" : oneLine(origin.session, 60);
      return [
        heading("○", `by ${origin.author}`),
        commit,
        ...(session === "" ? [] : [look.dim(`  It landed session ${session}, no step of which here holds the lines.`)]),
      ];
    }
    default:
      return origin satisfies never;
  }
}

const PLACES_SHOWN = 8;

/** Of lines that stand together only the first is shown. */
function formatLines(all: readonly Lines[], { look, width }: Page): string[] {
  const shown = all.length > PLACES_SHOWN + 1 ? all.slice(0, PLACES_SHOWN) : all;
  const rest = all.slice(shown.length);
  const numbers = shown.map(({ first, last }) => (first === last ? `${first}` : `${first}–${last}`));
  const column = Math.max(...numbers.map(({ length }) => length));
  const count = rest.reduce((total, { first, last }) => total + last - first + 1, 0);
  return [
    ...shown.map(({ text }, i) => {
      const [line = ""] = text.split("\n", 1);
      return `    ${look.dim((numbers[i] ?? "").padStart(column))}  ${oneLine(line, width - column - 6)}`.trimEnd();
    }),
    ...(rest.length === 0 ? [] : [look.dim(`    and ${counted(count, "more line")}, all of them with --json`)]),
  ];
}
