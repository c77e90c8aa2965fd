import { resolve } from "node:path";
import { Repository, readDiff, readPatch } from "@bough/gitstate";
import type { DiffCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { formatDiff } from "../history/format-diff.ts";
import { pageOf } from "../history/page.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";

/** `bough diff`: what changed. A person reads it on a terminal; where it is piped to, it is a patch to apply. */
export async function diff({ revisions, layout, cwd }: DiffCommand, { stdout }: Streams): Promise<ExitCode> {
  const repository = await Repository.open(resolve(cwd));
  if (layout === undefined && !stdout.isTTY) {
    stdout.write(await readPatch(repository, revisions));
    return exitCode.done;
  }
  const found = await readDiff(repository, revisions);
  stdout.write(layout === "json" ? jsonDocument(found) : formatDiff(found, pageOf(stdout), layout));
  return exitCode.done;
}
