import { resolve } from "node:path";
import { findLandable, type MergeResult, previewMerge, Repository } from "@bough/gitstate";
import type { MergeCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode, UsageError } from "../exit-code.ts";
import { jsonDocument } from "../json-document.ts";
import { listed } from "../listed.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { withSession } from "./with-session.ts";

/** `bough merge`: a session's changes, or newer commits of the user's branch, into a session. */
export async function merge(command: MergeCommand, streams: Streams): Promise<ExitCode> {
  const repository = await Repository.open(resolve(command.cwd));
  const into = await findLandable(repository, command.into);
  const { stdout, stderr } = streams;
  const { branch, preview } = command;
  if ([into.branch, into.id].some((name) => name === branch || name === `bough/${branch}`)) {
    throw new UsageError(`${into.branch} cannot go into itself. Say which session it goes into: --into <branch>`);
  }
  const result = preview
    ? await previewMerge(repository, { other: branch, into })
    : await withSession({ repository, branch: into.branch }, streams, (session) => session.merge(branch));
  if (command.json) stdout.write(jsonDocument({ branch: into.branch, ...result }));
  else {
    const output = result.type === "conflict" ? stderr : stdout;
    output.write(`${escapeForTerminal(describe(result, branch, into.branch))}\n`);
  }
  return result.type === "conflict" ? exitCode.failed : exitCode.done;
}

function describe(result: MergeResult, branch: string, into: string): string {
  switch (result.type) {
    case "merged":
      return withPaths(`Merged ${branch} into ${into} as ${result.commit.slice(0, 9)}`, result.paths);
    case "would-merge":
      return withPaths(`${branch} would go into ${into}`, result.paths);
    case "up-to-date":
      return `Nothing to merge: all of ${branch} is in ${into} already.`;
    case "conflict":
      return [
        `bough: ${branch} does not go into ${into}, nothing was merged:`,
        ...listed(result.conflicts.map(({ path, kind }) => `${path}: ${kinds[kind]}`)),
        `Make one side give way and merge again, as with: bough -p "<what to change>" --resume ${into}`,
      ].join("\n");
    default:
      return result satisfies never;
  }
}

/** Both sides may have done the same, or one nothing but talk. */
function withPaths(what: string, paths: readonly string[]): string {
  return paths.length === 0 ? `${what}; no file changes by it.` : [`${what}:`, ...listed(paths)].join("\n");
}

type Kind = Extract<MergeResult, { type: "conflict" }>["conflicts"][number]["kind"];

const kinds = {
  "both-changed": "both changed the same place",
  "both-added": "both added it, each otherwise",
  "deleted-by-us": "changed there, deleted here",
  "deleted-by-them": "changed here, deleted there",
  "both-renamed": "renamed differently on both sides",
  "file-and-folder": "a file on one side, a folder on the other",
} as const satisfies Record<Kind, string>;
