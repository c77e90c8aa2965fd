import { resolve } from "node:path";
import { listSessions, Repository } from "@bough/gitstate";
import type { SessionsCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { formatSessions } from "../history/format-sessions.ts";
import { pageOf } from "../history/page.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";

/** `bough sessions`: every session of the repository. */
export async function sessions({ all, json, cwd }: SessionsCommand, { stdout }: Streams): Promise<ExitCode> {
  const found = await listSessions(await Repository.open(resolve(cwd)), { all });
  stdout.write(json ? jsonDocument(found) : formatSessions(found, pageOf(stdout)));
  return exitCode.done;
}
