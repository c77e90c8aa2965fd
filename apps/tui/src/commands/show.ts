import { resolve } from "node:path";
import { Repository, readStep } from "@bough/gitstate";
import type { ShowCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { formatStep } from "../history/format-step.ts";
import { pageOf } from "../history/page.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";

/** `bough show`: what was said, what was run, and the diff. */
export async function show({ revision, json, cwd }: ShowCommand, { stdout }: Streams): Promise<ExitCode> {
  const step = await readStep(await Repository.open(resolve(cwd)), revision);
  stdout.write(json ? jsonDocument(step) : formatStep(step, pageOf(stdout)));
  return exitCode.done;
}
