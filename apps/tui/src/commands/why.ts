import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { why as findOrigins, Repository } from "@bough/gitstate";
import type { WhyCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { formatWhy } from "../history/format-why.ts";
import { pageOf } from "../history/page.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";

/** `bough why`: which prompt and step wrote a line, or each line of a file. */
export async function why({ place, json, cwd }: WhyCommand, { stdout }: Streams): Promise<ExitCode> {
  const folder = resolve(cwd);
  const { file, line } = parsePlace(place, folder);
  const found = await findOrigins(await Repository.open(folder), file, line);
  stdout.write(json ? jsonDocument(found) : formatWhy(found, pageOf(stdout)));
  return exitCode.done;
}

/** A file may be named like a line of another one. */
function parsePlace(place: string, folder: string): { file: string; line: number | undefined } {
  const [, file, line] = /^(.+):(\d+)$/s.exec(place) ?? [];
  return file === undefined || existsSync(resolve(folder, place))
    ? { file: place, line: undefined }
    : { file, line: Number(line) };
}
