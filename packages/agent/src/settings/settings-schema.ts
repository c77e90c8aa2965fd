import * as z from "zod";
import { permissionModes } from "../permissions/modes.ts";
import { parseRule, type Rule } from "../permissions/rule.ts";

/** The moments at which hooks run. */
export const hookEvents = [
  "PreToolUse",
  "PostToolUse",
  "UserPromptSubmit",
  "SessionStart",
  "SessionEnd",
  "Stop",
] as const;

export type HookEvent = (typeof hookEvents)[number];

/** Reads a rule, or says how one is written. */
const rule = z.string().transform((text, context): Rule => {
  const parsed = parseRule(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: 'a rule such as "Bash(npm run test:*)", "Read(./.env)" or "Edit"' });
  return z.NEVER;
});

const pattern = z.string().refine(isPattern, { message: "a regular expression over names of tools" });

const SHARE = "a share of the window, above 0 and up to 1";

const variableName = z.string().regex(/^[A-Za-z_]\w*$/);

const hook = z.strictObject({
  type: z.string(),
  command: z.string().optional(),
  /** In seconds. */
  timeout: z
    .number()
    .positive({ error: "a number of seconds above 0" })
    .max(86_400, { error: "a day at most" })
    .optional(),
});

const hookGroup = z.strictObject({ matcher: pattern.optional(), hooks: z.array(hook) });

const hookGroups = z.array(hookGroup).optional();

const share = z.number().gt(0, { error: SHARE }).lte(1, { error: SHARE }).optional();

/** A file of settings; whatever is not in here is not used. */
export const settingsSchema = z.strictObject({
  $schema: z.string().optional(),
  model: z.string().optional(),
  permissions: z
    .strictObject({
      allow: z.array(rule).optional(),
      ask: z.array(rule).optional(),
      deny: z.array(rule).optional(),
      defaultMode: z.enum(permissionModes).optional(),
    })
    .optional(),
  hooks: z
    .strictObject({
      PreToolUse: hookGroups,
      PostToolUse: hookGroups,
      UserPromptSubmit: hookGroups,
      SessionStart: hookGroups,
      SessionEnd: hookGroups,
      Stop: hookGroups,
    } satisfies Record<HookEvent, typeof hookGroups>)
    .optional(),
  env: z.record(variableName, z.string()).optional(),
  retention: z
    .string()
    .regex(/^\d{1,5}[hdw]$/, { error: 'hours, days or weeks, such as "12h", "30d" or "8w"' })
    .optional(),
  context: z
    .strictObject({
      window: z.int({ error: "a whole number of tokens" }).min(1_000, { error: "1000 tokens at least" }).optional(),
      shortenAt: share,
      summarizeAt: share,
    })
    .optional(),
  sandbox: z.strictObject({ network: z.boolean().optional() }).optional(),
  /** What is behind the text of the terminal, where it cannot be asked. */
  background: z.enum(["dark", "light"]).optional(),
  /** Which keys do what; what can be done with keys is known where they are pressed. */
  keys: z.record(z.string(), z.array(z.string())).optional(),
});

/** What one file of settings says. */
export type FileSettings = z.output<typeof settingsSchema>;

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
