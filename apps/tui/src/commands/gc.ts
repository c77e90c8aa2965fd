import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { collectGarbage, findGarbage, type Garbage, RETENTION, Repository } from "@bough/gitstate";
import type { GcCommand } from "../command-line/parse.ts";
import { duration } from "../command-line/value.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { formatGarbage, formatKept } from "../history/format-garbage.ts";
import { jsonDocument } from "../json-document.ts";
import { settingsFor } from "../settings.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";

/** What became of something that was due. */
interface Outcome {
  readonly garbage: Garbage;
  readonly outcome: "removed" | "kept" | "would-remove" | "would-ask" | "unasked";
  /** Why it was kept. */
  readonly because?: string;
}

/** `bough gc`: removes what is due, and asks before work goes with it. */
export async function gc(command: GcCommand, streams: Streams): Promise<ExitCode> {
  const repository = await Repository.open(resolve(command.cwd));
  const due = await findGarbage(repository, { olderThan: await retentionOf(command, streams) });
  const say = (text: string) => streams.stderr.write(escapeForTerminal(text));
  const outcomes = command.dryRun ? due.map(foretell) : await collect(repository, due, { command, streams, say });
  if (command.json) streams.stdout.write(jsonDocument({ dryRun: command.dryRun, due: outcomes.map(toJson) }));
  else report(outcomes, streams);
  const unasked = outcomes.filter(({ outcome }) => outcome === "unasked");
  if (unasked.length === 0) return exitCode.done;
  if (!command.json)
    say(formatGarbage("Kept, as work would go with it and there is nobody to ask:", unasked.map(garbageOf)));
  say("bough: To drop that for good, run the same command with --yes.\n");
  return exitCode.usage;
}

/** How long unique work is kept, in milliseconds: as the flag says, else the settings, else as is usual. */
async function retentionOf({ olderThan, cwd }: GcCommand, streams: Streams): Promise<number> {
  if (olderThan !== undefined) return olderThan;
  const { retention } = await settingsFor({ cwd, trust: false }, streams);
  const parsed = retention === undefined ? undefined : duration.parse(retention);
  return parsed?.ok === true ? parsed.value : RETENTION;
}

function foretell(garbage: Garbage): Outcome {
  return { garbage, outcome: garbage.dropsWork ? "would-ask" : "would-remove" };
}

interface Asking {
  readonly command: GcCommand;
  readonly streams: Streams;
  readonly say: (text: string) => void;
}

async function collect(repository: Repository, due: readonly Garbage[], asking: Asking): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const remove = async (garbage: Garbage) => {
    const { type, ...rest } = await collectGarbage(repository, garbage);
    outcomes.push({ garbage, outcome: type, ...rest });
  };
  for (const garbage of due) if (!garbage.dropsWork) await remove(garbage);
  const work = due.filter(({ dropsWork }) => dropsWork);
  if (work.length === 0) return outcomes;
  const consent = asking.command.yes ? "yes" : await ask(work, asking);
  for (const garbage of work) {
    if (consent === "yes") await remove(garbage);
    else outcomes.push(consent === "no" ? refusedByUser(garbage) : { garbage, outcome: "unasked" });
  }
  return outcomes;
}

function refusedByUser(garbage: Garbage): Outcome {
  return { garbage, outcome: "kept", because: "you said so" };
}

async function ask(work: readonly Garbage[], { streams, say }: Asking): Promise<"yes" | "no" | "nobody"> {
  if (streams.stdin.isTTY !== true) return "nobody";
  say(formatGarbage("Work would go with these, for good:", work));
  say("Drop them? [y/N] ");
  const lines = createInterface({ input: streams.stdin });
  try {
    for await (const line of lines) return /^y(?:es)?$/i.test(line.trim()) ? "yes" : "no";
    return "no";
  } finally {
    lines.close();
  }
}

function report(outcomes: readonly Outcome[], { stdout, stderr }: Streams): void {
  if (outcomes.length === 0) stdout.write("Nothing is due.\n");
  const section = (title: string, which: Outcome["outcome"]) => {
    const of = outcomes.filter(({ outcome }) => outcome === which).map(garbageOf);
    if (of.length > 0) stdout.write(escapeForTerminal(formatGarbage(title, of)));
  };
  section("Removed:", "removed");
  section("Would remove:", "would-remove");
  section("Would ask first, as work would go with it:", "would-ask");
  for (const { garbage, outcome, because } of outcomes) {
    if (outcome === "kept" && because !== undefined) stderr.write(escapeForTerminal(formatKept(garbage, because)));
  }
}

function garbageOf({ garbage }: Outcome): Garbage {
  return garbage;
}

function toJson({ garbage, outcome, because }: Outcome) {
  return { ...garbage, outcome, because };
}
