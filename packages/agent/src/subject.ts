import type { AssistantBlock, CallBlock } from "@bough/models";
import { plainSentences } from "./plain-sentences.ts";
import { withoutSmallTalk } from "./small-talk.ts";

/** What git and its viewers show of a subject. */
const LENGTH = 72;

/**
 * Says in a line what a step did: in the model's own words where they tell something, else by what it called for.
 * Undefined when there is nothing to go by.
 */
export function subjectOf(content: readonly AssistantBlock[]): string | undefined {
  const text = content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n\n");
  const calls = content.filter((block) => block.type === "call");
  const subject = tellingSentence(text) ?? describeCalls(calls) ?? anyLine(text);
  return subject === undefined ? undefined : shorten(subject);
}

function tellingSentence(text: string): string | undefined {
  for (const sentence of plainSentences(text)) {
    const telling = withoutSmallTalk(sentence);
    if (telling !== "") return telling;
  }
  return undefined;
}

/** "Done", a line of code, a thumb up: better than nothing. */
function anyLine(text: string): string | undefined {
  const [sentence] = plainSentences(text);
  const lines = text.split(/[\r\n]/).filter((line) => line.trim() !== "");
  return sentence ?? lines.find((line) => !/^\s*(?:```|~~~)/.test(line)) ?? lines[0];
}

/** `Read a.ts, b.ts, Bash npm test`. */
function describeCalls(calls: readonly CallBlock[]): string | undefined {
  const described = calls.map(({ name, input }, index) => {
    const about = describeInput(input);
    if (about === undefined) return name;
    return calls[index - 1]?.name === name ? about : `${name} ${about}`;
  });
  return described.length === 0 ? undefined : described.join(", ");
}

function describeInput(input: Record<string, unknown>): string | undefined {
  for (const key of ["file_path", "command", "pattern", "path", "task", "branch"]) {
    const value = input[key];
    if (typeof value === "string" && value.trim() !== "") return value.trim().split("\n", 1)[0];
  }
  return undefined;
}

/** Cuts where a clause ends, else between words. */
function shorten(sentence: string): string {
  const whole = sentence.trim().replace(/(?<!\.)[\s.:;,。]+$/, "");
  if (whole.length <= LENGTH) return whole;
  const start = whole.slice(0, LENGTH - 1);
  const clause = /^.{16,}(?=[:;]\s|\s[–—-]\s|\s\()/u.exec(start)?.[0] ?? /^.{32,}(?=,\s)/u.exec(start)?.[0];
  if (clause !== undefined) return clause;
  const words = /^.{16,}(?=\s)/u.exec(start)?.[0] ?? start;
  return `${words.replace(/[\s,;:–—-]+$/, "")}…`;
}
