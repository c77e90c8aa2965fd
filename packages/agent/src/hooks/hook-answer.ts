import type { SeparateOutput } from "@bough/sandbox";
import * as z from "zod";
import type { HookEvent } from "../settings/settings-schema.ts";

/** What one hook, or several together, say of a moment. */
export interface HookAnswer {
  /** Of a call; a prompt or an end can only be denied. */
  readonly verdict?: "allow" | "ask" | "deny";
  readonly reason: string;
  /** Takes the place of a call's input. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** What the model is told besides. */
  readonly context: readonly string[];
  /** What the user is told. */
  readonly messages: readonly string[];
  /** Why the whole turn is to end, when it is. */
  readonly stop?: string;
}

/** An answer that says nothing. */
export const noAnswer: HookAnswer = { reason: "", context: [], messages: [] };

const MOST_CONTEXT = 10_000;

const schema = z.object({
  continue: z.boolean().optional(),
  stopReason: z.string().optional(),
  decision: z.enum(["approve", "block"]).optional(),
  reason: z.string().optional(),
  systemMessage: z.string().optional(),
  hookSpecificOutput: z
    .object({
      permissionDecision: z.enum(["allow", "deny", "ask"]).optional(),
      permissionDecisionReason: z.string().optional(),
      updatedInput: z.record(z.string(), z.unknown()).optional(),
      additionalContext: z.string().optional(),
    })
    .optional(),
});

/** Where a hook that fails has not decided what was its to decide, so that the answer is no. */
const DECIDING: ReadonlySet<HookEvent> = new Set(["PreToolUse", "UserPromptSubmit"]);

/** Where what is no JSON is meant for the model. */
const TELLING: ReadonlySet<HookEvent> = new Set(["UserPromptSubmit", "SessionStart", "SubagentStart"]);

/** Reads what came of a hook: exit code 0 answers on standard output, 2 denies, any other is a failure. */
export function readHookAnswer(event: HookEvent, command: string, result: SeparateOutput): HookAnswer {
  const said = clip(result.stderr.trim());
  if (result.status !== "exited") return failure(event, command, result.status.replace("-", " "));
  if (result.code === 2) return refusal(event, said === "" ? `the hook ${command} says no` : said);
  if (result.code !== 0) return failure(event, command, `exit code ${result.code}${said === "" ? "" : `: ${said}`}`);
  const text = result.stdout.trim();
  if (!text.startsWith("{")) return { ...noAnswer, context: TELLING.has(event) && text !== "" ? [clip(text)] : [] };
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return answer(event, parsed.data);
  const [issue] = parsed.error.issues;
  return failure(event, command, `its answer is not right: ${issue?.path.join(".") || "JSON"}: ${issue?.message}`);
}

/** A hook that could not do its work: no where it should decide, a warning elsewhere. */
export function failure(event: HookEvent, command: string, what: string): HookAnswer {
  const text = `the hook ${command} failed (${what})`;
  return DECIDING.has(event) ? { ...noAnswer, verdict: "deny", reason: text } : { ...noAnswer, messages: [text] };
}

/** Adds a later hook's answer: the stricter verdict holds, the later input. */
export function withAnswer(before: HookAnswer, later: HookAnswer): HookAnswer {
  const strictness = ["allow", "ask", "deny"];
  const isStricter = strictness.indexOf(later.verdict ?? "") > strictness.indexOf(before.verdict ?? "");
  const { verdict, reason } = isStricter ? later : before;
  return {
    verdict,
    reason,
    input: later.input ?? before.input,
    context: [...before.context, ...later.context],
    messages: [...before.messages, ...later.messages],
    stop: before.stop ?? later.stop,
  };
}

function refusal(event: HookEvent, reason: string): HookAnswer {
  switch (event) {
    case "PreToolUse":
    case "UserPromptSubmit":
    case "Stop":
    case "SubagentStop":
      return { ...noAnswer, verdict: "deny", reason };
    case "PostToolUse":
      return { ...noAnswer, context: [reason] };
    case "SessionStart":
    case "SubagentStart":
    case "SessionEnd":
      return { ...noAnswer, messages: [reason] };
    default:
      return event satisfies never;
  }
}

function answer(event: HookEvent, said: z.output<typeof schema>): HookAnswer {
  const { decision, reason = "", systemMessage, hookSpecificOutput = {} } = said;
  const { permissionDecision, permissionDecisionReason, updatedInput, additionalContext } = hookSpecificOutput;
  const decided = decision === "block" ? refusal(event, clip(reason) || "a hook says no") : noAnswer;
  const byWord = decision === "approve" && event === "PreToolUse" ? "allow" : decided.verdict;
  return {
    verdict: event === "PreToolUse" ? (permissionDecision ?? byWord) : byWord,
    reason: clip(permissionDecisionReason ?? "") || decided.reason || clip(reason),
    input: event === "PreToolUse" ? updatedInput : undefined,
    context: [...decided.context, ...(additionalContext === undefined ? [] : [clip(additionalContext)])],
    messages: [...decided.messages, ...(systemMessage === undefined ? [] : [clip(systemMessage)])],
    stop: said.continue === false ? clip(said.stopReason ?? reason) || "a hook says so" : undefined,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function clip(text: string): string {
  return text.length <= MOST_CONTEXT ? text : `${text.slice(0, MOST_CONTEXT)}\n[… cut …]`;
}
