import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ScriptedReply, scriptedModel } from "@bough/models";
import { Agent } from "../agent.ts";
import type { ContextSettings } from "./context-settings.ts";

/** Something that is said once, early in a long session, and asked for at its end. */
interface Fact {
  readonly dock: string;
  readonly code: string;
  readonly sentence: string;
}

/** How many of twenty facts a model has at the end of a session: in what it is sent, and with what Recall gives. */
export interface Survival {
  readonly sent: number;
  readonly withRecall: number;
  readonly summaries: number;
}

/** How the twenty facts are told. */
export interface SurvivalOptions {
  /** A repository of one's own; files are put into it. */
  readonly cwd: string;
  readonly branch: string;
  readonly context: ContextSettings;
  /** What the scripted model writes into a summary: nothing of what it is shown, or each fact in it. */
  readonly summarizer: "notes nothing" | "notes all it is shown";
}

/** What is compared: a window for all of it, one that shortening is enough for, and one that nothing but summaries fit. */
export const tiers: Readonly<Record<string, Pick<SurvivalOptions, "context" | "summarizer">>> = {
  "all is sent": { context: { window: 1_000_000 }, summarizer: "notes nothing" },
  shortened: { context: { window: 110_000, summarizeAt: 1 }, summarizer: "notes nothing" },
  "summarized by a model that notes all": { context: { window: 26_000 }, summarizer: "notes all it is shown" },
  "summarized by a model that notes nothing": { context: { window: 26_000 }, summarizer: "notes nothing" },
};

/** The facts are in the first half of them. */
const steps = 64;

const birds =
  "heron gull tern stork crane egret ibis swan teal coot rail dunlin plover knot snipe curlew loon grebe auk kite";

const facts = birds.split(" ").map((dock, at): Fact => {
  const code = `${dock.length}${at}-${dock.toUpperCase()}-${97 * (at + 3)}`;
  return { dock, code, sentence: `The code of dock ${dock} is ${code}.` };
});

/** In turn: the user says it, a file holds it, a command prints it, the model decides it, a failure tells it. */
const ways = ["said", "read", "printed", "decided", "failed"] as const;

/** Plants twenty facts over a long session and counts which of them are left. */
export async function survivalOf(options: SurvivalOptions): Promise<Survival> {
  await plantFiles(options.cwd);
  const { cwd, branch, context, summarizer } = options;
  let step = 0;
  let summaries = 0;
  let last = "";
  const model = scriptedModel(
    Array.from({ length: 10 * steps }, () => ({ messages }) => {
      const shown = JSON.stringify(messages);
      if (shown.includes("write only the summary")) {
        summaries++;
        const noted = facts.filter(({ sentence }) => shown.includes(sentence)).map(({ sentence }) => sentence);
        return summarizer === "notes nothing" ? "We went from dock to dock." : `We know: ${noted.join(" ")}`;
      }
      last = shown;
      step++;
      return step <= steps ? replyAt(step) : step === steps + 1 ? "Ready." : recallAll(step - steps - 2);
    }),
  );
  await using agent = await Agent.start({ cwd, branch, model, context, permissionMode: "bypassPermissions" });
  for (const { sentence } of factsOf("said")) await agent.run(`Go on. ${sentence}`);
  await agent.run("What are the codes?");
  const sent = facts.filter(({ code }) => last.includes(code)).length;
  const recalled = new Set<string>();
  const onEvent = (event: { readonly type: string; readonly text?: string; readonly id?: string }) => {
    const fact = facts.find(({ dock }) => event.id === `recall-${dock}`);
    if (event.type === "tool-end" && fact !== undefined && event.text?.includes(fact.code)) recalled.add(fact.dock);
  };
  await agent.run("Look them up.", { onEvent });
  return { sent, withRecall: recalled.size, summaries };
}

const factsOf = (way: (typeof ways)[number]) => facts.filter((_, at) => ways[at % ways.length] === way);

const filler = (lines: number, topic: string) =>
  Array.from({ length: lines }, (_, at) => `${topic}, entry ${at + 1}: the tide was as foretold.`);

async function plantFiles(cwd: string): Promise<void> {
  await mkdir(join(cwd, "docks"), { recursive: true });
  const write = (name: string, lines: readonly string[]) =>
    writeFile(join(cwd, "docks", name), `${lines.join("\n")}\n`);
  await write("plain.txt", filler(120, "plain"));
  for (const { dock, sentence } of facts) {
    await write(`${dock}.txt`, [...filler(60, dock), sentence, ...filler(60, dock)]);
  }
}

/** In each turn as many steps as turns share; the facts come in the first half, and plain work follows. */
function replyAt(step: number): ScriptedReply {
  const turns = factsOf("said").length;
  const inTurn = Math.floor(steps / turns);
  if (step % inTurn === 0) return `Turn ${step / inTurn} is done.`;
  const told = facts.filter((_, at) => ways[at % ways.length] !== "said");
  const fact = told[Math.floor(step / 2)];
  if (step % 2 === 0 || fact === undefined)
    return call(step, "Read", { file_path: "docks/plain.txt", offset: 1 + (step % 10) });
  switch (ways[facts.indexOf(fact) % ways.length]) {
    case "read":
      return call(step, "Read", { file_path: `docks/${fact.dock}.txt` });
    case "printed":
      return call(step, "Bash", { command: `cat docks/${fact.dock}.txt` });
    case "failed":
      return call(step, "Bash", { command: `cat docks/${fact.dock}.txt; false` });
    default:
      return call(
        step,
        "Read",
        { file_path: "docks/plain.txt", offset: 1 + (step % 10) },
        `I keep to this: ${fact.sentence}`,
      );
  }
}

function call(step: number, name: string, input: Record<string, unknown>, text = "I look there next."): ScriptedReply {
  return {
    content: [
      { type: "text", text },
      { type: "call", id: `call-${step}`, name, input },
    ],
  };
}

function recallAll(at: number): ScriptedReply {
  if (at > 0) return "There they are.";
  const content = facts.map(({ dock }) => ({
    type: "call" as const,
    id: `recall-${dock}`,
    name: "Recall",
    input: { query: `code dock ${dock}` },
  }));
  return { content };
}
