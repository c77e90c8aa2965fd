import { type FileSettings, hookEvents } from "./settings-schema.ts";

/** Names what a file would run or widen. */
export function widening({ model, retention, permissions, hooks, env, context, sandbox }: FileSettings): string[] {
  const wants: Record<string, boolean> = {
    model: model !== undefined,
    retention: retention !== undefined,
    "allow rules": (permissions?.allow ?? []).length > 0,
    defaultMode: permissions?.defaultMode !== undefined,
    hooks: hookEvents.some((event) => (hooks?.[event] ?? []).length > 0),
    env: Object.keys(env ?? {}).length > 0,
    context: Object.keys(context ?? {}).length > 0,
    "sandbox.network": sandbox?.network === true,
  };
  return Object.keys(wants).filter((each) => wants[each]);
}
