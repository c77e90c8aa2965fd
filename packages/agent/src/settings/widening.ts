import { type FileSettings, hookEvents } from "./settings-schema.ts";

/** Names what a file would run or widen. */
export function widening(settings: FileSettings): string[] {
  return Object.entries(widenings(settings)).flatMap(([name, lines]) => (lines === undefined ? [] : [name]));
}

/** Says what exactly a file would run or widen, a line each. */
export function describeWidening(settings: FileSettings): string[] {
  return Object.entries(widenings(settings)).flatMap(([name, lines = []]) => lines.map((line) => `${name}: ${line}`));
}

/** By name what a file says of it; undefined where that runs and widens nothing. */
function widenings({ model, retention, permissions, hooks, env, context, sandbox }: FileSettings) {
  const variables = Object.entries(env ?? {}).map(([name, value]) => `${name}=${value}`);
  return {
    model: one(model),
    retention: one(retention),
    "allow rules": some((permissions?.allow ?? []).map(({ text }) => text)),
    defaultMode: one(permissions?.defaultMode),
    hooks: hookEvents.some((event) => (hooks?.[event] ?? []).length > 0) ? hookLines(hooks) : undefined,
    env: some(variables),
    context: some(Object.entries(context ?? {}).map(([name, value]) => `${name}=${value}`)),
    "sandbox.network": sandbox?.network === true ? ["true"] : undefined,
  } satisfies Record<string, readonly string[] | undefined>;
}

function one(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value];
}

function some(lines: readonly string[]): readonly string[] | undefined {
  return lines.length === 0 ? undefined : lines;
}

function hookLines(hooks: FileSettings["hooks"]): readonly string[] {
  return hookEvents.flatMap((event) =>
    (hooks?.[event] ?? []).flatMap(({ matcher = "", hooks: commands }) =>
      commands.map(({ command = "" }) => `${event}${matcher === "" ? "" : ` (${matcher})`} runs ${command}`),
    ),
  );
}
