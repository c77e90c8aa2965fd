// npm run pictures: drives the program in a terminal, and writes the pictures of the README from what is seen.
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { hasTmux, Pane } from "../../tests/pane.ts";
import { story } from "../../tests/story.ts";
import { setup } from "../fresh-build.ts";
import { type Scene, scenes } from "./scenes.ts";
import { svg } from "./svg.ts";
import { paper, terminalCells } from "./terminal-cells.ts";

const folder = join(import.meta.dirname, "../../docs/pictures");

/** Milliseconds for which nothing changes before a picture is taken. */
const STILL = 500;

/** Milliseconds that a scene may take. */
const LONGEST = 30_000;

if (!hasTmux) {
  process.stderr.write("The pictures are taken of a terminal in tmux, which is not installed here.\n");
  process.exit(1);
}
setup();
mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
for (const scene of scenes.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  writeFileSync(join(folder, `${scene.name}.svg`), await picture(scene));
  process.stdout.write(`docs/pictures/${scene.name}.svg\n`);
}

async function picture({ name, title, rows, columns, files, script, play }: Scene): Promise<string> {
  await using bough = await story({ files, script });
  await using pane = await Pane.open(bough, { rows, columns, env: { COLORTERM: "truecolor" } });
  const tooLong = setTimeout(async () => {
    process.stderr.write(`The scene ${JSON.stringify(name)} does not go on from here:\n${await pane.shown()}`);
    process.exit(1);
  }, LONGEST);
  await play(pane);
  clearTimeout(tooLong);
  const captured = withSteadyCommits(await still(pane), name);
  return svg(await terminalCells(captured, { rows, columns }), { title, paper });
}

/** What is seen once nothing changes any more, as when colours came in for code. */
async function still(pane: Pane): Promise<string> {
  for (let last = ""; ; ) {
    const seen = await pane.colored();
    if (seen === last) return seen;
    last = seen;
    await wait(STILL);
  }
}

/** Commits are others each time, since their session has an id of its own: here the picture is to stay the same. */
function withSteadyCommits(captured: string, seed: string): string {
  const known = new Map<string, string>();
  return captured.replace(/(?<![\w;])(?=[0-9a-f]*[a-f])[0-9a-f]{7,9}(?!\w)/g, (commit) => {
    const start = commit.slice(0, 7);
    const steady = known.get(start) ?? createHash("sha1").update(`${seed} ${known.size}`).digest("hex");
    known.set(start, steady);
    return steady.slice(0, commit.length);
  });
}
