import type { StepsUsage } from "@bough/gitstate";

/** Writes a number of things: `1 turn`, `3 turns`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/** Writes how long ago something was, as coarsely as a person would say it. */
export function age(date: Date, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - date.getTime()) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${counted(Math.floor(seconds / 3600), "hour")} ago`;
  const days = Math.floor(seconds / 86_400);
  if (days < 365) return `${counted(days, "day")} ago`;
  return `${counted(Math.floor(days / 365), "year")} ago`;
}

/** Writes a size, in the unit that suits it: `812 bytes`, `1.5 MB`. */
export function bytes(size: number): string {
  if (size < 1000) return counted(size, "byte");
  const units = ["kB", "MB", "GB"] as const;
  const step = Math.min(Math.floor(Math.log10(size) / 3), units.length);
  return `${(size / 1000 ** step).toFixed(1)} ${units[step - 1]}`;
}

/** Writes US dollars, with more digits the less it is. */
export function dollars(cost: number): string {
  return `$${cost === 0 || cost >= 0.1 ? cost.toFixed(2) : cost.toFixed(4)}`;
}

/** Writes what steps took as far as it is known, or nothing: `gpt-5 · 5.1k in, 311 out · $0.0062`. */
export function spent({ model, usage, cost }: StepsUsage): string {
  const input = usage === undefined ? 0 : usage.input + usage.cacheRead + usage.cacheWrite;
  return [
    model,
    usage === undefined ? undefined : `${tokens(input)} in, ${tokens(usage.output)} out`,
    cost === undefined ? undefined : dollars(cost),
  ]
    .filter((part) => part !== undefined)
    .join(" · ");
}

/** Sums up what steps took, newest first: the newest model, and sums where each part is known. */
export function sumOf(entries: readonly StepsUsage[]): StepsUsage {
  const replied = entries.filter(({ usage }) => usage !== undefined);
  const sum = (key: "input" | "output" | "cacheRead" | "cacheWrite") =>
    replied.reduce((total, { usage }) => total + (usage?.[key] ?? 0), 0);
  return {
    model: entries.find(({ model }) => model !== undefined)?.model,
    usage:
      replied.length === 0
        ? undefined
        : { input: sum("input"), output: sum("output"), cacheRead: sum("cacheRead"), cacheWrite: sum("cacheWrite") },
    cost:
      replied.length === 0 || replied.some(({ cost }) => cost === undefined)
        ? undefined
        : replied.reduce((total, { cost }) => total + (cost ?? 0), 0),
  };
}

/** Writes a number of tokens: `311`, `5.1k`, `2M`. */
export function tokens(count: number): string {
  if (count < 1000) return String(count);
  const [size, unit] = count < 999_950 ? [count / 1000, "k"] : [count / 1_000_000, "M"];
  return `${size.toFixed(size < 99.95 ? 1 : 0).replace(/\.0$/, "")}${unit}`;
}
