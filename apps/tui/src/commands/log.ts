import { resolve } from "node:path";
import { Repository, readLog } from "@bough/gitstate";
import type { LogCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { formatLog } from "../history/format-log.ts";
import { pageOf } from "../history/page.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";

/** `bough log`: turns and steps as a graph. */
export async function log({ revision, all, maxCount, json, cwd }: LogCommand, { stdout }: Streams): Promise<ExitCode> {
  const logs = await readLog(await Repository.open(resolve(cwd)), { revision, all, limit: maxCount });
  stdout.write(json ? jsonDocument(logs) : formatLog(logs, pageOf(stdout)));
  return exitCode.done;
}
