import { resolve } from "node:path";
import { listRemoteSessions, Repository, readLog } from "@bough/gitstate";
import type { LogCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { formatLog } from "../history/format-log.ts";
import { pageOf } from "../history/page.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";

/** `bough log`: turns and steps as a graph. */
export async function log({ revision, all, maxCount, json, cwd }: LogCommand, { stdout }: Streams): Promise<ExitCode> {
  const repository = await Repository.open(resolve(cwd));
  const logs = await readLog(repository, { revision, all, limit: maxCount });
  const elsewhere = logs.length > 0 || json ? [] : await listRemoteSessions(repository);
  stdout.write(json ? jsonDocument(logs) : formatLog(logs, pageOf(stdout), elsewhere));
  return exitCode.done;
}
