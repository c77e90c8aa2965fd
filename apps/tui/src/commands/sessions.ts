import { resolve } from "node:path";
import { listRemoteSessions, listSessions, Repository } from "@bough/gitstate";
import type { SessionsCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { formatSessions } from "../history/format-sessions.ts";
import { pageOf } from "../history/page.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";

/** `bough sessions`: every session of the repository. */
export async function sessions({ all, json, cwd }: SessionsCommand, { stdout }: Streams): Promise<ExitCode> {
  const repository = await Repository.open(resolve(cwd));
  const found = await listSessions(repository, { all });
  const elsewhere = found.length > 0 || json ? [] : await listRemoteSessions(repository);
  stdout.write(json ? jsonDocument(found) : formatSessions(found, pageOf(stdout), elsewhere));
  return exitCode.done;
}
