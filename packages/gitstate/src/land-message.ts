import { fold, type Step } from "./fold.ts";
import { firstParents } from "./history.ts";
import { type Landable, TIP_TRAILER } from "./landing-base.ts";
import { formatSubject } from "./message.ts";
import type { Reading } from "./reading.ts";

/** How many prompts the body lists. */
const PROMPTS = 10;

/** Writes the message of a landed commit: the given text, or what was asked for since that commit; then where it came from. */
export async function landMessage(
  reading: Reading,
  session: Landable,
  { since, text }: { readonly since: string; readonly text: string | undefined },
): Promise<string> {
  const about = text?.trim() || describePrompts(await promptsSince(reading, session, since), session.branch);
  return `${about}\n\nAgent-Session: ${session.id}\n${TIP_TRAILER}: ${session.tip}\n`;
}

/** The first lines of the prompts, without those that were taken back. */
async function promptsSince(reading: Reading, { id, tip }: Landable, since: string): Promise<string[]> {
  const [before, now] = await Promise.all([
    fold(firstParents(reading, since), id),
    fold(firstParents(reading, tip), id),
  ]);
  const steps = now.entries.filter((entry): entry is Step => entry.type === "step" && entry.step > before.lastStep);
  return steps.flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === "user" ? firstLine(block.text) : [])));
}

function firstLine(text: string): string[] {
  const line = text
    .split("\n")
    .map((candidate) => candidate.trim())
    .find((candidate) => candidate !== "");
  return line === undefined ? [] : [line];
}

function describePrompts(prompts: readonly string[], branch: string): string {
  const [first = `Land ${branch}`, ...more] = prompts;
  const subject = formatSubject(first.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase()).replace(/(?<!\.)\.$/, ""));
  if (more.length === 0) return subject;
  const listed = more.slice(0, PROMPTS).map((prompt) => `- ${formatSubject(prompt)}`);
  const rest = more.length > PROMPTS ? [`- and ${more.length - PROMPTS} more`] : [];
  return [subject, "", "Then:", ...listed, ...rest].join("\n");
}
